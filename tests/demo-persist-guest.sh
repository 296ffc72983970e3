# SPDX-License-Identifier: GPL-2.0-or-later
# What happens in the guest of tests/demo-persist: a nightly job is traced with the tracer
# pstore, functions, events, and what it says. It finds a bad disk, and the machine panics.
# guest.trace is the trace as the kernel itself printed it before. After the reboot the
# next kernel hands on what it has in pstore.
T=/sys/kernel/tracing

say() {
	echo "backup: $*" >$T/trace_marker
}

backup() {
	local n

	printf backup >/proc/self/comm
	for n in {1..40}; do
		say "file $n of 40"
		cat /proc/kallsyms | head -c 20000 | wc -c >/dev/null
	done
	say "file 41: input/output error, stopping the machine"
}

if [ "$BOOT" = 2 ]; then
	out /sys/fs/pstore/trace-ramoops-0
	exit
fi
modprobe softdog
echo 0 >$T/tracing_on
echo 'vfs_read vfs_write vfs_open softdog_*' >$T/set_ftrace_filter
echo 1 >$T/events/sched/enable
echo pstore >$T/current_tracer
echo 1 >$T/tracing_on
echo V >/dev/watchdog
backup
echo 0 >$T/tracing_on
grep -v '^#' $T/trace | out - guest.trace
echo c >/proc/sysrq-trigger
