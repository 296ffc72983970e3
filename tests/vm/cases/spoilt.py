# SPDX-License-Identifier: GPL-2.0-or-later
"""Cases: a region that is damaged anywhere: the kernel boots, says so, and records again."""

import os
import subprocess

import persist
import survive
from bench import HANGS, read, want
from bench import same as equal
from flips import TOOL

BOOTS = 51


def boot(directory, ram, log):
    persist.run_guest("patched", "spoilt.sh", directory, ram, log, "--boots", str(BOOTS),
                      "--timeout", str(BOOTS * 100), "--append", f"{survive.APPEND} boots={BOOTS}")


def records(directory, number):
    want(os.path.exists(f"{directory}/{number}.records"), "the tracer does not start")
    dmesg = read(f"{directory}/{number}.dmesg")
    found = survive.BAD_NEWS.findall(dmesg)
    want(not found, f"the kernel says {found[:3]}")
    want("trace_persist: " in dmesg, "the kernel says nothing of the region")


def is_read(directory, number):
    """Complete, partial, or nothing is readable; and then the kernel did not show it."""
    path = f"{directory}/{number}.region"
    if not os.path.exists(path):
        want("no trace of an earlier boot" in read(f"{directory}/{number}.dmesg"),
             "there is no file, and the kernel does not say why")
        return
    done = subprocess.run([TOOL, "report", path], timeout=HANGS, stdin=subprocess.DEVNULL,
                          stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    want(done.returncode in (0, 1, 3), f"status {done.returncode}: {done.stderr[-200:]}")
    os.unlink(path)


def cases(results, directory, _, __):
    equal(sum(name.endswith(".dmesg") for name in os.listdir(directory)), BOOTS, "boots")
    for number in range(1, BOOTS):
        results.case(f"spoilt: boot {number} records", records, directory, number)
    for number in range(2, BOOTS + 1):
        results.case(f"spoilt: what boot {number} found is read, or is none", is_read, directory,
                     number)
