#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The one guest behind most cases: every kind of trace buffer, stopped; then the
# kernel's own word about each (OUT/word.tar, OUT/top.trace); then a panic.
#
# Made for 5 CPUs and maxcpus=2: 2 never comes up, 3 and 4 come up late; other
# numbers do too. The buffers: top (wrapped, 64 MiB), and below instances/
#   boot_map	persistent, from the kernel's command line
#   quiet	one marker a CPU, made before CPUs 3 and 4 came up
#   big		sub-buffers of 64 KiB
#   snap	with a snapshot, taken amid the load
#   consumed	wrapped, then read in part: CPUs 0 and 1 as text, CPU 3 by two
#		whole raw sub-buffers, CPU 4 by a part of one
#   full	does not overwrite, so that events are dropped
#   functions	the function tracer on a few functions
#   stacks	kernel and user stacks behind events
#   wide	every event the kernel has, for a moment
#   odd		markers, raw markers, probes, a synthetic event, a module's event
#   empty	nothing
#   clock-NAME	one for every clock the kernel offers
T=/sys/kernel/tracing
I=$T/instances
W=/tmp/word
# all that there can be but CPU 2
ONLINE=$(cd /sys/devices/system/cpu && ls -d cpu[0-9]* | sed 's/cpu//; /^2$/d' | sort -n)
NR=$(echo "$ONLINE" | wc -l)

set_to() {	# set_to VALUE FILE...
	local value=$1 file

	shift
	for file; do echo "$value" >"$file"; done
}

on_cpu() {	# on_cpu N COMMAND...
	local mask

	mask=$(printf %x $((1 << $1)))
	shift
	taskset "$mask" "$@"
}

marker() {	# marker TEXT DIRECTORY...: one on every CPU
	local cpu dir text=$1

	shift
	for dir; do
		for cpu in $ONLINE; do
			on_cpu "$cpu" sh -c "echo '$text, cpu $cpu' >$dir/trace_marker"
		done
	done
}

# ---- buffers and what they record ------------------------------------------

make_instances() {
	mkdir $I/quiet
	for cpu in $ONLINE; do
		[ $cpu -lt 2 ] || set_to 1 /sys/devices/system/cpu/cpu$cpu/online
	done
	mkdir $I/{big,snap,consumed,full,functions,stacks,wide,odd,empty}
	for clock in $(tr -d '[]' <$T/trace_clock); do
		mkdir $I/clock-$clock
		echo $clock >$I/clock-$clock/trace_clock
		echo 64 >$I/clock-$clock/buffer_size_kb
	done
	set_to 0 $T/tracing_on $I/*/tracing_on
}

set_sizes() {
	echo $((65536 / NR)) >$T/buffer_size_kb
	echo mono >$I/quiet/trace_clock
	echo 64 >$I/big/buffer_subbuf_size_kb
	echo 4096 >$I/big/buffer_size_kb
	echo 512 >$I/snap/buffer_size_kb
	echo global >$I/snap/trace_clock
	set_to 1024 $I/stacks/buffer_size_kb
	set_to $((4096 / NR)) $I/{consumed,functions}/buffer_size_kb
	echo 64 >$I/full/buffer_size_kb
	echo 0 >$I/full/options/overwrite
	echo 2048 >$I/wide/buffer_size_kb
}

set_events() {
	set_to 1 $T/events/{sched,irq,syscalls}/enable
	set_to 1 $I/big/events/{sched,timer,irq,rcu}/enable
	set_to 1 $I/{snap,consumed,full,boot_map}/events/sched/enable
	set_to 1 $I/consumed/events/syscalls/sys_enter_{openat,close,write}/enable
	set_to 1 $I/clock-*/events/sched/sched_switch/enable
	set_to 1 $I/stacks/options/{stacktrace,userstacktrace}
	set_to 1 $I/stacks/events/sched/sched_{waking,process_fork}/enable
	set_to 1 $I/wide/events/enable
	echo vfs_read vfs_write do_sys_openat2 >$I/functions/set_ftrace_filter
	echo function >$I/functions/current_tracer
}

set_odd() {
	local wake='hist:keys=pid:ts0=common_timestamp.usecs'
	local switch='hist:keys=next_pid:us=common_timestamp.usecs-$ts0'

	echo 'p:probes/openat do_sys_openat2 dfd=%di:s32 name=+0(%si):ustring' >$T/kprobe_events
	echo 'r:probes/opened do_sys_openat2 fd=$retval:s64' >>$T/kprobe_events
	echo 's:latency u64 us; pid_t pid; char comm[16]' >>$T/dynamic_events
	echo "$wake if comm==\"sleep\"" >$I/odd/events/sched/sched_waking/trigger
	echo "$switch:onmatch(sched.sched_waking).trace(latency,\$us,next_pid,next_comm)" \
		>$I/odd/events/sched/sched_switch/trigger
	set_to 1 $I/odd/events/{probes,synthetic}/enable
	modprobe fuse && echo 1 >$I/odd/events/fuse/enable
}

