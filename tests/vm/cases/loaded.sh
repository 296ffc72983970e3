#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A guest whose CPUs are as busy as they can be while they are recorded: on each dd counts in
# trace_marker, and each of its system calls is an event. By pstore-rb record and by
# trace-cmd with mapped rings; rings of 64 KiB and 20 MiB, sub-buffers of 4 and 64 KiB.
# seconds=N on the kernel's command line: so long.
T=/sys/kernel/tracing
M=$T/instances/mine
R=/root/pstore-rb
SECONDS_EACH=$(sed -n 's/.*\<seconds=\([0-9]*\).*/\1/p' /proc/cmdline)
cd /tmp

cat >load.sh <<END
for cpu in \$(seq 0 $(($(nproc) - 1))); do
	timeout $SECONDS_EACH seq 1000000001 9999999999 2>/dev/null |
		taskset \$(printf %x \$((1 << cpu))) \
			dd of=$M/trace_marker bs=11 iflag=fullblock 2>/dev/null &
done
wait
END

loaded() {	# loaded NAME COMMAND...
	local name=$1

	shift
	"$@" bash load.sh >said.$name 2>&1
	echo "$name $?" >>statuses
	out said.$name
	[ ! -e $name.dat ] || out $name.dat
	rm -rf $name.dat*
}

for kb in 64 20480; do
	for subbuf in 4 64; do
		mkdir $M
		# (before Linux 6.8 there is one size)
		if echo $subbuf >$M/buffer_subbuf_size_kb 2>/dev/null || [ $subbuf = 4 ]; then
			loaded rec.$kb.$subbuf $R record -v -p nop -e raw_syscalls -B mine -b $kb \
				-o rec.$kb.$subbuf.dat --
			loaded shim.$kb.$subbuf /root/trace-cmd-mmap -V record -q \
				-o shim.$kb.$subbuf.dat -B mine -p nop -e raw_syscalls -b $kb
		fi
		rmdir $M
	done
done
out statuses
dmesg | out - dmesg
