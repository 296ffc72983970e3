#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A guest with room for two recordings: it makes three. The second boot hands on what is
# in pstore.
. /root/lib.sh

record() {	# record WORD: functions and markers; numbers tell that none is missing
	local n

	echo 0 >$T/tracing_on
	echo vfs_open >$T/set_ftrace_filter
	echo pstore >$T/current_tracer
	echo 1 >$T/tracing_on
	for n in $(seq 200); do echo "$1 $n" >$T/trace_marker; done
	cat /proc/version >/dev/null
	echo nop >$T/current_tracer
}

if [ $BOOT = 2 ]; then
	cat /sys/fs/pstore/trace-ramoops-0 | out - trace-ramoops-0
	exit
fi
record first
record second
record third
host reset
sleep 60
