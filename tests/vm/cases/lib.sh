# SPDX-License-Identifier: GPL-2.0-or-later
# What the guests of the cases share; sourced by their scripts.
T=/sys/kernel/tracing
I=$T/instances
W=/tmp/word
# all that there can be but CPU 2, which never comes up
ONLINE=$(cd /sys/devices/system/cpu && ls -d cpu[0-9]* | sed 's/cpu//; /^2$/d' | sort -n)
NR=$(echo "$ONLINE" | wc -l)

set_to() {	# set_to VALUE FILE...
	local value=$1 file

	shift
	for file; do
		[ ! -e "$file" ] || echo "$value" >"$file"
	done
}

on_cpu() {	# on_cpu N COMMAND...
	local mask

	mask=$(printf %x $((1 << $1)))
	shift
	taskset "$mask" "$@"
}

marker() {	# marker TEXT DIRECTORY...: one on every CPU
	local cpu dir text=$1

	shift
	for dir; do
		[ -e $dir ] || continue
		for cpu in $ONLINE; do
			on_cpu "$cpu" sh -c "echo '$text, cpu $cpu' >$dir/trace_marker"
		done
	done
}

# ---- the kernel's own word, in $W ---------------------------------------------

save() {	# save NAME DIRECTORY
	mkdir -p $W/$1
	[ $1 = top ] || cat $2/trace >$W/$1/trace
	grep . $2/per_cpu/cpu*/stats | sed 's,.*/per_cpu/\(.*\)/stats:,\1 ,' >$W/$1/stats
	cat $2/trace_clock >$W/$1/clock
	cat $2/buffer_subbuf_size_kb >$W/$1/subbuf_kb || echo 4 >$W/$1/subbuf_kb
}

save_formats() {	# save_formats [events/SYSTEM...]
	(cd $T && find "${@:-events}" -name format -o -name header_page -o -name header_event) |
		while read -r file; do
			mkdir -p $W/${file%/*}
			cat $T/$file >$W/$file
		done
}

save_boot() {	# what is not about one buffer
	local file task

	mkdir -p $W
	for file in saved_cmdlines printk_formats; do cat $T/$file >$W/$file; done
	for file in kallsyms modules cmdline; do cat /proc/$file >$W/$file; done
	cat /sys/devices/system/cpu/possible >$W/possible
	uname -snrm >$W/uname
	for task in /proc/[0-9]*/task/[0-9]*; do
		echo "${task##*/} $(<$task/comm)"
	done >$W/tasks
	echo $ONLINE >$W/cpus
}

send_word() {
	tar -C $W -c . | out - word.tar
	rm -r $W
}
