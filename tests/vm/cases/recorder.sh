#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A guest in which something happens to whoever records: pstore-rb record, and trace-cmd with
# mapped rings. Writers count in trace_marker, one bound to each CPU, in lines WRITERNUMBER of
# 3 and 16 digits. What was said stands in said.NAME, exit statuses in "statuses"; what the
# kernel said to who tried something, in tried.NAME. stopped=N on the kernel's command line:
# for so many seconds the reader stands still.
T=/sys/kernel/tracing
I=$T/instances
M=$I/mine
R=/root/pstore-rb
MANY=40000
cd /tmp

# count DIRECTORY FROM TO: all writers at once
count() {
	local cpu

	for cpu in $(seq 0 $(($(nproc --all) - 1))); do
		seq $2 $3 | awk -v cpu=$cpu '{ printf "%03d%016d\n", cpu, $1 }' >numbers.$cpu
	done
	for cpu in $(seq 0 $(($(nproc --all) - 1))); do
		taskset $(printf %x $((1 << cpu))) \
			dd if=numbers.$cpu of=$1/trace_marker bs=20 2>/dev/null &
	done
	wait
}

children_of() {
	grep -ls "^PPid:[[:space:]]*$1\$" /proc/[0-9]*/status | cut -d / -f 3
}

try() {	# try NAME COMMAND: what becomes of it
	bash -c "$2" >>tried.$1 2>&1
	echo "status $?" >>tried.$1
}

# What is in the files by now
written() {
	cat $name.dat.cpu* $name.dat.raw.*/instances/mine/per_cpu/cpu*/trace_pipe_raw 2>/dev/null | wc -c
}

during_killed() {
	count $1 1 $MANY &
	until [ $(written) -gt 400000 ]; do sleep 0.1; done
	kill -KILL $readers
	wait
}

during_stopped() {
	count $1 1 3000
	sleep 1
	kill -STOP $readers
	count $1 3001 23000
	sleep $(sed -n 's/.*\<stopped=\([0-9]*\).*/\1/p' /proc/cmdline)
	kill -CONT $readers
	sleep 1
	count $1 23001 26000
}

during_unplugged() {
	local cpu=/sys/devices/system/cpu/cpu1/online

	count $1 1 $MANY &
	# who is not on it yet cannot get there later
	until grep -q '^\(entries\|read events\): [1-9]' $1/per_cpu/cpu1/stats; do sleep 0.1; done
	echo 0 >$cpu
	sleep 1
	echo 1 >$cpu
	wait
	count $1 $((MANY + 1)) $((MANY + 2000))
}

# Whoever writes to trace_marker while it is off, if only for a moment, fails
busy() {	# busy COMMAND DIRECTORY: amid system calls
	local cpu

	count $2 1 2000
	for cpu in $(seq 0 $(($(nproc --all) - 1))); do
		taskset $(printf %x $((1 << cpu))) \
			dd if=/dev/zero of=/dev/null bs=1 count=50000 2>/dev/null &
	done
	sleep 0.3
	$1 $2
	wait
	count $2 2001 4000
}

toggle() {
	local i

	for i in 1 2 3 4 5 6 7 8; do
		echo 0 >$1/tracing_on
		sleep 0.1
		echo 1 >$1/tracing_on
		sleep 0.1
	done
}

resize() {
	try $name "echo 300 >$1/buffer_size_kb"
	try $name "echo 8 >$1/buffer_subbuf_size_kb"
}

remove() {
	try $name "rmdir $1"
}

during_toggled() {
	busy toggle $1
}

during_resized() {
	busy resize $1
}

during_removed() {
	busy remove $1
}

during_refused() {
	count $1 1 2000
}

during_full() {
	count $1 1 5000
	sleep 2
	dd if=/dev/zero of=small/rest bs=1k 2>/dev/null
	count $1 5001 $MANY
}

# As the command that is recorded: $PPID is the recorder, trace-cmd has others for CPUs
if [ "$1" = during ]; then
	name=$4
	readers="$PPID $(children_of $PPID | grep -vx $$)"
	during_$2 $3
	touch done.$name
	exit
fi

# step NAME COMMAND...: its status, and what it says
step() {
	local name=$1

	shift
	"$@" >said.$name 2>&1
	echo "$name $?" >>statuses
	out said.$name
}

record() {	# record WHAT OPTION...
	local name=rec.$1 what=$1

	shift
	step $name $R record -v -p nop -B mine -o $name.dat "$@" -- \
		bash /guest/script during $what $M $name
	[ ! -e $name.dat ] || out $name.dat
}

# trace-cmd NAME DIRECTORY OPTION...
shim() {
	local name=shim.$1 what=$1 dir=$2

	shift 2
	step $name /root/trace-cmd-mmap -V record -q -o ${file:-$name.dat} "$@" -p nop \
		bash /guest/script during $what $dir $name
	[ ! -e $name.dat ] || out $name.dat
}

each() {	# each WHAT OPTION...
	record "$@"
	shim $1 $M -B mine "${@:2}"
}

trace-cmd --version 2>&1 | grep version | out - trace-cmd.version
each stopped -b 64
each unplugged -b 8192
each toggled -b 64 -e raw_syscalls
each resized -b 64 -e raw_syscalls
each removed -b 64 -e raw_syscalls
out tried.*

# A ring whose snapshots are armed, for what never happens here, cannot be mapped
mkdir $M
trigger=$M/events/oom/mark_victim/trigger
try armed "echo snapshot >$trigger"
out tried.armed
record refused -b 256
step rec.mmap $R record -v -w mmap -p nop -B mine -o never.dat -- true
step rec.batch $R record -v -w batch -p nop -B mine -o never.dat -- true
shim refused $M -B mine -b 256

# Its command goes on then
killed() {	# killed NAME DIRECTORY
	until [ -e done.$1 ]; do sleep 0.2; done
	try $1 "echo 128 >$2/buffer_size_kb"
	out tried.$1
}

record killed -b 64
killed rec.killed $M
try rec.killed.rmdir "rmdir $M"
out tried.rec.killed.rmdir
step rec.killed.report $R report rec.killed.dat.raw.*
step rec.killed.convert $R convert rec.killed.dat.raw.* -o killed.dat
out killed.dat
# (trace-cmd restore is of the top-level ring)
shim killed $T -b 64
killed shim.killed $T
step shim.killed.restore trace-cmd restore -o restored.dat shim.killed.dat.cpu?
out restored.dat
echo 1 >$T/tracing_on

# A disk of 1.5 MiB
small() {
	mkdir -p small
	mount -t tmpfs -o size=20m none small
	dd if=/dev/zero of=small/fill bs=1k count=1500 2>/dev/null
}
small
step rec.full $R record -v -p nop -B mine -b 64 -o small/full.dat -- \
	bash /guest/script during full $M rec.full
rm small/fill small/rest
step rec.full.report $R report small/full.dat.raw
umount small
small
file=small/full.dat shim full $T -b 64
rm -f small/fill small/rest
ls -A small | out - full.ls
step shim.full.restore trace-cmd restore -o full.dat small/full.dat.cpu?
[ ! -e full.dat ] || out full.dat
umount small

out statuses
dmesg | out - dmesg
