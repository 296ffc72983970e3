# SPDX-License-Identifier: GPL-2.0-or-later
"""Cases: one crash in four dump formats gives one output."""

import concurrent.futures
import filecmp
import os

from bench import in_root, read, run_to_file, want
from bench import same as equal

# makedumpfile's options; -F writes to standard output
FORMATS = {
    "compressed": ("-c", "-d", "0"),
    "filtered": ("-c", "-d", "31"),
    "flattened": ("-F", "-c", "-d", "0"),
}


def make(guest, out, name, options):
    path = f"{out}/vmcore.{name}"
    if os.path.exists(path):
        os.unlink(path)
    words = in_root("makedumpfile", *options, guest.vmcore, binds=[guest.directory, out])
    if "-F" not in options:
        status = run_to_file([*words, path], f"{path}.log", 180)
    else:
        status = run_to_file(words, path, 180, errors=f"{path}.log")
    want(status == 0, f"makedumpfile: {read(f'{path}.log')[-300:]}")
    return path


def outputs(crash, name, vmcore, out):
    """Everything through a pipe; digests do for the long ones."""
    said = crash.session(f"dump-{name}", vmcore, [
        f"extend {crash.extension}", f"pstore_rb > {out}/{name}.list",
        f"pstore_rb stat > {out}/{name}.stat",
        f"pstore_rb show | sha256sum > {out}/{name}.show.sum",
        f"pstore_rb dump {out}/{name}.dat > /dev/null"])
    equal("".join(said[1:]).strip(), "", "messages")


def is_the_same(crash, guest, out, name, options):
    outputs(crash, name, make(guest, out, name, options), out)
    for what in ("list", "stat", "show.sum"):
        equal(read(f"{out}/{name}.{what}"), read(f"{out}/elf.{what}"), what)
    want(filecmp.cmp(f"{out}/{name}.dat", f"{out}/elf.dat", shallow=False),
         "trace.dat differs")
    os.unlink(f"{out}/{name}.dat")


def cases(bench):
    results, crash, guest, out = bench.parts()
    results.note("makedumpfile makes other formats, crash opens each")
    outputs(crash, "elf", guest.vmcore, out)
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for name, options in FORMATS.items():
            pool.submit(results.case, f"a {name} dump gives what the ELF dump gives",
                        is_the_same, crash, guest, out, name, options)
    os.unlink(f"{out}/elf.dat")
