#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The guest behind the cases about the tracer pstore, over five boots in the same RAM.
# Each but the last records events, functions and markers to the region, stops, tells all
# in its own words, N.*, and ends in a way of its own. Each but the first hands on before
# what it finds in pstore.
. /root/lib.sh
. /root/persist-lib.sh

end() {
	case $BOOT in
	1)	echo c >/proc/sysrq-trigger ;;
	2)	echo b >/proc/sysrq-trigger ;;
	3)	host reset ;;
	4)	echo nop >$T/current_tracer
		echo b >/proc/sysrq-trigger ;;
	esac
	sleep 60
}

dmesg | out - dmesg.$BOOT
[ "$BOOT" = 1 ] || found $((BOOT - 1))
[ "$BOOT" = 5 ] && exit
record
tell
end
