#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Hold the series to the kernel's own rules: it applies, each patch passes
# checkpatch --strict, and what it touches builds without a warning (W=1) after
# each patch, with the tracer and without.
set -euo pipefail
here=$(dirname "$(realpath "$0")")
vm=$here/../tests/vm
. "$vm/lib.sh"
. "$vm/lib-source.sh"

usage() {
	cat <<-END
	usage: check.sh [--style] TREE

	TREE is a source made by \`build.sh --tree TREE\`; the patches are taken out
	of it and put back one by one. --style only runs checkpatch.
	END
}

# spdxcheck wants git; MAINTAINERS is told of new files by the cover letter.
CHECKPATCH=(--strict --no-tree --terse --max-line-length=100
	--ignore FILE_PATH_CHANGES,SPDX_LICENSE_TAG)

style() {
	local patch failed=0

	for patch in $patches; do
		perl "$tree/scripts/checkpatch.pl" "${CHECKPATCH[@]}" \
			"$here/patches-6.12/$patch" || failed=1
	done
	return $failed
}

apply() {
	(cd "$tree" && GIT_CEILING_DIRECTORIES=${tree%/*} \
		git apply "$@" "$here/patches-6.12/$patch")
}

# The objects of the .c files that the patch touches, if this config has them
objects() {
	local file

	sed -n 's|^+++ b/\(.*\)\.c$|\1.o|p' "$here/patches-6.12/$patch" |
	while read -r file; do
		case $file in
		arch/x86/boot/*|drivers/firmware/*|tools/*)	;;
		*)	echo "$file" ;;
		esac
	done
}

build_each() {
	local patch log=$tree/../check.log failed=0

	for patch in $(tac <<<"$patches"); do
		apply -R
	done
	for patch in $patches; do
		apply
		make -s -C "$tree" olddefconfig
		make -s -C "$tree" W=1 -k -j"$(nproc)" $(objects) >"$log" 2>&1 || true
		[ -s "$log" ] || continue
		echo "$patch:"
		cat "$log"
		failed=1
	done
	return $failed
}

only_style=
[ "${1-}" != --style ] || { only_style=yes; shift; }
case ${1-} in
-h|--help)	usage; exit ;;
-*|'')		usage >&2; exit 2 ;;
esac
tree=$(realpath -e "$1")
patches=$(sed 's/#.*//' "$here/patches-6.12/series" | xargs -n1)
status=0
style || status=1
[ -n "$only_style" ] || build_each || status=1
exit $status