# ---- what there is to record -----------------------------------------------

load() {
	on_cpu "$1" sh -c "
		dd if=/dev/zero of=/dev/null bs=1 count=$((600000 / NR))
		for n in \$(seq 40); do ls -lR $T/options /proc/self; done
		dd if=/dev/zero of=/dev/null bs=1 count=$((320000 / NR))" >/dev/null 2>&1
}

odd_events() {
	local cpu

	for cpu in $ONLINE; do
		on_cpu $cpu sleep 0.1
		on_cpu $cpu cat /proc/self/stat /nonexistent >/dev/null 2>&1
		on_cpu $cpu sh -c "printf '\1\0\0\0raw words of cpu $cpu' >$I/odd/trace_marker_raw"
	done
	printf '%0900d' 7 >$I/odd/trace_marker
	printf 'without its newline' >$I/odd/trace_marker
	exec 5<>/dev/fuse
	mkdir /tmp/mnt
	mount -i -t fuse -o fd=5,rootmode=40000,user_id=0,group_id=0 none /tmp/mnt
	echo "module event: $(grep -c fuse_request $I/odd/trace)"
	exec 5<&-
	umount -l /tmp/mnt
}

record() {
	local cpu

	set_to 1 $I/wide/tracing_on
	ls -lR /sys/kernel/tracing/options /proc/self >/dev/null
	echo words >/tmp/file && sync && cp /tmp/file /tmp/copy && rm /tmp/file /tmp/copy
	set_to 0 $I/wide/tracing_on $I/wide/events/enable

	set_to 1 $T/tracing_on $I/[!w]*/tracing_on
	odd_events
	set_to 0 $I/odd/tracing_on $I/odd/events/enable
	marker "quiet words" $I/quiet $I/clock-*
	marker "before the snapshot" $I/snap
	for cpu in $ONLINE; do load $cpu & done
	sleep 3
	echo 1 >$I/snap/snapshot
	marker "after the snapshot" $I/snap
	wait
	marker "last words" $T $I/boot_map
	set_to 0 $T/tracing_on $I/*/tracing_on
}

consume() {
	local dir=$I/consumed/per_cpu

	for cpu in 0 1; do
		timeout 5 dd bs=2000 count=3 if=$dir/cpu$cpu/trace_pipe
	done
	[ $NR -ge 4 ] || return
	timeout 5 dd bs=4096 count=2 if=$dir/cpu3/trace_pipe_raw
	timeout 5 dd bs=1500 count=1 if=$dir/cpu4/trace_pipe_raw
} >/dev/null 2>&1

# ---- the kernel's own word -------------------------------------------------

stats_of() {	# stats_of DIRECTORY FILE
	local cpu

	for cpu in "$1"/per_cpu/cpu*; do
		sed "s/^/${cpu##*/} /" $cpu/$2
	done
}

save() {	# save NAME DIRECTORY
	mkdir -p $W/$1
	[ $1 = top ] || cat $2/trace >$W/$1/trace
	grep . $2/per_cpu/cpu*/stats | sed 's,.*/per_cpu/\(.*\)/stats:,\1 ,' >$W/$1/stats
	cat $2/trace_clock >$W/$1/clock
	cat $2/buffer_subbuf_size_kb >$W/$1/subbuf_kb
}

save_formats() {
	(cd $T && find events -name format -o -name header_page -o -name header_event) |
		while read -r file; do
			mkdir -p $W/${file%/*}
			cat $T/$file >$W/$file
		done
}

save_all() {
	local dir file

	out - top.trace <$T/trace &
	save top $T
	for dir in $I/*; do save ${dir##*/} $dir; done
	mkdir $W/snap.snapshot
	cat $I/snap/snapshot >$W/snap.snapshot/trace
	for file in saved_cmdlines printk_formats; do cat $T/$file >$W/$file; done
	for file in kallsyms modules cmdline; do cat /proc/$file >$W/$file; done
	uname -snrm >$W/uname
	echo $ONLINE >$W/cpus
	save_formats
	wait
	tar -C $W -c . | out - word.tar
	rm -r $W
}

make_instances
set_sizes
set_events
set_odd
echo "events are set"; cat /proc/uptime
record
consume
echo "load is done"; cat /proc/uptime
save_all
echo "all saved"; cat /proc/uptime
echo c >/proc/sysrq-trigger
