#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A guest that runs the kernel's own tests of tracing, /root/selftests.tar: what each of
# ftracetest came to, and map_test's words.
GROUPS="00basic tracer instances ftrace trigger event dynevent"
dmesg | out - dmesg
cd /tmp
tar xf /root/selftests.tar
cd ftrace
for group in $GROUPS; do
	[ ! -d test.d/$group ] || ./ftracetest test.d/$group 2>&1 | tee -a /tmp/ftracetest
done
out /tmp/ftracetest
cd /tmp
./map_test >map_test.said 2>&1
echo "exit status $?" >>map_test.said
out map_test.said
dmesg | out - dmesg.after
