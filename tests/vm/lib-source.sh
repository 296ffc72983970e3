# SPDX-License-Identifier: GPL-2.0-or-later
# What build-kernel and kernel/build.sh share: Debian's kernel source, and how a
# kernel becomes a directory like those of `kernel`. Sourced after lib.sh.

SUITE=trixie
SOURCE=linux-source-6.12

# Sets $version to the newest one of the suite.
look_up_source() {
	suite_apt $SUITE
	version=$(apt-cache policy $SOURCE | awk '$1 == "Candidate:" { print $2 }')
	[ -n "$version" ] || die "$SUITE has no $SOURCE"
}

# unpack_source DIR: $SOURCE $version, at DIR/$SOURCE
unpack_source() {
	say "fetching and unpacking $SOURCE $version"
	(cd "$1" && apt-get -qq download "$SOURCE=$version" >&2)
	dpkg-deb --fsys-tarfile "$1"/*.deb |
		tar -x -O "./usr/src/$SOURCE.tar.xz" | tar -x -J -C "$1"
	rm "$1"/*.deb
}

# configure_source TREE FRAGMENT: tinyconfig and the fragment. An option the
# fragment asks for and the kernel does not give is a mistake in the fragment.
configure_source() {
	local missing

	make -s -C "$1" tinyconfig
	(cd "$1" && scripts/kconfig/merge_config.sh -m .config "$2" >/dev/null)
	make -s -C "$1" olddefconfig
	missing=$(grep '^CONFIG_' "$2" | grep -vxF -f "$1/.config" || true)
	[ -z "$missing" ] || die "$SOURCE does not give" $missing
}

# keep_kernel TREE DIR: put what was built where `run` looks for it
keep_kernel() {
	mv "$1/arch/x86/boot/bzImage" "$2/vmlinuz"
	mv "$1/vmlinux" "$2"
	cp "$1/.config" "$2/config"
	cp "$1/include/config/kernel.release" "$2/release"
}
