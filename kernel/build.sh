#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Build Debian's kernel source with the series of patches-6.12/ and
# config.fragment; print the directory it made. `tests/vm/kernel patched` calls it.
set -euo pipefail
here=$(dirname "$(realpath "$0")")
vm=$here/../tests/vm
. "$vm/lib.sh"
. "$vm/lib-source.sh"

patches=$here/patches-6.12
fragment=$here/config.fragment

usage() {
	cat <<-END
	usage: build.sh [--update] [--tree DIR]

	Fetch $SOURCE of $SUITE, apply the series, configure and build: once for
	each version of the source and of the series. Print the directory, which
	is like those of tests/vm/kernel. --update looks for a newer source.
	--tree only makes DIR: the source with the series on it, and its .config.

	  tests/vm/run --kernel patched --interactive
	END
}

series() {
	sed 's/#.*//' "$patches/series"
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
	configure_source "$1/$SOURCE" "$fragment" >&2
}

# The release tells builds apart: initramfs are cached by it.
build_kernel() {
	local tree=$1/$SOURCE

	make_tree "$1"
	say "building it, 5 to 15 minutes; see $log"
	{
		nice make -s -C "$tree" -j"$(nproc)" LOCALVERSION="-$key" bzImage modules
		make -s -C "$tree" LOCALVERSION="-$key" INSTALL_MOD_PATH="$1" \
			INSTALL_MOD_STRIP=1 modules_install
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
	*)		usage >&2; exit 2 ;;
	esac
	shift
done

"$here/../tests/deps" "$here/deps.txt" >&2
key=$(cd "$here" && cat config.fragment build.sh patches-6.12/* | sha256sum | cut -c1-8)
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
link=$CACHE/kernels/patched-$key
log=$CACHE/kernels/patched-$key.log
if [ -n "$update" ] || [ ! -e "$link" ]; then
	look_up_source
	build_once "$CACHE/kernels/$version-patched-$key" build_kernel
	ln -sfn "$version-patched-$key" "$link"
fi
realpath -e "$link"
