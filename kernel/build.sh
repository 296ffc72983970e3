#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Build Debian's kernel source with the series of patches-6.12/ and
# config.fragment; print the directory it made. `tests/vm/kernel patched` calls it,
# also with the names of the other kernels that are built here.
set -euo pipefail
here=$(dirname "$(realpath "$0")")
vm=$here/../tests/vm
. "$vm/lib.sh"
. "$vm/lib-source.sh"

patches=$here/patches-6.12
name=patched

usage() {
	cat <<-END
	usage: build.sh [--update] [--tree DIR] [NAME]

	Fetch $SOURCE of $SUITE, apply the series, configure and build: once for
	each version of the source and of the series. Print the directory, which
	is like those of tests/vm/kernel, with selftests/ beside. --update looks
	for a newer source. --tree only makes DIR: the source and its .config.
	The names are:
	  patched        the series, config.fragment [this one]
	  patched-tests  the same with tests.config: KUnit, startup tests, lockdep
	  patched-systemd  the series, with systemd.config: for Debian's userland on a disk
	  patched-kasan  the series, with kasan.config: KASAN and lockdep
	  patched-kcsan  the series, with kcsan.config: KCSAN
	  patched-bench  the series, with bench.config: compiled as distributions do
	  unpatched      no series; config.fragment without what is the series'
	  unpatched-bench  the same with bench.config

	  tests/vm/run --kernel patched --interactive
	END
}

# What the build depends on: a patch's message is not part of it.
changes() {
	local patch

	fragment
	for patch in $(series); do
		sed -n '/^diff --git /,$p' "$patches/$patch"
	done
}

series() {
	[ "${name%%-*}" = unpatched ] || sed 's/#.*//' "$patches/series"
}

fragment() {
	local added=/dev/null

	[ "${name#*-}" = "$name" ] || added=$here/${name#*-}.config
	if [ "${name%%-*}" = unpatched ]; then
		grep -v PSTORE_TRACER "$here/config.fragment"
	else
		cat "$here/config.fragment"
	fi | grep -vxFf <(sed -n 's/^# \(CONFIG_.*\) is not set$/\1=y/p' "$added")
	cat "$added"
}

# As git am does: no fuzz, no offsets of context. What does not fit is named.
apply_series() {
	local patch errors

	for patch in $(series); do
		errors=$(cd "$1" && GIT_CEILING_DIRECTORIES=${1%/*} \
			git apply "$patches/$patch" 2>&1) && continue
		die "$patch does not apply to $SOURCE $version:" $(
			sed -n -e 's/^error: \(.*\): patch does not apply$/\1/p' \
				-e 's/^error: \(.*\): No such file.*/\1/p' \
				-e 's/^error: \(.*\): already exists.*/\1/p' <<<"$errors")
	done
}

make_tree() {
	unpack_source "$1"
	say "applying $(series | wc -w) patches"
	apply_series "$1/$SOURCE"
	fragment >"$1/fragment"
	configure_source "$1/$SOURCE" "$1/fragment" >&2
	rm "$1/fragment"
}

# Those that tests/vm/ runs in guests
keep_selftests() {
	local from=$1/tools/testing/selftests to=$2/selftests test

	make -s -C "$1" headers
	mkdir "$to"
	cp -r "$from/ftrace" "$from/pstore" "$to"
	for test in map_test map_batch_test; do
		# the second one is the series'
		[ -e "$from/ring-buffer/$test.c" ] || continue
		cc -static -D_GNU_SOURCE -I "$1/usr/include" -o "$to/$test" \
			"$from/ring-buffer/$test.c"
	done
}

# Words for make that a fragment asks for
make_words() {
	fragment | sed -n 's/^# make: //p'
}

# The release tells builds apart: initramfs are cached by it.
build_kernel() {
	local tree=$1/$SOURCE

	make_tree "$1"
	say "building it, 5 to 15 minutes; see $log"
	{
		# shellcheck disable=SC2046
		nice make -s -C "$tree" -j"$(nproc)" LOCALVERSION="-$key" $(make_words) \
			bzImage modules
		make -s -C "$tree" LOCALVERSION="-$key" INSTALL_MOD_PATH="$1" \
			INSTALL_MOD_STRIP=1 modules_install
		keep_selftests "$tree" "$1"
	} >"$log" 2>&1 || { tail -n 20 "$log" >&2; exit 1; }
	rm -f "$1"/lib/modules/*/{build,source}
	keep_kernel "$tree" "$1"
	rm -r "$tree"
	say "built $(<"$1/release") in $SECONDS s"
}

update='' tree=''
while [ $# -gt 0 ]; do
	case $1 in
	--update)	update=yes ;;
	--tree)		tree=$(realpath -m "$2"); shift ;;
	-h|--help)	usage; exit ;;
	patched|patched-tests|patched-systemd|patched-kasan|patched-kcsan|patched-bench|\
	unpatched|unpatched-bench)	name=$1 ;;
	*)		usage >&2; exit 2 ;;
	esac
	shift
done

"$here/../tests/deps" "$here/deps.txt" >&2
key=$(changes | sha256sum | cut -c1-8)
if [ -n "$tree" ]; then
	[ ! -e "$tree" ] || die "$tree exists"
	look_up_source
	mkdir -p "$tree.partial"
	make_tree "$tree.partial"
	mv "$tree.partial/$SOURCE" "$tree"
	rmdir "$tree.partial"
	echo "$tree"
	exit
fi

# The link names the source's version when it was last looked up.
link=$CACHE/kernels/$name-$key
log=$CACHE/kernels/$name-$key.log
if [ -n "$update" ] || [ ! -e "$link" ]; then
	look_up_source
	build_once "$CACHE/kernels/$version-$name-$key" build_kernel
	ln -sfn "$version-$name-$key" "$link"
fi
realpath -e "$link"
