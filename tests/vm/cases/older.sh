#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A guest with room for two recordings, in each boot of which two are made in another way;
# the next one hands on what is in pstore then, N.trace-ramoops-0.
. /root/lib.sh

markers() {	# markers WORD: numbers tell that none is missing
	local n

	for n in $(seq 200); do echo "$1 $n" >$T/trace_marker; done
}

record() {	# record WORD: functions and markers, from start to stop
	echo 0 >$T/tracing_on
	echo vfs_open >$T/set_ftrace_filter
	echo pstore >$T/current_tracer
	echo 1 >$T/tracing_on
	markers "$1"
	cat /proc/version >/dev/null
	echo nop >$T/current_tracer
}

# record empties the trace at its start and its end, and takes away what is recorded
by_record() {
	declare -f markers >/tmp/markers
	trace-cmd record -q -o /tmp/recorded.dat -p pstore -l vfs_open bash -c "
		T=$T; . /tmp/markers; markers recorded" >/tmp/said 2>&1
	out /tmp/said
	cat $T/current_tracer | out - recorded.tracer
	trace-cmd clear
}

refused() {	# refused WHAT COMMAND...
	"${@:2}" 2>/dev/null && echo "$1 is not refused"
}

# What cannot be kept is not emptied; the ring that is emptied twice is empty the second time
by_clear() {
	trace-cmd start -p pstore -l vfs_open >/dev/null 2>&1
	markers cleared
	exec 3<$T/trace_pipe
	refused "a ring that is read" eval "echo >$T/trace"
	refused "a clock, meanwhile" eval "echo mono >$T/trace_clock"
	exec 3<&-
	for cpu in $T/per_cpu/cpu*; do
		grep -q "cleared " $cpu/trace && refused "a CPU alone" eval "echo >$cpu/trace"
	done
	trace-cmd stop
	grep -c "cleared " $T/trace
	trace-cmd clear
	trace-cmd clear
	grep -c "cleared " $T/trace
	cat $T/current_tracer
	trace-cmd restart
	markers after
}

count() {
	local n=0

	exec 3>$T/trace_marker 2>/dev/null	# it fails while a ring is emptied
	while :; do
		n=$((n + 1))
		echo "number $n" >&3
	done
}

# A reader that pauses it and a CPU that is left out find the ring that is there when they
# are done
hand_over() {
	echo 1 >$T/options/pause-on-trace
	exec 4<$T/trace
	echo >$T/trace
	exec 4<&-
	echo 0 >$T/options/pause-on-trace
	echo 7 >$T/tracing_cpumask
	echo >$T/trace
	echo f >$T/tracing_cpumask
}

# Writers on all CPUs, a reader and NMIs do not stop for it. At last the clock is changed,
# which empties a ring, too.
amid_writers() {
	local cpu i nmis

	echo 'vfs_write vfs_open' >$T/set_ftrace_filter
	echo 1 >$T/events/nmi/enable
	echo 1 >$T/events/sched/enable
	echo pstore >$T/current_tracer
	for cpu in 0 1 2 3; do
		on_cpu $cpu bash -c "$(declare -f count); T=$T; count" &
	done
	sleep 1
	hand_over
	(while :; do cat $T/trace >/dev/null; done) &
	for i in $(seq 12); do
		sleep 0.$((RANDOM % 5 + 1))
		echo >$T/trace
		[ $i = 9 ] || continue
		host nmis 10 &
		nmis=$!
	done
	sleep 1
	echo mono >$T/trace_clock
	wait $nmis
}

dmesg | out - $BOOT.dmesg
[ $BOOT = 1 ] || cat /sys/fs/pstore/trace-ramoops-0 | out - $((BOOT - 1)).trace-ramoops-0
case $BOOT in
1)	record first
	record second
	record third ;;
2)	by_record ;;
3)	by_clear 2>&1 | out - clear.said ;;
4)	amid_writers
	dmesg | out - writers.dmesg ;;
5)	exit ;;
esac
host reset
sleep 60
