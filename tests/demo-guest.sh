# SPDX-License-Identifier: GPL-2.0-or-later
# What happens in the guest of tests/demo: a small order service is traced into
# several instances; the job that bills request 17 dies; the watchdog stops the
# machine. guest.txt is the guest's own word, for what had stopped by then.
#
#   top       sched, irq handlers, signal, syscalls; until the panic
#   orders    persistent where the kernel can; what the service says, its processes,
#             their signals
#   wide      sub-buffers of 64 KiB where the kernel can; sched, all of irq, timer
#   beat      clock mono
#   incident  a snapshot, taken when billing was found dead
#
# Softirqs are kept out of top: the panic's text takes a slow console some 10 ms,
# in which each idle CPU's ticks would push the last marker away.
T=/sys/kernel/tracing
I=$T/instances
LAST_MARKER="order-watchdog: request 17 was never billed, stopping the machine"

on() { local i; for i; do echo 1 >"$i/tracing_on"; done; }
off() { local i; for i; do echo 0 >"$i/tracing_on"; done; }
enable() { local e; for e in "${@:2}"; do echo 1 >"$1/events/$e/enable"; done; }
name() { printf %s "$1" >/proc/self/comm; }
pin() { taskset -p $((1 << $1)) $BASHPID >/dev/null; }
pause() { read -r -t "$1" <&6; }	# no process of its own, unlike sleep

set_up_tracing() {
	orders=persistent	# made by the kernel from its command line
	mkdir $I/orders 2>/dev/null && orders=live
	mkdir $I/wide $I/beat $I/incident
	off $T $I/*
	echo 1024 >$T/buffer_size_kb
	[ ! -e $I/wide/buffer_subbuf_size_kb ] || echo 64 >$I/wide/buffer_subbuf_size_kb
	echo 2048 >$I/wide/buffer_size_kb
	echo mono >$I/beat/trace_clock
	echo 512 >$I/incident/buffer_size_kb
	enable $T sched irq/irq_handler_{entry,exit} signal syscalls
	enable $I/orders signal sched/sched_process_{fork,exec,exit}
	enable $I/wide sched timer irq
	enable $I/incident sched signal
}

# say TEXT: into the trace of the machine, that of the service, and a log
say() {
	local up

	read -r up _ </proc/uptime
	echo "$1" >&3
	echo "$1" >&4
	echo "$up $1" >&5
}

intake() {
	local n

	name order-intake
	pin 0
	for n in {1..24}; do
		say "request $n accepted"
		echo $n >/tmp/worker-$((n % 3 + 1))
		pause 0.1
	done
}

worker() {
	local n i item

	name order-worker-$1
	pin $1
	while read -r n; do
		for i in {1..8}; do	# two system calls for each item
			while read -r item; do :; done </proc/vmstat
		done
		say "request $n packed by order-worker-$1"
		echo $n >/tmp/billing
	done <>/tmp/worker-$1
}

billing() {
	local n

	name order-billing
	while read -r n; do
		[ $n != 17 ] || kill -SEGV $BASHPID
		say "request $n billed"
	done <>/tmp/billing
}

run_service() {
	local beats=0 intake billing

	billing &
	billing=$!
	for n in 1 2 3; do worker $n & done
	intake &
	intake=$!
	while kill -0 $billing; do
		echo "beat $((++beats))" >$I/beat/trace_marker
		pause 0.1
	done 2>/dev/null
	echo 1 >$I/incident/snapshot
	say "order-watchdog: order-billing is dead"
	wait $intake
}

# For tests/demo: "kind BUFFER KIND", "subbuf BUFFER KIB", "events BUFFER COUNT..."
# per CPU, "trace LINE" as this kernel prints it, "said UPTIME TEXT", "last TEXT".
# # is for people.
tell() {
	local i cpu counts

	echo "# $(uname -srv)"
	printf 'kind %s\n' "top live" "orders $orders" "wide live" "beat live" \
		"incident live" "incident/snapshot snapshot"
	echo "subbuf wide $(cat $I/wide/buffer_subbuf_size_kb 2>/dev/null || echo 4)"
	echo "# events per CPU in the buffers that had been stopped"
	for i in wide beat incident; do
		counts=
		for cpu in 0 1 2 3; do
			counts+=" $(sed -n 's/^entries: //p' $I/$i/per_cpu/cpu$cpu/stats)"
		done
		echo "events $i$counts"
	done
	counts=
	for cpu in 0 1 2 3; do
		counts+=" $(grep -vc '^#' $I/incident/per_cpu/cpu$cpu/snapshot)"
	done
	echo "events incident/snapshot$counts"
	echo "# the trace of beat, and the end of the snapshot of incident"
	grep -v '^#' $I/beat/trace | sed 's/^/trace /'
	tail -n 20 $I/incident/snapshot | sed 's/^/trace /'
	echo "# what the service said"
	sed 's/^/said /' /tmp/service.log
	echo "last $LAST_MARKER"
}

# With standard output closed, bash has least to do for an echo elsewhere.
stop_machine() {
	exec 7>/proc/sysrq-trigger >&-
	pause 1
	echo "$LAST_MARKER" >&4
	echo "$LAST_MARKER" >&3
	echo c >&7
}

name order-watchdog
mkfifo /tmp/worker-{1,2,3} /tmp/billing /tmp/never
set_up_tracing
exec 3>$T/trace_marker 4>$I/orders/trace_marker 5>>/tmp/service.log 6<>/tmp/never
on $T $I/*
run_service
echo 0 >$I/orders/events/enable	# what follows is no part of the service
pkill order-worker
off $I/wide $I/beat $I/incident
tell >/tmp/guest.txt
out /tmp/guest.txt
stop_machine
