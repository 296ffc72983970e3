# SPDX-License-Identifier: GPL-2.0-or-later
"""Cases: one crash in four dump formats gives one output."""

import concurrent.futures
import filecmp
import os

import crashes
import damaged
from bench import HANGS, Failure, Skip, in_root, read, run_to_file, want
from bench import same as equal

# makedumpfile's options; -F writes to standard output
FORMATS = {
    "compressed": ("-c", "-d", "0"),
    "filtered": ("-c", "-d", "31"),
    "flattened": ("-F", "-c", "-d", "0"),
}


def make(crash, guest, out, name, options):
    path = f"{out}/vmcore.{name}"
    if os.path.exists(path):
        os.unlink(path)
    words = in_root(crash.suite, "makedumpfile", *options, guest.vmcore,
                    binds=[guest.directory, out])
    if "-F" not in options:
        status = run_to_file([*words, path], f"{path}.log", HANGS)
    else:
        status = run_to_file(words, path, HANGS, errors=f"{path}.log")
    want(status == 0, f"makedumpfile: {read(f'{path}.log')[-300:]}")
    return path


def outputs(crash, name, vmcore, out, options=()):
    """Digests do for the long ones. Not by a pipe: of one that a busy machine is slow to set
    up, crash itself says that its operation failed."""
    said = crash.session(f"dump-{name}", vmcore, [
        f"extend {crash.extension}", f"pstore_rb > {out}/{name}.list",
        f"pstore_rb stat > {out}/{name}.stat",
        f"pstore_rb show > {out}/{name}.show",
        f"!sha256sum < {out}/{name}.show > {out}/{name}.show.sum; rm {out}/{name}.show",
        f"pstore_rb dump {out}/{name}.dat > /dev/null"], options=options)
    equal("".join(said[1:]).strip(), "", "messages")


# crash's: pages that are left out read as zeros
ZERO = "--zero_excluded"


def is_the_same(crash, guest, out, name, options):
    path = f"{out}/vmcore.{name}"
    try:
        outputs(crash, name, make(crash, guest, out, name, options), out)
    except Failure:
        crashes.opens(crash, path, f"dump-{name}")
        raise
    looks_the_same(out, name)


def zeros_are_the_same(crash, out):
    """Nothing of trace buffers is left out: no zero page is among what is read."""
    path = f"{out}/vmcore.filtered"
    want(os.path.exists(path), "the filtered dump was not made")
    # what it cannot open as it is lacks more than it may
    crashes.opens(crash, path, "dump-zeros")
    outputs(crash, "zeros", path, out, (ZERO, ))
    looks_the_same(out, "zeros")


def looks_the_same(out, name):
    for what in ("list", "stat", "show.sum"):
        equal(read(f"{out}/{name}.{what}"), read(f"{out}/elf.{what}"), what)
    want(filecmp.cmp(f"{out}/{name}.dat", f"{out}/elf.dat", shallow=False),
         "trace.dat differs")
    os.unlink(f"{out}/{name}.dat")


OLD = "bookworm"
LOOKED_AT = ("big", "consumed", "snap")


def old_dump(crash, guest, out):
    """makedumpfile 1.7.2 takes the slab pages of a 6.12 kernel for something else."""
    if crash.suite == OLD:
        raise Skip("this makedumpfile knows the kernel")
    path = f"{out}/vmcore.old"
    return path if os.path.exists(path) else make(crash.other(OLD), guest, out, "old",
                                                  ("-c", "-d", "31"))


def loss_is_told(out, kind):
    """No CPU has fewer events than there were without a word about it."""
    for name in LOOKED_AT:
        text = read(f"{out}/{kind}.{name}.show")
        after = damaged.by_cpu(f"{out}/{kind}.{name}.show")
        for cpu, lines in damaged.by_cpu(f"{out}/{name}.show").items():
            words = (f"damaged: buffer {name} cpu {cpu} ", f"buffer {name}, cpu {cpu}: ",
                     f"warning: buffer {name}: ", f'no buffer "{name}"')
            want(len(after.get(cpu, ())) == len(lines) or any(word in text for word in words),
                 f"{name}, CPU {cpu}: {len(after.get(cpu, ()))} of {len(lines)} events, and "
                 "nothing is said")


def left_out_too_much(crash, guest, out, kind, options):
    path = old_dump(crash, guest, out)
    names = LOOKED_AT
    try:
        said = crash.session(f"dump-{kind}", path, [
            f"extend {crash.extension}", f"pstore_rb > {out}/{kind}.list",
            f"pstore_rb show > {out}/{kind}.show", f"pstore_rb stat > {out}/{kind}.stat",
            *(f"pstore_rb show -b {name} > {out}/{kind}.{name}.show" for name in names),
            f"pstore_rb dump {out}/{kind}.dat", "help pstore_rb"], options=options)
    except Failure:
        # what is left out differs from dump to dump: crash's own data may be among it
        crashes.opens(crash, path, f"dump-{kind}", options)
        raise
    told = [line for line in read(f"{out}/{kind}.show").splitlines()
            if line.startswith(("# damaged: ", "# warning: "))]
    if not told:
        loss_is_told(out, kind)
        raise Skip("this dump lacks nothing of the buffers")
    want("# partial: " in read(f"{out}/{kind}.show") or
         not any(line.startswith("# damaged: ") for line in told), "show does not end with # partial")
    want("SYNOPSIS" in said[-1], "the next command does not work")
    shown = 0
    for name in names:
        before = damaged.by_cpu(f"{out}/{name}.show")
        for cpu, lines in damaged.by_cpu(f"{out}/{kind}.{name}.show").items():
            shown += len(lines)
            # the formats of some may be among what is left out
            known = [line for _, line in lines if ": Unknown type " not in line]
            wrong = damaged.is_subsequence(known,
                                           [line for _, line in before.get(cpu, [])])
            want(wrong is None, f"{name}, CPU {cpu}: shown, and never was: {wrong}")
    loss_is_told(out, kind)
    if os.path.exists(f"{out}/{kind}.dat"):
        os.unlink(f"{out}/{kind}.dat")
    if not shown:
        raise Skip(f"this dump lacks all of {', '.join(names)}, as is told")


def cases(bench):
    results, crash, guest, out = bench.parts()
    results.note("makedumpfile makes other formats, crash opens each")
    outputs(crash, "elf", guest.vmcore, out)
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for name, options in FORMATS.items():
            pool.submit(results.case, f"a {name} dump gives what the ELF dump gives",
                        is_the_same, crash, guest, out, name, options)
    results.case(f"a filtered dump with crash {ZERO} gives what the ELF dump gives",
                 zeros_are_the_same, crash, out)
    os.unlink(f"{out}/elf.dat")
    title = "a dump that an old makedumpfile filtered too much"
    results.case(f"{title}: told, and the rest is shown", left_out_too_much, crash, guest, out,
                 "old", ())
    results.case(f"{title}, with crash {ZERO}: told, no zeros are taken for empty buffers",
                 left_out_too_much, crash, guest, out, "old-zeros", (ZERO, ))
    if os.path.exists(f"{out}/vmcore.old"):
        os.unlink(f"{out}/vmcore.old")
