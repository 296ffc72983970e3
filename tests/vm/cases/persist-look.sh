#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A guest that finds a region in its RAM, and only looks.
out /proc/iomem
nproc | out - nproc
region=/sys/fs/pstore/trace-ramoops-0
[ ! -e $region ] || cat $region | out - ${region##*/}
