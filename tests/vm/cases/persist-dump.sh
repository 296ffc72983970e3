#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The guest behind the cases about the region in a crash dump, over two boots in the same
# RAM. Both record, stop and tell all in their own words, N.*; the first starts again, and
# the second, which has the first one's recording in a copy, panics.
. /root/lib.sh
. /root/persist-lib.sh

dmesg | out - dmesg.$BOOT
[ "$BOOT" = 1 ] || found 1
record
tell
case $BOOT in
1)	echo b >/proc/sysrq-trigger ;;
2)	echo c >/proc/sysrq-trigger ;;
esac
sleep 60
