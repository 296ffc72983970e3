# SPDX-License-Identifier: GPL-2.0-or-later
# How the guests of persist.sh and persist-dump.sh record with the tracer pstore, and what
# they tell of it; sourced behind lib.sh.
ID=/proc/sys/kernel/random/boot_id
ONLINE=$(cd /sys/devices/system/cpu && ls -d cpu[0-9]* | sed 's/cpu//' | sort -n)

load() {	# on each CPU, so that tasks come, go and move
	local cpu

	for cpu in $ONLINE; do
		on_cpu "$cpu" sh -c 'for i in 1 2 3 4 5 6 7 8; do
			cat /proc/self/stat /proc/version | wc -c; done' >/dev/null &
	done
	wait
	# a module's functions; V is to stop it
	echo V >/dev/watchdog
}

record() {
	echo 0 >$T/tracing_on
	modprobe softdog
	echo 'vfs_read vfs_write do_sys_openat2 softdog_*' >$T/set_ftrace_filter
	echo 1 >$T/events/sched/enable
	echo pstore >$T/current_tracer
	echo 1 >$T/tracing_on
	marker "boot $BOOT begins" $T
	load
	marker "boot $BOOT ends" $T
	echo 0 >$T/tracing_on
}

tell() {
	cat $T/trace | out - $BOOT.top.trace
	mkdir -p $W
	save top $T
	save_formats events/sched events/ftrace
	save_boot
	cat $ID >$W/boot_id
	tar -C $W -c . | out - $BOOT.word.tar
}

found() {	# of what boot $1 recorded
	ls -l /sys/fs/pstore | out - $1.pstore.ls
	cat /sys/fs/pstore/trace-ramoops-0 | out - $1.trace-ramoops-0
	cat $ID | out - $1.next.boot_id
}
