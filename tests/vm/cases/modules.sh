#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A guest with a module that goes and one that stays. Of many CPUs, maxcpus=2 and
# this script let 0, 1 and 3 come up. Instances:
#   gone	events of the module watchdog, which is then unloaded
#   ran		functions of the modules softdog and watchdog with their stacks, then
#		unloaded
#   stays	the same of both, loaded anew, still there at the crash
. /root/lib.sh
ONLINE="0 1 3"

trace_functions() {	# trace_functions DIRECTORY
	echo ':mod:softdog' >$1/set_ftrace_filter
	echo ':mod:watchdog' >>$1/set_ftrace_filter
	echo function >$1/current_tracer
	echo 1 >$1/options/func_stack_trace
}

use_watchdog() {
	exec 5>/dev/watchdog0
	echo ping >&5
	echo V >&5
	exec 5>&-
}

set_to 1 /sys/devices/system/cpu/cpu3/online
mkdir $I/{gone,ran,stays}
set_to 512 $T/buffer_size_kb $I/*/buffer_size_kb
set_to 1 $T/events/{sched,irq}/enable

modprobe softdog
set_to 1 $I/gone/events/watchdog/enable
trace_functions $I/ran
marker "while it is loaded" $I/{gone,ran}
use_watchdog
cat $I/gone/trace | out - gone.before
set_to 0 $I/ran/tracing_on
modprobe -r softdog
marker "after it was unloaded" $I/gone

modprobe -q qemu_fw_cfg
modprobe softdog
trace_functions $I/stays
use_watchdog
marker "last words" $T $I/*
set_to 0 $T/tracing_on $I/*/tracing_on

out - top.trace <$T/trace
save top $T
for name in gone ran stays; do save $name $I/$name; done
save_boot
save_formats events/sched events/irq events/watchdog
send_word
echo c >/proc/sysrq-trigger
