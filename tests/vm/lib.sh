# SPDX-License-Identifier: GPL-2.0-or-later
# What root, kernel and initramfs share: the cache, and a private apt for any
# Debian suite. Sourced by bash scripts that have done set -euo pipefail.

CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/pstore-rb
KEYRING=/usr/share/keyrings/debian-archive-keyring.gpg
export LC_ALL=C

say() {
	printf '%s: %s\n' "${0##*/}" "$*" >&2
}

die() {
	say "$*"
	exit 1
}

# build_once DIR COMMAND...: run COMMAND... TEMPDIR unless DIR is complete.
# DIR appears only when the command has succeeded, by a rename, so whatever
# carries this name is whole; a second caller waits for the first.
build_once() {
	local dir=$1 temp=$1.partial lock
	shift
	[ ! -e "$dir" ] || return 0

	mkdir -p "${dir%/*}"
	exec {lock}>"$dir.lock"
	flock "$lock"
	if [ ! -e "$dir" ]; then
		rm -rf "$temp"
		mkdir "$temp"
		"$@" "$temp"
		mv -T "$temp" "$dir"
	fi
	exec {lock}>&-
}

# The archive this machine's own apt uses for Debian.
debian_mirror() {
	local format='$(ORIGIN)|$(LABEL)|$(REPO_URI)'

	apt-get indextargets --format "$format" 'Created-By: Packages' |
		awk -F'|' '$1 == "Debian" && $2 == "Debian" { print $3; exit }'
}

suite_source() {
	local mirror

	mirror=$(debian_mirror)
	[ -n "$mirror" ] ||
		die "apt knows no Debian archive; try: apt-get update"
	echo "deb [signed-by=$KEYRING] $mirror $1 main"
}

# suite_apt SUITE: make this shell's apt-get and apt-cache speak of SUITE
# instead of the machine. The machine's own options (proxies) still hold.
suite_apt() {
	local dir=$CACHE/apt/$1 source

	source=$(suite_source "$1")
	mkdir -p "$dir/lists/partial" "$dir/cache/archives/partial"
	echo "$source" >"$dir/sources.list"
	cat >"$dir/apt.conf" <<-END
	Dir::Etc::SourceList "$dir/sources.list";
	Dir::Etc::SourceParts "/dev/null";
	Dir::State::Lists "$dir/lists";
	Dir::State::Status "/dev/null";
	Dir::Cache "$dir/cache";
	Acquire::Check-Valid-Until "false";
	APT::Sandbox::User "root";
	END
	export APT_CONFIG=$dir/apt.conf
	say "reading the package lists of $1"
	flock "$dir" apt-get -qq update >&2
}
