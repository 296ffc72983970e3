#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The one guest behind most cases: every kind of trace buffer, stopped; then the
# kernel's own word about each (OUT/word.tar, OUT/top.trace); then a panic.
#
# Made for 5 CPUs and maxcpus=2: 2 never comes up, 3 and 4 come up late; other
# numbers do too. What a kernel has not is left out. The buffers: top (wrapped, 64 MiB), and below instances/
#   boot_map	persistent, from the kernel's command line
#   quiet	one marker a CPU, made before CPUs 3 and 4 came up
#   big		sub-buffers of 64 KiB
#   snap	with a snapshot, taken amid the load
#   consumed	wrapped, then read in part: CPUs 0 and 1 as text, CPU 3 by two
#		whole raw sub-buffers, CPU 4 by a part of one
#   lastwords	read to its end as text, then one marker a CPU: the writers are
#		on the reader pages
#   full	does not overwrite, so that events are dropped
#   functions	the function tracer on a few functions
#   graph	the function_graph tracer on a few functions, with an event
#   args	the function tracer with what functions are called with
#   stacks	kernel and user stacks behind events
#   wide	every event the kernel has, for a moment
#   odd		markers, raw markers, probes, a synthetic event, a module's event
#   users	user stacks of processes that live on: from a file that is gone, from
#		another mount, from memory; and of one that ends
#   names	what tasks write that the kernel has no name of any more
#   empty	nothing
#   clock-NAME	one for every clock the kernel offers
. /root/lib.sh

# ---- buffers and what they record ------------------------------------------

make_instances() {
	mkdir $I/quiet
	for cpu in $ONLINE; do
		[ $cpu -lt 2 ] || set_to 1 /sys/devices/system/cpu/cpu$cpu/online
	done
	mkdir $I/{big,snap,consumed,lastwords,full,functions,stacks,wide,odd,names,empty}
	for clock in $(tr -d '[]' <$T/trace_clock); do
		mkdir $I/clock-$clock
		echo $clock >$I/clock-$clock/trace_clock
		echo 64 >$I/clock-$clock/buffer_size_kb
	done
	set_to 0 $T/tracing_on $I/*/tracing_on
}

set_sizes() {
	echo $((65536 / NR)) >$T/buffer_size_kb
	echo mono >$I/quiet/trace_clock
	set_to 64 $I/big/buffer_subbuf_size_kb
	echo 4096 >$I/big/buffer_size_kb
	echo 512 >$I/snap/buffer_size_kb
	echo global >$I/snap/trace_clock
	set_to 1024 $I/stacks/buffer_size_kb
	set_to $((4096 / NR)) $I/{consumed,functions}/buffer_size_kb
	echo 64 >$I/full/buffer_size_kb
	echo 0 >$I/full/options/overwrite
	echo 2048 >$I/wide/buffer_size_kb
}

set_events() {
	set_to 1 $T/events/{sched,irq,syscalls}/enable
	set_to 1 $I/big/events/{sched,timer,irq,rcu}/enable
	set_to 1 $I/{snap,consumed,full,boot_map}/events/sched/enable
	set_to 1 $I/consumed/events/syscalls/sys_enter_{openat,close,write}/enable
	set_to 1 $I/clock-*/events/sched/sched_switch/enable
	set_to 1 $I/stacks/options/{stacktrace,userstacktrace}
	set_to 1 $I/stacks/events/sched/sched_{waking,process_fork}/enable
	set_to 1 $I/wide/events/enable
	echo vfs_read vfs_write do_sys_openat2 >$I/functions/set_ftrace_filter
	echo function >$I/functions/current_tracer
}

# Before 6.12 the tracer is the top-level buffer's alone.
set_graph() {
	local name

	mkdir $I/graph
	echo 0 >$I/graph/tracing_on
	echo 64 >$I/graph/buffer_size_kb
	for name in do_sys_openat2 do_filp_open path_openat alloc_empty_file schedule \
		hrtimer_interrupt __hrtimer_run_queues do_wait kernel_clone \
		wake_up_new_task; do
		echo $name >>$I/graph/set_ftrace_filter
	done
	if ! echo function_graph >$I/graph/current_tracer; then
		rmdir $I/graph
		return
	fi
	# all that our lines have
	set_to 1 $I/graph/options/{funcgraph-abstime,funcgraph-proc,latency-format}
	set_to 1 $I/graph/options/funcgraph-args
	echo 1 >$I/graph/events/sched/sched_process_fork/enable
}

