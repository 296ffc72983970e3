#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A guest whose trace-cmd uses the tracer pstore, in all ways it has, and that panics
# amid its last recording. The second boot hands on what is in pstore.
. /root/lib.sh
FILTER="-l vfs_read -l vfs_write -e sched:sched_switch"

load() {
	local i

	for i in $(seq 20); do
		cat /proc/version | wc -c
	done >/dev/null
}

# The text is the kernel's of what extract takes away then
started() {
	trace-cmd start -p pstore $FILTER
	load
	trace-cmd stop
	trace-cmd show | out - extracted.trace
	cat $T/current_tracer | out - extracted.tracer
	trace-cmd extract -o extracted.dat
	out extracted.dat
	trace-cmd reset
}

in_instance() {
	mkdir $I/apart
	trace-cmd record -q -o apart.dat -B apart -p pstore $FILTER sh -c "
		cat $I/apart/current_tracer >apart.tracer; cat /proc/version"
	out apart.dat apart.tracer
}

count() {
	local n

	for n in $(seq $1); do echo "number $n" >&3; done
}

if [ $BOOT = 2 ]; then
	cat /sys/fs/pstore/trace-ramoops-0 | out - trace-ramoops-0
	exit
fi
cd /tmp
trace-cmd --version | out - version
{
	# of a command that ends at once 3.1.6 writes an empty file now and then, also with
	# the function tracer
	trace-cmd record -q -o recorded.dat -p pstore $FILTER sh -c "wc -c /proc/version; sleep 1"
	out recorded.dat
	cat $T/current_tracer
	started
	in_instance
} >said 2>&1
out said
# What the recorder has taken and what it has not are in the region then
echo 1 >$T/buffer_percent	# the recorder waits for more otherwise
trace-cmd record -q -o never.dat -p pstore $FILTER sleep 100 &
exec 3>$T/trace_marker
until [ "$(<$T/current_tracer)" = pstore ]; do sleep 0.1; done
sleep 3
count 3000
sleep 2
count 100
echo c >/proc/sysrq-trigger
sleep 60
