#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A guest that runs pstore's own tests of mainline's ftrace zones, /root/selftests.tar, over
# two resets: it records, another function in each boot, and looks at the boot before.
# With ECC a record costs too much for all functions. What a test keeps in a file is gone
# after a reset: the harness keeps it.
LAST=3

look() {	# look [keep]
	host kept >prev_function
	sh ./pstore_ftrace_post_reboot_tests.sh "$@" 2>&1 | out - zones.$BOOT.after
}

record() {
	sh ./pstore_ftrace_tests.sh "$@" 2>&1 | out - zones.$BOOT.before
	host keep "$(<prev_function)"
	host reset
	sleep 60
}

tar -C /tmp -xf /root/selftests.tar
cd /tmp/pstore
dmesg | out - dmesg.$BOOT
ecc=$(</sys/module/ramoops/parameters/ecc)
case $BOOT in
1)	[ $ecc = 0 ] && record || record vfs_read ;;
2)	look keep
	record vfs_write ;;
$LAST)	look
	dmesg | out - dmesg.after ;;
esac