# Pointers, signed and unsigned numbers, an enum, a struct, more than are recorded.
set_args() {
	local name

	mkdir $I/args
	echo 0 >$I/args/tracing_on
	echo 64 >$I/args/buffer_size_kb
	for name in do_sys_openat2 schedule_timeout do_exit mod_node_page_state \
		from_kuid_munged do_mmap; do
		echo $name >>$I/args/set_ftrace_filter
	done
	echo function >$I/args/current_tracer
	if [ -e $I/args/options/func-args ]; then
		echo 1 >$I/args/options/func-args
	else
		rmdir $I/args
	fi
}

set_odd() {
	local wake='hist:keys=pid:ts0=common_timestamp.usecs'
	local switch='hist:keys=next_pid:us=common_timestamp.usecs-$ts0'

	echo 'p:probes/openat do_sys_openat2 dfd=%di:s32 name=+0(%si):ustring' >$T/kprobe_events
	echo 'r:probes/opened do_sys_openat2 fd=$retval:s64' >>$T/kprobe_events
	echo 's:latency u64 us; pid_t pid; char comm[16]' >>$T/dynamic_events
	echo "$wake if comm==\"sleep\"" >$I/odd/events/sched/sched_waking/trigger
	echo "$switch:onmatch(sched.sched_waking).trace(latency,\$us,next_pid,next_comm)" \
		>$I/odd/events/sched/sched_switch/trigger
	set_to 1 $I/odd/events/{probes,synthetic}/enable
	modprobe -q softdog
	set_to 1 $I/odd/events/watchdog/enable
}

# Events that only have a format: a probe where bash begins to run, one on an event.
set_formats() {
	local entry

	entry=$(od -An -tx8 -j24 -N8 /bin/bash)
	echo "p:uprobes/begin /bin/bash:0x${entry##* } sp=%sp:x64" >$T/uprobe_events
	echo 'e:eprobes/waker sched/sched_waking pid=$pid:s32' >>$T/dynamic_events
}

# Programs that live until the crash. Tracing is off by the time anyone ends.
set_users() {
	mkdir $I/users
	echo 0 >$I/users/tracing_on
	echo 256 >$I/users/buffer_size_kb
	echo 1 >$I/users/options/userstacktrace
	set_to 1 $I/users/events/syscalls/sys_enter_{write,openat}/enable
	mkdir /tmp/mounted
	mount -t tmpfs none /tmp/mounted
	mkdir /tmp/mounted/two$'\n''lines here'
	cp /bin/bash /tmp/mounted/two$'\n''lines here'/elsewhere
	cp /bin/bash /tmp/removed
	mkfifo /tmp/user-never
}

users() {
	local words="echo 'words of a user' >$I/users/trace_marker" stay="read </tmp/user-never"

	set_to 1 $I/users/tracing_on
	(/tmp/mounted/two$'\n''lines here'/elsewhere -c "$words; $stay" &)
	(/tmp/removed -c "$words; $stay" &)
	/bin/bash -c "$words"
	# (a system call's event may have the words, too)
	until [ $(grep -c 'mark_write: words of a user' $I/users/trace) = 3 ]; do sleep 0.1; done
	rm /tmp/removed
	echo "words of the shell" >$I/users/trace_marker
	set_to 0 $I/users/tracing_on
}

# ---- trace-cmd's own files, of buffers that are gone afterwards -------------

# record.dat; extract.dat of a buffer that wrapped, and the kernel's word about it
own_files() {
	local dir=$I/extracted cpu

	trace-cmd record -q -o /tmp/record.dat -e sched:sched_switch sleep 0.1
	mkdir $dir
	echo 16 >$dir/buffer_size_kb
	echo 1 >$dir/events/sched/enable
	for cpu in $ONLINE; do
		[ ! -e /sys/devices/system/cpu/cpu$cpu/online ] ||
			[ $(</sys/devices/system/cpu/cpu$cpu/online) = 1 ] || continue
		on_cpu $cpu sh -c 'for n in $(seq 300); do usleep 10; done'
	done
	# the kernel saves names of tasks while the top-level buffer is on
	echo 0 >$dir/tracing_on
	echo 0 >$T/tracing_on
	cat $dir/trace | out - extract.trace
	grep . $dir/per_cpu/cpu*/stats | sed 's,.*/per_cpu/\(.*\)/stats:,\1 ,' | out - extract.stats
	trace-cmd extract -B extracted -o /tmp/extract.dat
	out /tmp/record.dat /tmp/extract.dat
	rm /tmp/record.dat /tmp/extract.dat
	[ ! -e $dir ] || rmdir $dir
} >/dev/null

