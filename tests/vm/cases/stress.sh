#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A guest in which all that can happen to the tracer pstore happens at once, over and over:
# CPUs and modules come and go, instances and tracers too, settings change, rings are read and
# mapped. What is refused, is; the kernel is to complain of nothing. seconds=N on its command
# line: for so long. Then the tree's own tests of mapped rings and of tracers. It tells how
# often each went round, and what the kernel said.
. /root/lib.sh
R=/root/pstore-rb
SECONDS_OF_IT=$(sed -n 's/.*\<seconds=\([0-9]*\).*/\1/p' /proc/cmdline)
CPUS=/sys/devices/system/cpu
TRACERS=(pstore function pstore nop pstore function_graph)
CLOCKS=(local global mono local)
exec 2>/dev/null

# Each of these is one round. Most of what they do may be refused: by -EBUSY, as long as
# another one has the ring.
load() {
	local cpu

	for cpu in $(seq 0 $(($(nproc --all) - 1))); do
		on_cpu $cpu sh -c 'for i in 1 2 3 4 5 6 7 8; do
			cat /proc/self/stat /proc/version | wc -c; done' >/dev/null &
	done
	wait
	echo "round $1" >$T/trace_marker
}

hotplug() {
	local cpu=$CPUS/cpu$((RANDOM % ($(nproc --all) - 1) + 1))/online

	echo 0 >$cpu
	sleep 0.$((RANDOM % 5 + 1))
	echo 1 >$cpu
}

modules() {
	modprobe softdog
	echo V >/dev/watchdog
	sleep 0.1
	rmmod softdog
}

instances() {
	mkdir $I/one
	echo 1 >$I/one/events/sched/enable
	echo pstore >$I/one/current_tracer
	sleep 0.$((RANDOM % 5 + 1))
	cat $I/one/trace >/dev/null
	rmdir $I/one
}

tracers() {
	echo ${TRACERS[RANDOM % ${#TRACERS[@]}]} >$T/current_tracer
	sleep 0.$((RANDOM % 9 + 1))
}

settings() {
	case $((RANDOM % 9)) in
	0)	echo $((RANDOM % 2)) >$T/options/pstore_func ;;
	1)	echo ${CLOCKS[RANDOM % ${#CLOCKS[@]}]} >$T/trace_clock ;;
	2)	echo $((RANDOM % 14 + 1)) >$T/tracing_cpumask
		sleep 0.1
		echo f >$T/tracing_cpumask ;;
	3)	echo $((RANDOM % 2000 + 64)) >$T/buffer_size_kb ;;
	4)	echo $((RANDOM % 2)) >$T/events/enable ;;
	5)	echo 'vfs_*' >$T/set_ftrace_filter
		sleep 0.1
		echo >$T/set_ftrace_filter ;;
	6)	echo >$T/trace ;;
	7)	echo 0 >$T/tracing_on
		sleep 0.1
		echo 1 >$T/tracing_on ;;
	8)	echo $((RANDOM % 2)) >$T/options/overwrite ;;
	esac
}

reading() {
	head -n 2000 $T/trace >/dev/null
	timeout 1 cat $T/trace_pipe >/dev/null
	timeout 1 cat $T/per_cpu/cpu$((RANDOM % $(nproc --all)))/trace_pipe_raw >/dev/null
	echo $((RANDOM % 3)) >$T/snapshot
	head -c 100000 /sys/fs/pstore/trace-ramoops-0 >/dev/null
}

mapping() {
	local ways=(batch mmap read)

	# as whatever is current, so that it is taken away from under it
	$R record -w ${ways[RANDOM % 3]} -p "$(<$T/current_tracer)" -o /tmp/mapped.dat \
		-- sleep 1
	rm -rf /tmp/mapped.dat*
}

over_and_over() {	# over_and_over WHAT
	local n=0

	while [ ! -e /tmp/end ]; do
		n=$((n + 1))
		$1 $n
		echo $n >/tmp/rounds.$1
	done >/dev/null
}

rest() {	# as it was, for the tests that follow
	local cpu

	rmmod softdog
	rmdir $I/one
	for cpu in $CPUS/cpu[1-9]*; do echo 1 >$cpu/online; done
	echo nop >$T/current_tracer
	echo 0 >$T/events/enable
	echo f >$T/tracing_cpumask
	echo local >$T/trace_clock
	echo 1 >$T/options/pstore_func
	echo 1 >$T/options/overwrite
	echo 0 >$T/snapshot
	echo 1408 >$T/buffer_size_kb
	echo >$T/set_ftrace_filter
	echo 1 >$T/tracing_on
}

tests() {
	local test

	cd /tmp
	for test in map_test map_batch_test; do
		./$test 2>&1 | out - $test.said
	done
	cd ftrace
	./ftracetest test.d/00basic test.d/tracer test.d/instances 2>&1 | out - ftracetest
}

dmesg | out - dmesg.boot
tar -C /tmp -xf /root/selftests.tar
WHAT="load hotplug modules instances tracers settings reading mapping"
for what in $WHAT; do
	over_and_over $what &
done
end=$((SECONDS + SECONDS_OF_IT))
while [ $SECONDS -lt $end ]; do
	sleep 10
	dmesg | out - dmesg
	grep . /tmp/rounds.* | out - rounds.now
done
touch /tmp/end
wait
for what in $WHAT; do echo "$what $(</tmp/rounds.$what)"; done | out - rounds
rest
dmesg | out - dmesg
tests
dmesg | out - dmesg
cat /proc/lockdep_stats | out - lockdep_stats
