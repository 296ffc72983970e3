# SPDX-License-Identifier: GPL-2.0-or-later
# The guest of tests/bench/run: 4 CPUs fill and wrap the top-level buffer of
# 16 MiB each with scheduling, interrupts and system calls, then panic.
T=/sys/kernel/tracing

load() {
	taskset $(printf %x $((1 << $1))) sh -c "
		dd if=/dev/zero of=/dev/null bs=1 count=200000
		for n in \$(seq 20); do ls -lR $T/options /proc/self; done
		dd if=/dev/zero of=/dev/null bs=1 count=150000" >/dev/null 2>&1
}

echo 0 >$T/tracing_on
echo 16384 >$T/buffer_size_kb
for e in sched irq syscalls; do echo 1 >$T/events/$e/enable; done
echo 1 >$T/tracing_on
for c in 0 1 2 3; do load $c & done
wait
echo 0 >$T/tracing_on
grep -hE '^(entries|overrun):' $T/per_cpu/cpu*/stats | out - counts
echo c >/proc/sysrq-trigger
