#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A guest that is hit by NMIs as fast as QEMU gives them, each of which writes events, while
# a writer on each CPU counts and functions are traced. It tells how many NMIs each CPU had,
# how far each writer came, and what the ring counted.
. /root/lib.sh
if [ $BOOT = 2 ]; then
	cat /sys/fs/pstore/trace-ramoops-0 | out - trace-ramoops-0
	exit
fi
ONLINE=$(seq 0 $(($(nproc) - 1)))

count() {	# until there is /tmp/end
	local n=0

	exec 3>$T/trace_marker
	while [ ! -e /tmp/end ]; do
		n=$((n + 1))
		echo "number $n" >&3
	done
	echo $n >/tmp/number.$1
}

nmis() {	# CPU NUMBER
	awk '$1 == "NMI:" { for (i = 2; $i ~ /^[0-9]+$/; i++) print i - 2, $i }' /proc/interrupts
}

echo 0 >$T/tracing_on
echo vfs_write >$T/set_ftrace_filter
echo 1 >$T/events/nmi/nmi_handler/enable
echo 1 >$T/events/irq_vectors/enable
echo pstore >$T/current_tracer
echo 1 >$T/tracing_on
nmis | out - before
for cpu in $ONLINE; do
	on_cpu $cpu bash -c "$(declare -f count); T=$T; count $cpu" &
done
host nmis 20
touch /tmp/end
wait
echo 0 >$T/tracing_on
nmis | out - after
for cpu in $ONLINE; do echo $cpu $(</tmp/number.$cpu); done | out - numbers
grep . $T/per_cpu/cpu*/stats | out - stats
dmesg | out - dmesg
host reset
sleep 60
