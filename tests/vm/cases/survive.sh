#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A guest that dies again and again while all its CPUs record with the tracer pstore:
# functions, events, and a writer on each CPU that counts. Each boot hands on first what
# pstore has of the one before, N.*. The kernel's command line says seed=, of which come
# the moments and the ways, N.end, and deaths=, how many there are.
. /root/lib.sh
ONLINE=$(seq 0 $(($(nproc) - 1)))

from_cmdline() {
	sed -n "s/.*\<$1=\([0-9]*\).*/\1/p" /proc/cmdline
}

found() {	# of boot $1
	cat /sys/fs/pstore/trace-ramoops-0 | out - $1.trace-ramoops-0
}

count() {
	local n=0

	exec 3>$T/trace_marker
	while :; do
		n=$((n + 1))
		echo "number $n" >&3
	done
}

record() {
	local cpu

	echo 1 >$T/events/sched/enable
	echo pstore >$T/current_tracer
	for cpu in $ONLINE; do
		on_cpu $cpu bash -c "$(declare -f count); T=$T; count" &
	done
}

busy_for_ever() {
	local cpu

	echo -1 >/proc/sys/kernel/sched_rt_runtime_us
	for cpu in $ONLINE; do
		on_cpu $cpu chrt -f 99 sh -c 'while :; do :; done' &
	done
}

die() {	# die HOW SECONDS
	case $1 in
	reset)	host after $2 reset || exit 1 ;;
	hang)	host after $((${2%.*} + 6)).5 reset || exit 1
		sleep $2
		busy_for_ever ;;
	panic)	sleep $2
		echo c >/proc/sysrq-trigger ;;
	triple-fault)
		echo triple >/sys/kernel/reboot/type
		sleep $2
		echo b >/proc/sysrq-trigger ;;
	esac
	sleep 120
}

[ $BOOT = 1 ] || found $((BOOT - 1))
[ $BOOT -le "$(from_cmdline deaths)" ] || exit 0
RANDOM=$(($(from_cmdline seed) * 1000 + BOOT))
ways=(reset reset reset panic triple-fault hang)
way=${ways[RANDOM % ${#ways[@]}]}
seconds=$((RANDOM % 5 + 1)).$((RANDOM % 900 + 100))
echo "$way $seconds $(</proc/sys/kernel/random/boot_id)" | out - $BOOT.end
record
die $way $seconds
exit 1
