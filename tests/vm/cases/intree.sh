#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A guest that runs the kernel's own tests of tracing, /root/selftests.tar: what each of
# ftracetest came to, the words of map_test and map_batch_test, and where pstore has a place
# those of pstore's tests before a crash and after it.
GROUPS_OF_TESTS="00basic tracer instances ftrace trigger event dynevent"

within_a_boot() {
	local group test

	dmesg | out - dmesg
	cd /tmp/ftrace
	for group in $GROUPS_OF_TESTS; do
		[ ! -d test.d/$group ] || ./ftracetest test.d/$group 2>&1 | tee -a /tmp/ftracetest
	done
	out /tmp/ftracetest
	cd /tmp
	for test in map_test map_batch_test; do
		[ -e $test ] || continue
		./$test >$test.said 2>&1
		echo "exit status $?" >>$test.said
		out $test.said
	done
	dmesg | out - dmesg.after
}

# Their files are gone after a reset: the harness keeps what is in them.
before_a_crash() {
	cd /tmp/pstore
	sh ./pstore_tests 2>&1 | out - pstore.before
	host keep "$(<uuid)" "$(<trace_uuid)"
	sh ./pstore_crash_test
	sleep 60
}

after_a_crash() {
	local kept

	cd /tmp/pstore
	touch reboot_flag
	kept=($(host kept))
	echo "${kept[0]}" >prev_uuid
	echo "${kept[1]}" >prev_trace_uuid
	sh ./pstore_post_reboot_tests 2>&1 | out - pstore.after
	ls /sys/fs/pstore | out - pstore.left
}

tar -C /tmp -xf /root/selftests.tar
if [ $BOOT = 2 ]; then
	after_a_crash
	exit
fi
within_a_boot
[ "$(</sys/module/pstore/parameters/backend)" = ramoops ] || exit 0
before_a_crash
