#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A guest whose rings outlive it, and are mapped and read until it dies: an instance that the
# command line put into memory, sub-buffer by sub-buffer, and the tracer pstore's, in batches.
# CPU 0 counts in trace_marker. The reader stands still for some laps of the ring, so that
# much is lost for it, reads on, and is killed. The second boot tells what there is.
. /root/lib.sh
R=/root/pstore-rb
cd /tmp

count() {	# count DIRECTORY FROM TO
	seq $2 $3 | awk '{ printf "%019d\n", $1 }' >numbers
	taskset 1 dd if=numbers of=$1/trace_marker bs=20 2>/dev/null
}

read_until_death() {	# read_until_death NAME DIRECTORY LAPS OPTION...
	local name=$1 dir=$2 laps=$3 pid

	shift 3
	echo 0 >$dir/tracing_on
	$R record -v -o $name.dat "$@" >said.$name 2>&1 &
	pid=$!
	until [ "$(<$dir/tracing_on)" = 1 ]; do sleep 0.1; done
	count $dir 1 5000
	sleep 1.5
	kill -STOP $pid
	count $dir 5001 $laps
	kill -CONT $pid
	sleep 1
	count $dir $((laps + 1)) $((laps + 3000))
	sleep 1.5
	kill -KILL $pid
	wait $pid
	count $dir $((laps + 3001)) $((laps + 9000))
	echo 0 >$dir/tracing_on
	cat $dir/per_cpu/cpu0/stats | out - $name.stats
	$R report $name.dat.raw.* 2>/dev/null | out - $name.txt
	out said.$name
}

if [ $BOOT = 2 ]; then
	dmesg | out - dmesg.after
	cat $T/instances/boot/per_cpu/cpu0/trace | out - boot.after
	cat /sys/fs/pstore/trace-ramoops-0 | out - trace-ramoops-0
	exit
fi
read_until_death boot $T/instances/boot 50000 -w mmap -p nop -B boot
echo 0 >$T/options/pstore_func
read_until_death pstore $T 120000 -w batch -p pstore
dmesg | out - dmesg.before
host reset
sleep 60
