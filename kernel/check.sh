#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Hold the series to the kernel's own rules: it applies, each patch passes
# checkpatch --strict, what it touches builds after each patch with no warning (W=1) and
# no complaint of sparse that was not there before, and for arm64.
set -euo pipefail
here=$(dirname "$(realpath "$0")")
vm=$here/../tests/vm
. "$vm/lib.sh"
. "$vm/lib-source.sh"

usage() {
	cat <<-END
	usage: check.sh [--only PART] TREE

	TREE is a source made by \`build.sh --tree TREE\`; the patches are taken out
	of it and put back one by one. The parts are:
	  style    checkpatch --strict
	  builds   W=1 and sparse, after each patch
	  arm64    all objects of the series by a cross compiler, and a kernel
	END
}

# spdxcheck wants git; MAINTAINERS is told of new files by the cover letter; Elf_Sym is the
# kernel's own name.
CHECKPATCH=(--strict --no-tree --terse --max-line-length=100
	--ignore FILE_PATH_CHANGES,SPDX_LICENSE_TAG,CAMELCASE)

style() {
	local patch failed=0

	for patch in $patches; do
		perl "$tree/scripts/checkpatch.pl" "${CHECKPATCH[@]}" \
			"$here/patches-6.12/$patch" || failed=1
	done
	return $failed
}

apply() {	# apply PATCH [-R]
	(cd "$tree" && GIT_CEILING_DIRECTORIES=${tree%/*} \
		git apply "${@:2}" "$here/patches-6.12/$1")
}

# The objects of the .c files that a patch touches, if this config has them
objects() {	# objects PATCH...
	sed -n 's|^+++ b/\(.*\)\.c$|\1.o|p' "${@/#/$here/patches-6.12/}" | sort -u |
	while read -r file; do
		case $file in
		arch/x86/boot/*|drivers/firmware/*|tools/*)	;;
		*)	echo "$file" ;;
		esac
	done
}

# Those whose source is there, and that the configuration builds: an option may come with
# a later patch.
present() {	# present OBJECT...
	local file option

	for file; do
		[ -e "$tree/${file%.o}.c" ] || continue
		option=$(sed -nE "s/^obj-\\$\\((\w+)\\).*[ \t]${file##*/}( .*)?\$/\1/p" \
			"$tree/${file%/*}/Makefile")
		[ -n "$option" ] && ! grep -q "^$option=[ym]" "$tree/.config" || echo "$file"
	done
}

# What is off without a patch has to be switched on again with it.
configure() {
	(cd "$tree" && scripts/kconfig/merge_config.sh -m .config "$here/config.fragment" \
		"$here/tests.config" >/dev/null 2>&1)
	make -s -C "$tree" olddefconfig
}

# Complaints about objects, without the lines' numbers, which move
complaints() {	# complaints MAKE-WORD OBJECT...
	[ $# -gt 1 ] || return 0
	make -s -C "$tree" -k -j"$(nproc)" "$@" 2>&1 |
		sed -nE '/: (warning|error|note): |^make.*\*\*\* / { s/:[0-9]+(:[0-9]+)?:/:/; p }' |
		sort -u
}

builds() {
	local patch failed=0 said=$tree/../complaints all

	for patch in $(tac <<<"$patches"); do
		apply "$patch" -R
	done
	configure
	all=$(objects $patches)
	complaints W=1 $(present $all) >"$said.before"
	complaints C=2 $(present $all) >>"$said.before"
	sort -u -o "$said.before" "$said.before"
	for patch in $patches; do
		apply "$patch"
		configure
		complaints W=1 $(present $(objects "$patch")) >"$said.after"
		comm -13 "$said.before" "$said.after" >"$said.new"
		[ -s "$said.new" ] || continue
		echo "$patch:"
		cat "$said.new"
		failed=1
	done
	complaints C=2 $(present $all) >"$said.after"
	comm -13 "$said.before" "$said.after" >"$said.new"
	[ ! -s "$said.new" ] || { echo "sparse:"; cat "$said.new"; failed=1; }
	return $failed
}

# What of the fragment x86 alone has is left out.
arm64() {
	local make=(make -s -C "$tree" O="$tree.arm64" ARCH=arm64 CROSS_COMPILE=aarch64-linux-gnu-)
	local log=$tree.arm64/warnings

	make -s -C "$tree" mrproper
	mkdir -p "$tree.arm64"
	"${make[@]}" tinyconfig
	(cd "$tree.arm64" && "$tree/scripts/kconfig/merge_config.sh" -m .config \
		"$here/config.fragment" >/dev/null)
	"${make[@]}" olddefconfig
	grep -q '^CONFIG_PSTORE_TRACER=y' "$tree.arm64/.config" || {
		echo "arm64: the tracer is not in the configuration"
		return 1
	}
	"${make[@]}" prepare
	"${make[@]}" W=1 -k -j"$(nproc)" $(objects $patches | grep -v ^arch/x86/) \
		>"$log" 2>&1 || true
	"${make[@]}" -j"$(nproc)" Image >>"$log" 2>&1 || echo "arm64: no Image" >>"$log"
	[ -s "$log" ] || return 0
	echo "arm64:"
	cat "$log"
	return 1
}

parts="style builds arm64"
[ "${1-}" != --only ] || { parts=${2-}; shift 2; }
case ${1-} in
-h|--help)	usage; exit ;;
-*|'')		usage >&2; exit 2 ;;
esac
"$here/../tests/deps" "$here/deps-check.txt" >&2
tree=$(realpath -e "$1")
patches=$(sed 's/#.*//' "$here/patches-6.12/series" | xargs -n1)
status=0
for part in $parts; do
	$part || status=1
done
exit $status