# ---- raw sub-buffers and their description, of buffers that are gone afterwards

# Raw sub-buffers until none is left: then the reader sleeps for more.
take_raw() {	# take_raw FILE TO
	dd bs=4096 if=$1 of=$2 &
	while kill -0 $!; do
		! grep -q '^entries: 0$' ${1%/*}/stats || ! grep -q '^State:.S' /proc/$!/status ||
			kill $!
		sleep 0.05
	done
} 2>/dev/null

# Numbers in turn: at once into two buffers of one clock, and slowly into two of two
# clocks, whose distance the triples tell.
write_numbers() {
	local n cpus=($ONLINE)

	for n in {0..98..2}; do
		echo "number $n" >$I/near/trace_marker
		echo "number $((n + 1))" >$I/alike/trace_marker
	done
	for n in {0..9}; do
		echo "before $n" >$I/near/trace_marker
		echo "between $n" >$I/far/trace_marker
		echo "behind $n" >$I/near/trace_marker
	done
	for n in {0..19}; do
		on_cpu ${cpus[n % NR]} sh -c "echo turn $n >$I/$(((n % 2)) && echo far || echo near)/trace_marker"
	done
}

# raw.tar: as trace/ what pstore-rb captures and the raw sub-buffers beside it, of
#   many	events of many systems, for a moment, wrapped
#   near, alike, far	numbers in turn; far has the clock mono
# and as NAME.trace the kernel's own text of each.
raw_files() {
	local name cpu raw=/tmp/raw

	mkdir $raw $I/{many,near,alike,far}
	set_to 0 $I/{many,near,alike,far}/tracing_on
	echo mono >$I/far/trace_clock
	echo 128 >$I/many/buffer_size_kb
	set_to 1 $I/{near,alike}/events/sched/sched_switch/enable
	set_to 1 $I/many/events/{sched,irq,timer,signal,task,workqueue,kmem,exceptions}/enable
	set_to 1 $I/many/events/{syscalls,raw_syscalls,probes,watchdog,csd,ipi,writeback}/enable
	set_to 1 $I/{many,near,alike,far}/tracing_on
	until grep -q '^overrun: [1-9]' $I/many/per_cpu/cpu0/stats; do
		on_cpu 0 ls -lR $T/options /proc/self >/dev/null
	done
	sleep 0.01
	set_to 0 $I/many/tracing_on $I/many/events/enable
	set_to 1 $I/many/tracing_on
	marker "many words" $I/many
	set_to 0 $I/many/tracing_on
	write_numbers
	set_to 0 $I/{near,alike,far}/tracing_on
	for name in many near alike far; do cat $I/$name/trace >$raw/$name.trace; done
	/root/pstore-rb capture-metadata $raw/trace >$raw/said 2>&1
	echo "status $?" >>$raw/said
	for name in many near alike far; do
		for cpu in $ONLINE; do
			take_raw {$I,$raw/trace/instances}/$name/per_cpu/cpu$cpu/trace_pipe_raw &
		done
	done
	wait
	tar -C $raw -c . | out - raw.tar
	rm -r $raw
	rmdir $I/{many,near,alike,far}
}

# ---- what there is to record -----------------------------------------------

# Tasks that come and go, which /tmp/loaded.CPU tells; system calls; more tasks.
load() {
	on_cpu "$1" sh -c "
		for n in \$(seq 100); do usleep 10; done
		: >/tmp/loaded.$1
		dd if=/dev/zero of=/dev/null bs=1 count=$((600000 / NR))
		for n in \$(seq 40); do ls -lR $T/options /proc/self; done
		dd if=/dev/zero of=/dev/null bs=1 count=$((320000 / NR))" >/dev/null 2>&1
}

odd_events() {
	local cpu

	for cpu in $ONLINE; do
		on_cpu $cpu sleep 0.1
		on_cpu $cpu cat /proc/self/stat /nonexistent >/dev/null 2>&1
		on_cpu $cpu sh -c "printf '\1\0\0\0raw words of cpu $cpu' >$I/odd/trace_marker_raw"
	done
	printf '%0900d' 7 >$I/odd/trace_marker
	printf 'without its newline' >$I/odd/trace_marker
	echo V >/dev/watchdog0
}

# The buffers of the tracers are small: of what is rare there must be some at their end.
# A shell sleeps on a CPU where its child opens files; who reads a terminal waits for it.
last_calls() {
	on_cpu 1 bash -c 'ls -l /proc/self; :' >/dev/null
	[ -e $I/args ] || return
	cat /dev/ttyS0 >/dev/null &
	until grep -q ': schedule_timeout(timeout=' $I/args/trace; do sleep 0.05; done
	kill $!
}

write_program() {	# write_program NAME TEXT
	printf '#!/bin/bash\n%s\n' "$2" >/tmp/$1
	chmod +x /tmp/$1
}

# Of two tasks the kernel forgets the names: one lives on, of one the trace tells it.
forget() {
	mkfifo /tmp/never
	write_program long-lived "echo 'I live on' >$I/names/trace_marker; read </tmp/never"
	write_program short-lived "echo 'I shall end' >$I/names/trace_marker"
	set_to 1 $I/names/tracing_on
	(/tmp/long-lived &)
	until grep -q 'live on' $I/names/trace; do sleep 0.1; done
	set_to 1 $I/names/events/sched/sched_process_exit/enable
	/tmp/short-lived
	set_to 0 $I/names/tracing_on $I/names/events/enable
	# the resized list of names is a new one
	echo 128 >$T/saved_cmdlines_size
}

record() {
	local cpu

	forget
	users

	set_to 1 $I/wide/tracing_on
	ls -lR /sys/kernel/tracing/options /proc/self >/dev/null
	echo words >/tmp/file && sync && cp /tmp/file /tmp/copy && rm /tmp/file /tmp/copy
	set_to 0 $I/wide/tracing_on $I/wide/events/enable

	set_to 1 $T/tracing_on $I/[!wnu]*/tracing_on
	odd_events
	set_to 0 $I/odd/tracing_on $I/odd/events/enable
	marker "quiet words" $I/quiet $I/clock-*
	for cpu in $ONLINE; do load $cpu & done
	for cpu in $ONLINE; do
		until [ -e /tmp/loaded.$cpu ]; do sleep 0.1; done
	done
	sleep 1
	marker "before the snapshot" $I/snap
	set_to 1 $I/snap/snapshot
	wait
	marker "after the snapshot" $I/snap
	marker "last words" $T $I/boot_map $I/graph
	last_calls
	set_to 0 $T/tracing_on $I/*/tracing_on
}

consume() {
	local dir=$I/consumed/per_cpu

	for cpu in 0 1; do
		timeout 60 dd bs=2000 count=3 if=$dir/cpu$cpu/trace_pipe
	done
	[ $NR -ge 4 ] || return
	timeout 60 dd bs=4096 count=2 if=$dir/cpu3/trace_pipe_raw
	timeout 60 dd bs=1500 count=1 if=$dir/cpu4/trace_pipe_raw
} >/dev/null 2>&1

# With tracing off a reader of trace_pipe ends when all is read.
last_words() {
	echo 1 >$I/lastwords/tracing_on
	marker "first words" $I/lastwords
	echo 0 >$I/lastwords/tracing_on
	timeout 60 cat $I/lastwords/trace_pipe >/dev/null
	echo 1 >$I/lastwords/tracing_on
	marker "last words" $I/lastwords
	echo 0 >$I/lastwords/tracing_on
}

# ---- the kernel's own word -------------------------------------------------

save_all() {
	local dir

	out - top.trace <$T/trace &
	save top $T
	for dir in $I/*; do save ${dir##*/} $dir; done
	if [ -e $I/snap/snapshot ]; then
		mkdir $W/snap.snapshot
		cat $I/snap/snapshot >$W/snap.snapshot/trace
	fi
	echo 1 >$I/users/options/sym-userobj
	cat $I/users/trace >$W/users/symbols
	echo 0 >$I/users/options/sym-userobj
	save_boot
	save_formats
	wait
	send_word
}

own_files
make_instances
set_sizes
set_events
set_graph
set_args
set_odd
set_formats
set_users
echo "events are set"; cat /proc/uptime
raw_files
echo "raw sub-buffers are out"; cat /proc/uptime
record
consume
last_words
echo "load is done"; cat /proc/uptime
save_all
echo "all saved"; cat /proc/uptime
echo c >/proc/sysrq-trigger
