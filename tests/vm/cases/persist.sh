#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The guest behind the cases about the tracer pstore, over two boots in the same RAM.
# Boot 1 records events, functions and markers to the region, stops, tells all in its
# own words and panics; boot 2 hands on what it finds in pstore.
. /root/lib.sh
ONLINE=$(cd /sys/devices/system/cpu && ls -d cpu[0-9]* | sed 's/cpu//' | sort -n)

load() {	# on each CPU, so that tasks come, go and move
	local cpu

	for cpu in $ONLINE; do
		on_cpu "$cpu" sh -c 'for i in 1 2 3 4 5 6 7 8; do
			cat /proc/self/stat /proc/version | wc -c; done' >/dev/null &
	done
	wait
}

record() {
	echo 0 >$T/tracing_on
	echo 'vfs_read vfs_write do_sys_openat2' >$T/set_ftrace_filter
	echo 1 >$T/events/sched/enable
	echo pstore >$T/current_tracer
	echo 1 >$T/tracing_on
	marker 'boot 1 begins' $T
	load
	marker 'boot 1 ends' $T
	echo 0 >$T/tracing_on
}

tell() {
	local file

	cat $T/trace | out - top.trace
	mkdir -p $W
	save top $T
	save_formats events/sched events/ftrace
	save_boot
	cat /proc/sys/kernel/random/boot_id >$W/boot_id
	send_word
}

dmesg | out - dmesg.$BOOT
if [ "$BOOT" = 1 ]; then
	record
	tell
	echo c >/proc/sysrq-trigger
fi
ls -l /sys/fs/pstore | out - pstore.ls
cat /sys/fs/pstore/trace-ramoops-0 | out - trace-ramoops-0
cat /proc/sys/kernel/random/boot_id | out - second.boot_id
