#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The guest behind the cases about mainline's ramoops and persistent ring buffer, over two
# boots in the same RAM. The first fills them, tells what is in the ring, and panics; as it
# goes to the capture kernel the RAM is copied. The second finds the zones in pstore.
. /root/lib.sh
P=/sys/fs/pstore
D=/sys/kernel/debug/pstore/record_ftrace

in_ring() {	# events and markers of all CPUs, and the kernel's own word of them
	echo 1 >$I/boot/events/sched/enable
	echo 1 >$I/boot/tracing_on
	marker "boot $BOOT begins" $I/boot
	for cpu in $ONLINE; do
		on_cpu $cpu sh -c 'for i in 1 2 3 4 5 6 7 8; do cat /proc/version; done' >/dev/null
	done
	marker "boot $BOOT ends" $I/boot
	echo 0 >$I/boot/tracing_on
	pstore-rb capture-metadata metadata
	tar -C metadata -c . | out - metadata.tar
	mkdir -p $W
	save boot $I/boot
	save_formats events/sched events/ftrace
	save_boot
	out - top.trace </dev/null
	send_word
}

in_zones() {	# where the kernel has what fills them; more than there is room for
	echo "zones: the console of boot $BOOT" >/dev/kmsg
	[ ! -c /dev/pmsg0 ] || for number in $(seq 1 4000); do
		echo "message $number of user space"
	done >/dev/pmsg0
	[ ! -e $D ] || {
		echo 1 >$D
		for cpu in $ONLINE; do
			on_cpu $cpu sh -c 'cat /proc/version /proc/cmdline /proc/stat' >/dev/null
		done
		echo 0 >$D
	}
}

die() {
	local address

	echo 1 >/sys/module/kernel/parameters/crash_kexec_post_notifiers
	address=$(sed -n 's/^\(\S*\) . machine_kexec$/\1/p' /proc/kallsyms)
	host at $address 0 snapshot-ram ram &
	sleep 3
	on_cpu 0 sh -c 'echo c >/proc/sysrq-trigger'
	sleep 60
}

PATH=/root:$PATH
modprobe ramoops
(cd /sys/module/ramoops/parameters && grep . *) | out - $BOOT.parameters
case $BOOT in
1)	[ ! -d $I/boot ] || in_ring
	in_zones
	die ;;
2)	for file in $P/*; do
		[ ! -e $file ] || cat $file | out - pstore.${file##*/}
	done
	[ ! -d $I/boot ] || cat $I/boot/trace | out - next.trace ;;
esac
