#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What tracing costs a pipe: nothing traced, pstore/ftrace, and where the kernel has the
# tracer pstore, that and the function tracer with the same memory; into `rates`, a line
# each: MODE BYTES SECONDS. With what=calls on the kernel's command line what a traced
# call costs, in a guest whose time is its instructions: by that time, into `calls`,
# ROUND MODE CALLS SECONDS, and by its instructions themselves, steps.MODE, of a function
# that calls its tracer at `site`; steps.interrupt is of one that timers call, at
# `site.interrupt`.
T=/sys/kernel/tracing
MAINLINE=/sys/kernel/debug/pstore/record_ftrace
CALLS=100000
STEPPED=600
INTERRUPTS=200

from_cmdline() {
	sed -n "s/.*\<$1=\([a-z0-9]*\).*/\1/p" /proc/cmdline
}

seconds_of() {	# seconds_of COMMAND...
	local start=$EPOCHREALTIME

	"$@"
	awk -v a="$start" -v b="$EPOCHREALTIME" 'BEGIN { printf "%.6f\n", b - a }'
}

pipe() {	# pipe BLOCKS
	dd if=/dev/zero bs=512 count=$1 2>/dev/null | dd of=/dev/null bs=512 2>/dev/null
}

start() {
	case $1 in
	mainline)	echo 1 >$MAINLINE ;;
	function|pstore)
		echo $1 >$T/current_tracer
		echo 1 >$T/tracing_on ;;
	stopped)
		echo pstore >$T/current_tracer
		echo 0 >$T/tracing_on ;;
	esac
}

stop() {
	echo 0 >$MAINLINE
	echo nop >$T/current_tracer
}

blocks_of() {	# a second or two of each
	case $1 in
	nothing)	echo 300000 ;;
	mainline)	echo 30000 ;;
	*)	echo 60000 ;;
	esac
}

measure_rates() {
	local mode blocks cached

	# the first time is for caches to get warm
	for cached in '' yes; do
		for mode in "$@"; do
			blocks=$(blocks_of $mode)
			start $mode
			echo "$cached" $mode $((blocks * 512)) $(seconds_of pipe $blocks)
			[ $mode != pstore ] || [ -z "$cached" ] || history
			stop
		done
	done | sed -n 's/^yes //p' | out - rates
}

# What the region holds after such a load: CPU EVENTS SECONDS
history() {
	local cpu

	echo 0 >$T/tracing_on
	for cpu in $T/per_cpu/cpu*; do
		awk -v cpu=${cpu##*cpu} -F': *' '
			$1 == "entries" { entries = $2 }
			$1 == "oldest event ts" { oldest = $2 }
			$1 == "now ts" { now = $2 }
			END { printf "%d %d %.6f\n", cpu, entries, now - oldest }' $cpu/stats
	done >>/tmp/history
}

# One function, called once for each byte
measure_calls() {
	local round mode

	for round in 0 1 2 3 4 5; do
		for mode in nothing function pstore stopped; do
			start $mode
			echo $round $mode $CALLS $(seconds_of dd if=/dev/zero of=/dev/null bs=1 \
				count=$CALLS 2>/dev/null)
			stop
		done
	done | grep -v '^0 ' | out - calls
}

step_calls() {
	local mode

	grep ' vfs_read$' $T/available_filter_functions_addrs | out - site
	for mode in function pstore stopped; do
		start $mode
		host steps steps.$mode
		dd if=/dev/zero of=/dev/null bs=1 count=$STEPPED 2>/dev/null
		host steps-end
		stop
	done
}

# A task that sleeps is woken up by a timer's interrupt.
step_interrupts() {
	grep ' hrtimer_wakeup$' $T/available_filter_functions_addrs | out - site.interrupt
	mkfifo /tmp/silence
	exec 3<>/tmp/silence
	start pstore
	host steps steps.interrupt
	for _ in $(seq $INTERRUPTS); do
		read -r -t 0.001 -u 3
	done
	host steps-end
	stop
}

stop
if ! grep -qw pstore $T/available_tracers; then
	measure_rates nothing mainline
	exit
fi
echo pstore >$T/current_tracer || exit
size=$(<$T/buffer_size_kb)
echo nop >$T/current_tracer
echo "${size%% *}" >$T/buffer_size_kb
if [ "$(from_cmdline what)" = calls ]; then
	echo vfs_read >$T/set_ftrace_filter
	measure_calls
	step_calls
	echo hrtimer_wakeup >$T/set_ftrace_filter
	step_interrupts
else
	measure_rates nothing mainline function pstore
	out /tmp/history
fi
