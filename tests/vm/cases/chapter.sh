#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Run on the machine of chapter.py before it crashes: marks on each CPU, and the kernel's own
# word of what the tracer pstore has recorded until then. It goes on recording.
. /root/lib.sh
W=/root/word
ONLINE=$(cd /sys/devices/system/cpu && ls -d cpu[0-9]* | sed 's/cpu//' | sort -n)
MARKS=200

for cpu in $ONLINE; do
	on_cpu "$cpu" bash -c "for i in {1..$MARKS}; do
		echo mark \$i of cpu $cpu >$T/trace_marker; done" &
done
wait
save_formats events/sched events/signal events/ftrace
# all that is older has been written when the sleep is over
echo "the truth ends here" >$T/trace_marker
sleep 1
cat $T/trace >/root/top.trace
save_boot
cat /proc/sys/kernel/random/boot_id >$W/boot_id
sync
echo "$MARKS marks on each of $(echo $ONLINE | wc -w) CPUs"
