#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The guest behind the cases about pstore-rb in the field, over four boots in the same RAM:
# before a crash, check and setup; after it, harvest; then two trials, of which each boot
# verifies the one before. N.status has what each command returned.
. /root/lib.sh
. /root/persist-lib.sh
H=/root/harvests
P=/sys/fs/pstore

run() {	# run NAME COMMAND...: what it says becomes N.NAME
	local name=$1

	shift
	"$@" >/tmp/said 2>&1
	echo "$name $?" >>/tmp/status
	out - $BOOT.$name </tmp/said
}

harvest() {	# harvest NAME [OPTION...]
	run "$@" $H
	tar -C $H -c . | out - $BOOT.$1.tar
	ls $P | out - $BOOT.$1.left
}

# As pstore-rb selftest does all by itself; but this guest has no disk: what is in
# /proc/sysrq-trigger's place takes nothing until the trial's state is handed on.
trial() {	# trial END
	local letter nr

	nr=$((16 * $(nproc)))
	mkfifo /root/full
	exec 3<>/root/full
	dd if=/dev/zero bs=4096 count=16 >&3 2>/dev/null
	mount --bind /root/full /proc/sysrq-trigger
	pstore-rb selftest --yes --end $1 $H >/tmp/said 2>&1 &
	until [ "$(grep -c ': pstore-rb selftest .* of 16$' $T/trace)" = $nr ]; do
		sleep 0.2
	done
	out - $BOOT.trial </tmp/said
	host keep "$(base64 -w 0 $H/selftest)"
	out - $BOOT.status </tmp/status
	umount -l /proc/sysrq-trigger
	dd bs=4096 count=16 <&3 >/dev/null 2>&1
	letter=$(dd bs=1 count=1 <&3 2>/dev/null)
	echo $letter >/proc/sysrq-trigger
	sleep 60
}

verify() {
	host kept | base64 -d >$H/selftest
	run verify pstore-rb selftest --verify $H
	run verify.json pstore-rb selftest --verify --json $H
}

again() {	# as a machine is set up, not stopped any more; no functions, which are many
	echo 0 >$T/options/pstore_func
	echo 1 >$T/events/sched/enable
	echo pstore >$T/current_tracer
	echo 1 >$T/tracing_on
	load
}

PATH=/root:$PATH
mkdir -p $H
case $BOOT in
1)	run check.idle pstore-rb check
	run check.json pstore-rb check --json
	run setup pstore-rb setup --history 10s --cpus $(nproc)
	run unready pstore-rb selftest --yes $H
	record
	run check.stopped pstore-rb check
	tell
	out - 1.status </tmp/status
	echo c >/proc/sysrq-trigger
	sleep 60 ;;
2)	found 1
	for file in $P/*; do
		cat $file | out - 2.pstore.${file##*/}
	done
	cat $ID | out - 2.boot_id
	harvest harvest pstore-rb harvest
	harvest twice pstore-rb harvest
	harvest erase pstore-rb harvest --erase
	again
	run check.ready pstore-rb check $H
	trial reset ;;
3)	verify
	harvest harvest pstore-rb harvest --erase
	run verify.harvested pstore-rb selftest --verify $H
	again
	trial panic ;;
4)	verify
	run report pstore-rb report -e ftrace:print $P/trace-ramoops-0
	rm $P/*
	run verify.gone pstore-rb selftest --verify $H
	out - 4.status </tmp/status ;;
esac
