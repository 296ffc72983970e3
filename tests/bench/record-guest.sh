#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What recording costs who records, in turns: trace-cmd as it is (splice), with --nosplice
# (read), with libtracefs' mapped reader, with shim_mmap.so, and pstore-rb record by
# GET_READER and by batch. Two dd copy single bytes; their system calls and the scheduler are
# recorded. The kernel's histograms count for each thread: time, how often it slept, and, in
# round 0, which is for nothing else, system calls. For each run NAME = ROUND.WAY.KB: NAME.pids,
# the recorder's threads, NAME.counts, the histograms, and NAME.stats, the ring's at the end.
T=/sys/kernel/tracing
M=$T/instances/mine
C=$T/instances/count
ROUNDS=5
BYTES=$(sed -n 's/.*\<bytes=\([0-9]*\).*/\1/p' /proc/cmdline)
cd /tmp

# As the command that is recorded; the recorder's threads or children are there by then
if [ "$1" = during ]; then
	{
		ls /proc/$PPID/task
		grep -ls "^PPid:[[:space:]]*$PPID\$" /proc/[0-9]*/status | cut -d / -f 3
	} | grep -vxe $PPID -e $$ >pids
	for cpu in 0 1; do
		taskset $((1 << cpu)) dd if=/dev/zero of=/dev/null bs=1 count=$BYTES 2>/dev/null &
	done
	wait
	echo 0 >$M/tracing_on
	cat $M/per_cpu/cpu*/stats >stats
	exit
fi

during="bash /guest/script during"
events="-e raw_syscalls -e sched"

trace_cmd() {	# trace_cmd KB PRELOADED OPTION...
	LD_PRELOAD=$2 trace-cmd record -q -o t.dat "${@:3}" -B mine -p nop $events -b $1 $during
}

record() {	# record KB WAY
	/root/pstore-rb record -p nop $events -B mine -b $1 -o t.dat -w $2 -- $during
}

once() {	# once WAY KB
	case $1 in
	splice)		trace_cmd $2 "" ;;
	read)		trace_cmd $2 "" --nosplice ;;
	libtracefs)	trace_cmd $2 /root/mapped.so ;;
	shim)		trace_cmd $2 /root/shim_mmap.so ;;
	mmap|batch)	record $2 $1 ;;
	esac >said 2>&1 || cat said
	rm -rf t.dat*
}

# A histogram is emptied when it is made anew
histogram() {	# histogram EVENT TEXT
	echo "!hist:$2" >$C/events/$1/trigger 2>/dev/null
	[ -n "$3" ] || echo "hist:$2" >$C/events/$1/trigger
}

histograms() {	# histograms ROUND [off]
	histogram sched/sched_stat_runtime keys=pid:vals=runtime:size=4096 $2
	histogram sched/sched_switch 'keys=prev_pid:size=4096 if prev_state != 0' $2
	[ $1 != 0 ] || histogram raw_syscalls/sys_enter keys=common_pid:size=4096 $2
}

counted() {	# counted NAME
	for event in sched/sched_stat_runtime sched/sched_switch raw_syscalls/sys_enter; do
		sed "s,^,$event ," $C/events/$event/hist
	done | grep '{' >$1.counts
	mv pids $1.pids
	mv stats $1.stats
	grep bytes said >$1.said
}

mkdir $C
for round in $(seq 0 $ROUNDS); do
	for kb in 64 1024 20480; do
		for way in splice read libtracefs shim mmap batch; do
			histograms $round
			once $way $kb
			counted $round.$way.$kb
			histograms $round off
		done
	done
	tar -c $round.* | out - runs.$round.tar
done
