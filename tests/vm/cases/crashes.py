# SPDX-License-Identifier: GPL-2.0-or-later
"""Cases: one .so, built once on Debian 12, under every crash that opens the dump."""

import hashlib
import os
import re

from bench import HANGS, Failure, Skip, in_root, read, run_to_file, want
from bench import same as equal

WHAT = ("list", "stat", "show.sum", "tail", "dat.sum")


def digest(path):
    with open(path, "rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()


def version(suite):
    """Of the suite's crash."""
    path = f"/tmp/crash-version.{os.getpid()}"
    try:
        run_to_file(in_root(suite, "crash", "--version"), path, HANGS)
        found = re.search(r"^crash (\S+)", read(path), re.M)
    finally:
        os.unlink(path)
    return found.group(1) if found else "unknown"


def opens(crash, vmcore, name, options=()):
    """Whether this crash opens the dump without us; Skip says what it does instead."""
    try:
        said = crash.session(f"{name}.alone", vmcore, ["struct trace_array.name"],
                             options=options)
    except Failure as why:
        raise Skip(f"crash cannot open it, without the extension either: {why}") from None
    if "trace_array" not in said[0]:
        raise Skip(f"crash opens it but does not know its types: {said[0].strip()[:200]}")


def look(crash, vmcore, out, name):
    """All that a user does, in the files out/name.*; what was said on the terminal."""
    at = f"{out}/{name}"
    said = crash.session(name, vmcore, [
        f"!sha256sum {crash.extension}", f"extend {crash.extension}",
        f"pstore_rb > {at}.list", f"pstore_rb stat > {at}.stat",
        f"pstore_rb show > {at}.show", f"!sha256sum < {at}.show > {at}.show.sum; rm {at}.show",
        f"pstore_rb show -n 200 > {at}.tail",
        f"pstore_rb dump {at}.dat", f"!sha256sum < {at}.dat > {at}.dat.sum", f"!rm {at}.dat"])
    want(digest(crash.extension) in said[0], f"not the file that was built: {said[0].strip()}")
    equal([text.strip() for text in said[2:7]], [""] * 5, "messages")


def the_same(crash, guest, out, suite, first):
    other = crash.other(suite)
    if suite != first:
        opens(other, guest.vmcore, f"crash-{suite}")
    look(other, guest.vmcore, out, f"crash-{suite}")
    for what in WHAT:
        equal(read(f"{out}/crash-{suite}.{what}"), read(f"{out}/crash-{first}.{what}"), what)


def built_here(crash):
    host = dict(line.split("=", 1) for line in read("/etc/os-release").splitlines() if "=" in line)
    if host.get("ID") != "debian" or host.get("VERSION_ID") != '"12"':
        raise Skip(f"this is {host.get('PRETTY_NAME')}, not Debian 12")
    want(os.path.realpath(crash.extension).endswith("/build/pstore_rb.so"), crash.extension)


def cases(bench):
    results, crash, guest, out = bench.parts()
    results.case("the extension under test was built here, on Debian 12", built_here, crash)
    for suite in bench.suites:
        results.case(f"crash {version(suite)} ({suite}): the same list, stat, text and "
                     "trace.dat by the same .so", the_same, crash, guest, out, suite,
                     bench.suites[0])
