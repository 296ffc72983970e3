# SPDX-License-Identifier: GPL-2.0-or-later
"""Cases: the kernel's own tests of mainline's ramoops, which the series mends, over boots."""

import re
import subprocess

from bench import HERE, VM, read, run, want
from bench import same as equal

KERNEL = "patched"
AREA, SIZE = 0x20000000, 20 << 20
SIZES = "ramoops.console_size=65536 ramoops.pmsg_size=65536 ramoops.record_size=131072"
MINE = f"reserve_mem={SIZE}@{AREA:#x}:4096:oops ramoops.mem_name=oops ramoops.mem_type=2 {SIZES}"
APART = f"memmap={SIZE}${AREA:#x} ramoops.mem_address={AREA:#x} ramoops.mem_size={SIZE} {SIZES}"

# More than kmalloc() gives; with parity, which is too slow for that, and at a place that
# KASLR chooses anew for each boot
GUESTS = {"large": (f"{MINE} ramoops.ftrace_size={8 << 20}", ["--nokaslr"]),
          "ecc": (f"{MINE} ramoops.ftrace_size={1 << 18} ramoops.ecc=1", [])}
SECONDS = 900
COUNT = re.compile(r"\t(\d+) records of ")
COPIED = {"large": 4 << 20, "ecc": 0}
RECORD = 24


def boot(directory, tests, log):
    """Three times each, and one that crashes."""
    for name, (append, options) in GUESTS.items():
        boot_one(f"{directory}.{name}", "intree-zones.sh", log, append,
                 ["--file", tests, "--boots", "3", *options])
    boot_one(f"{directory}.dump", "intree-dump.sh", log,
             f"{APART} ramoops.ftrace_size={1 << 18}", ["--kdump", "elf"])


def boot_one(directory, script, log, append, options):
    with open(log, "a") as out:
        status = run([f"{VM}/run", "--kernel", KERNEL, "--script", f"{HERE}/{script}",
                      "--cpus", "2", "--out", directory, "--timeout", str(SECONDS),
                      "--append", append, *options],
                     SECONDS + 60, stdout=out, stderr=subprocess.STDOUT)
    want(status == 0, f"exit status {status} of tests/vm/run; see {log}: {read(log)[-300:]}")


def has(text, *lines):
    want("FAIL" not in text, f"a test failed: {text}")
    for line in lines:
        want(f"{line} ... ok" in text, f"there is no line {line!r} that is ok in {text}")


def records_come_out(directory, boot, name):
    """By another boot than the one that wrote them."""
    text = read(f"{directory}/zones.{boot}.after")
    has(text, "Checking ftrace file has records of each CPU",
        "Checking records are in order of their time stamps",
        "Checking what pstore calls to store a record is not recorded")
    if "records of all\n" in text:
        has(text, "Checking records of all CPUs are merged")
    count = COUNT.search(text)
    want(count, f"no count of records in {text}")
    least = COPIED[name] if boot == 2 else 0
    want(int(count[1]) * RECORD > least, f"{count[1]} records are no test")


def one_function(directory, boot):
    has(read(f"{directory}/zones.{boot}.after"),
        "Checking each record is of the function that was recorded",
        "Checking no symbol is of another function than that")


def removed_is_gone(directory):
    has(read(f"{directory}/zones.2.before"), "Removing what an earlier boot recorded")
    has(read(f"{directory}/zones.3.after"), "Checking nothing of it comes back")


def complains_of_nothing(directory):
    log = read(f"{directory}/dmesg.after")
    want("WARNING: " not in log and "BUG: " not in log, f"see {directory}/dmesg.after")


def dump_has_it(directory):
    want("System RAM" not in "".join(line for line in read(f"{directory}/iomem").splitlines()
                                     if line.strip().startswith(f"{AREA:08x}")),
         "the area of ramoops is the kernel's")
    kernel = subprocess.run([f"{VM}/kernel", KERNEL], check=True, text=True,
                            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE).stdout.strip()
    said = subprocess.run(["sh", f"{kernel}/selftests/pstore/pstore_vmcore_test.sh",
                           f"{directory}/vmcore", f"{AREA:#x}", str(SIZE)], check=False,
                          text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
    equal(said.returncode, 0, f"exit status; it said {said.stdout}")
    has(said.stdout, "Checking it begins with a zone")


def cases(results, directory):
    case = results.case
    for name in GUESTS:
        guest = f"{directory}.{name}"
        for number in (2, 3):
            case(f"in the tree: zones, {name}: boot {number} has the records of the one before",
                 records_come_out, guest, number, name)
        case(f"in the tree: zones, {name}: records are of one boot, with its symbols or none",
             one_function, guest, 3)
        case(f"in the tree: zones, {name}: what is removed is gone, and no more", removed_is_gone,
             guest)
        case(f"in the tree: zones, {name}: complains of nothing", complains_of_nothing, guest)
    case("in the tree: zones, ecc: records are read where they are", one_function,
         f"{directory}.ecc", 2)
    case("in the tree: ramoops in memory that is not the kernel's is in a dump", dump_has_it,
         f"{directory}.dump")
