# SPDX-License-Identifier: GPL-2.0-or-later
# trace-cmd records what a busy 4-CPU guest does: events of all kinds but single
# system calls' and functions', more than a million.

load() {
	for n in $(seq 16); do
		find /proc /sys/kernel/tracing/options | head -n 500 | sort | gzip | wc -c
		dd if=/dev/zero of=/tmp/load.$1 bs=4k count=300
		ls -lR /proc/self /tmp
		sleep 0.01
	done >/dev/null 2>&1
}
export -f load

trace-cmd record -q -b 20000 -e sched -e irq -e kmem -e timer -e signal -e task -e rcu -e irq_vectors \
	-e workqueue -e writeback -e filemap -e mmap_lock -e raw_syscalls -o /tmp/trace.dat \
	bash -c 'for n in 1 2 3 4; do load $n & done; wait'
out /tmp/trace.dat
