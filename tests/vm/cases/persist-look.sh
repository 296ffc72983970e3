#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A guest that finds a region in its RAM, and only looks.
mount -t securityfs none /sys/kernel/security 2>/dev/null
for file in /proc/iomem /proc/cmdline /sys/kernel/security/lockdown \
		/sys/fs/pstore/trace-ramoops-0; do
	[ ! -e $file ] || cat $file | out - ${file##*/}
done
nproc | out - nproc
