#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A guest whose region is damaged in each reset: what is in pstore is handed on, N.*, what
# the kernel said of it too, and the tracer starts again. boots= on the kernel's command
# line tells how many there are.
. /root/lib.sh
boots=$(sed -n 's/.*\<boots=\([0-9]*\).*/\1/p' /proc/cmdline)
place=$(sed -n 's/.*reserve_mem=[0-9]*M@\(0x[0-9a-f]*\):.*/\1/p' /proc/cmdline)

region=/sys/fs/pstore/trace-ramoops-0
dmesg | out - $BOOT.dmesg
[ ! -e $region ] || cat $region | out - $BOOT.region
[ $BOOT -lt "$boots" ] || exit 0
echo 1 >$T/events/sched/enable
echo pstore >$T/current_tracer && echo in boot $BOOT >$T/trace_marker &&
	grep -q "in boot $BOOT" $T/trace && echo yes | out - $BOOT.records
host spoil $BOOT $place $((16 << 20))
sleep 60
