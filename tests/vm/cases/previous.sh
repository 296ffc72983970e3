#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The guest behind the cases about an earlier boot: the first boot records into a
# persistent instance and is reset; the second leaves it as it is, says what it
# has in its own words (OUT/previous.trace), and is dumped.
T=/sys/kernel/tracing
I=$T/instances/boot_map

record() {
	echo 0 >$I/tracing_on
	echo vfs_read vfs_write do_sys_openat2 >$I/set_ftrace_filter
	echo function >$I/current_tracer
	echo 1 >$I/options/stacktrace
	echo 1 >$I/events/sched/sched_process_fork/enable
	echo 1 >$I/tracing_on
	for cpu in 0 1; do
		taskset $((1 << cpu)) sh -c "echo 'words of boot 1, cpu $cpu' >$I/trace_marker"
		taskset $((1 << cpu)) sh -c 'cat /proc/self/stat /proc/version >/dev/null'
	done
	echo 0 >$I/tracing_on
	out - first.trace <$I/trace
}

say() {
	out - previous.trace <$I/trace
	cat $I/last_boot_info | out - last_boot_info
	grep . $I/per_cpu/cpu*/stats | out - previous.stats
	grep -w _text /proc/kallsyms | out - text
	echo 'words of boot 2' >$T/trace_marker
}

if [ "$BOOT" = 1 ]; then
	record
	grep -w _text /proc/kallsyms | out - first.text
	host reset
fi
say
# By the machine: memory for a capture kernel would lie elsewhere where this kernel is
# in its way, and push what is reserved elsewhere, too
modprobe -q qemu_fw_cfg
host dump vmcore elf
