# SPDX-License-Identifier: GPL-2.0-or-later
# What tests/demo and tests/demo-persist share: steps with a log and an end. Sourced by
# scripts that have set $out.
vm=tests/vm
cache=${XDG_CACHE_HOME:-$HOME/.cache}/pstore-rb
job=

die() {
	echo "demo: FAILED: $*" >&2
	exit 1
}

# A step's programs are in a process group of timeout's, which passes on what
# it is sent: none of them outlives this script.
end_step() {
	[ -z "$job" ] || kill "$job" 2>/dev/null || true
	[ -z "$job" ] || wait "$job" || true
}
trap end_step EXIT
trap 'exit 130' INT TERM

# step LOG SECONDS TITLE COMMAND...: its output goes into LOG
step() {
	local log=$out/$1 limit=$2 title=$3 start=$EPOCHREALTIME status=0
	shift 3

	printf '%-60s' "$title"
	timeout -k 20 "$limit" "$@" >"$log" 2>&1 </dev/null &
	job=$!
	wait $job || status=$?
	job=
	awk -v a="$start" -v b="$EPOCHREALTIME" 'BEGIN { printf "%6.1f s\n", b - a }'
	[ $status != 124 ] || die "$title: not done after $limit s; see $log"
	[ $status = 0 ] || { tail -n 10 "$log" >&2; die "$title: exit status $status; see $log"; }
}

# show_command PROMPT FILE [LINES]: as if it had been typed
show_command() {
	printf '\n%s\n' "$1"
	head -n "${3:-1000}" "$2"
}

size() {
	du -h --apparent-size "$out/$1" | cut -f1
}

claim_out() {
	[ "$(id -u)" = 0 ] || die "this needs root, for mount namespaces"
	mkdir -p $out
	exec {lock}<$out
	flock -n "$lock" || die "another demo is using $out"
}
