#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A guest that is recorded: by pstore-rb record in all its ways, and by trace-cmd with
# rings read through shim_mmap.so. On every CPU a writer counts in trace_marker, as fast
# as dd goes: in each recording every number must be there or among those that a mark
# tells to be lost. What was said stands in said.NAME, exit statuses in "statuses".
T=/sys/kernel/tracing
I=$T/instances
R=/root/pstore-rb
NUMBERS=${NUMBERS:-12000}
cd /tmp

seq 1 "$NUMBERS" | awk '{ printf "%019d\n", $1 }' >numbers
cat >count.sh <<'END'
for cpu in $(seq 0 $(($(nproc) - 1))); do
	taskset $(printf %x $((1 << cpu))) dd if=/tmp/numbers of=$1/trace_marker bs=20 2>/dev/null &
done
wait
END

# step NAME COMMAND...: its status, and what it says
step() {
	local name=$1

	shift
	"$@" >said.$name 2>&1
	echo "$name $?" >>statuses
	out said.$name
}

record() {	# record NAME OPTION...
	local name=$1

	shift
	step $name $R record -v -p nop -B mine -o $name.dat "$@" -- bash count.sh $I/mine
	[ ! -e $name.dat ] || out $name.dat
	ls $I >>instances
}

# Rings so small that they overflow, and those that do not
for kb in 8 256; do
	record batch.$kb -w batch -b $kb
	record mmap.$kb -w mmap -b $kb
	record read.$kb -w read -b $kb
done
record best
record last -b 256 --max-kb 40

# Events of all kinds, by many tasks
step busy $R record -e sched -e raw_syscalls -e irq -e timer -B mine -b 64 -o busy.dat -- \
	bash -c 'for i in $(seq 40); do ls /sys >/dev/null; done; dd if=/dev/zero of=/dev/null bs=1 count=20000'
out busy.dat

# Settings of the top-level ring are put back
settings() {
	(cd $T && grep . current_tracer set_event buffer_size_kb tracing_on)
}
echo 700 >$T/buffer_size_kb
echo sched:sched_switch >$T/set_event
echo irq:irq_handler_entry >>$T/set_event
# (of one function: all of them take minutes)
if grep -qw function $T/available_tracers; then
	echo schedule >$T/set_ftrace_filter
	echo function >$T/current_tracer
fi
settings | out - before
step top $R record -p nop -e timer -b 300 -o top.dat -- sleep 1
settings | out - after
out top.dat
step nothing $R record -e no_such_system -o never.dat -- true
step tracer $R record -p no_such_tracer -o never.dat -- true
settings | out - after.failed
echo nop >$T/current_tracer
echo >$T/set_event

# SIGTERM, as Ctrl-C (a shell makes its background jobs ignore SIGINT)
$R record -p nop -B mine -o stopped.dat >said.stopped 2>&1 &
# (it is on when the instance is made, then off until all is ready)
until ls stopped.dat.raw.*/instances/mine/per_cpu/cpu1/trace_pipe_raw &&
	[ "$(<$I/mine/tracing_on)" = 1 ]; do sleep 0.2; done >/dev/null 2>&1
bash count.sh $I/mine
kill -TERM $!
wait $!
echo "stopped $?" >>statuses
out said.stopped stopped.dat

# Looking on, until there is nothing more
mkdir $I/mine
echo 4096 >$I/mine/buffer_size_kb
$R report --follow -b mine >followed 2>said.followed &
until grep -q clock followed; do sleep 0.2; done
bash count.sh $I/mine
# (whoever waits for all numbers would wait for ever where one is lost)
still=0
until [ $still = 10 ]; do
	lines=$(wc -l <followed)
	sleep 0.5
	still=$((still + 1))
	[ "$(wc -l <followed)" = "$lines" ] || still=0
done
kill -TERM $!
wait $!
echo "followed $?" >>statuses
out followed said.followed
rmdir $I/mine

# A disk of 1.5 MiB
mkdir small
mount -t tmpfs -o size=20m none small
dd if=/dev/zero of=small/fill bs=1k count=1500 2>/dev/null
step full $R record -p nop -B mine -b 64 -o small/full.dat -- \
	bash -c 'dd if=/dev/zero of=/tmp/small/fill2 bs=1k 2>/dev/null; bash count.sh '$I/mine
ls -A small | out - full.ls
rm small/fill small/fill2
step full.report $R report small/full.dat.raw
step full.convert $R convert small/full.dat.raw -o full.dat
out full.dat

# ---- trace-cmd, its rings mapped -------------------------------------------------

shim() {	# shim TRACE-CMD ARGUMENT...
	local library=

	[ $1 = trace-cmd ] || library=/root/old
	PATH=$library:$PATH LD_LIBRARY_PATH=$library /root/trace-cmd-mmap -V "${@:2}"
}

traced() {	# traced NAME TRACE-CMD OPTION...
	step $1 shim $2 record "${@:3}" -q -p nop -B mine -b 64 -o $1.dat bash count.sh $I/mine
	[ ! -e $1.dat ] || out $1.dat
}

trace-cmd --version 2>&1 | grep version | out - trace-cmd.version
traced shim.file trace-cmd
traced shim.nosplice trace-cmd --nosplice
traced shim.last trace-cmd -m 40
[ ! -e /root/old/trace-cmd ] || traced shim.old /root/old/trace-cmd
# into a pipe: what is printed are lines
step shim.pipe shim trace-cmd stream -p nop -B mine -b 64 bash count.sh $I/mine
# what it starts has the environment that it was started with
step shim.environment shim trace-cmd record -q -p nop -o /tmp/never.dat bash -c \
	'echo "preload is <$LD_PRELOAD$TRACE_CMD_MMAP_PRELOAD>"'
rmdir $I/mine 2>/dev/null
out statuses instances
