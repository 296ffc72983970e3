#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A guest whose ramoops is in memory that is not the kernel's: what it says of that, and a crash
out /proc/iomem
echo c >/proc/sysrq-trigger
