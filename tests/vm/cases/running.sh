#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A guest that never stops tracing. On every CPU a writer counts: each number goes
# first into instance `seq`, whose rings are large and keep all, then into `ring`,
# whose rings are small and wrap all the time; the top-level buffer has the
# events that this and more load make. The kernel's command line says what then:
#   situation=live	QEMU's own dumps amid all that (live.elf, live.kdump), then a
#			panic on one CPU while the others write
#   situation=nmi	a panic inside an NMI
#   situation=reserve	the same at the moment CPU 0 has reserved an event in `seq`
#			and not committed it
# Before each of these floor.NAME tells how far every writer has come at least,
# and after a dump ceiling.NAME how far at most.
. /root/lib.sh
EVERY=64
# so many wrap the rings of `ring`: 17 sub-buffers of less than 128 numbers
WRAPPED=3000
ONLINE=$(seq 0 $(($(nproc) - 1)))

write_numbers() {	# write_numbers CPU
	local n=0

	until [ -e /tmp/go ]; do sleep 0.1; done
	exec 3>$I/seq/trace_marker 4>$I/ring/trace_marker
	while :; do
		n=$((n + 1))
		echo "number $n" >&3
		echo "number $n" >&4
		[ $((n % EVERY)) != 0 ] || echo $n >/tmp/number.$1
	done
}

# The file is empty for a moment while its writer rewrites it.
reached() {	# reached CPU
	local n=

	until [ -n "$n" ]; do n=$(</tmp/number.$1); done
	echo $n
}

say_floor() {	# say_floor NAME
	local cpu

	for cpu in $ONLINE; do echo "$cpu $(reached $cpu)"; done | out - floor.$1
}

# When a writer's word is a later one than now, it has been written since.
say_ceiling() {	# say_ceiling NAME
	local cpu now

	for cpu in $ONLINE; do
		now=$(reached $cpu)
		while [ "$(reached $cpu)" = $now ]; do sleep 0.01; done
		echo "$cpu $(reached $cpu)"
	done | out - ceiling.$1
}

address_of() {
	awk -v name="$1" '$3 == name { print $1; exit }' /proc/kallsyms
}

mkdir $I/{seq,ring}
set_to 0 $T/tracing_on
echo 16384 >$I/seq/buffer_size_kb
echo 0 >$I/seq/options/overwrite
echo 64 >$I/ring/buffer_size_kb
echo 512 >$T/buffer_size_kb
set_to 1 $T/events/{sched,irq,timer,syscalls,kmem}/enable
# CPU 0 then has nothing to reserve but numbers
[ $situation = live ] || printf %x $(((1 << $(nproc)) - 2)) >$T/tracing_cpumask
for cpu in $ONLINE; do
	echo 0 >/tmp/number.$cpu
	write_numbers $cpu &
	taskset -p $(printf %x $((1 << cpu))) $! >/dev/null
done
set_to 1 $T/tracing_on
touch /tmp/go
for cpu in $ONLINE; do
	on_cpu $cpu sh -c 'while :; do ls -lR /proc/self /sys/kernel/tracing/options; done' \
		>/dev/null 2>&1 &
done
grep -o -w -m 1 la57 /proc/cpuinfo | out - la57
echo $ONLINE | out - cpus
for cpu in $ONLINE; do
	until [ $(reached $cpu) -ge $WRAPPED ]; do sleep 0.1; done
done

case $situation in
live)
	modprobe -q qemu_fw_cfg
	say_floor live
	host dump live.elf elf
	say_ceiling live
	say_floor kdump
	host dump live.kdump kdump-zlib
	say_ceiling kdump
	say_floor panic
	on_cpu 1 sh -c 'echo c >/proc/sysrq-trigger'
	;;
nmi)
	echo 1 >/proc/sys/kernel/unknown_nmi_panic
	say_floor panic
	host nmi
	;;
reserve)
	echo 1 >/proc/sys/kernel/unknown_nmi_panic
	say_floor panic
	host at $(address_of ring_buffer_unlock_commit) 0 nmi
	;;
esac
sleep 100
