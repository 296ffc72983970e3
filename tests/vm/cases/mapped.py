# SPDX-License-Identifier: GPL-2.0-or-later
"""Cases: rings that outlive the kernel are mapped and read, with losses, and then are whole."""

import re

import intree
import persist
from bench import TOP, read, want
from bench import same as equal
from tool import tool

NUMBER = re.compile(r"\[000\].*: tracing_mark_write: (\d{19})$", re.M)
LOST = re.compile(r"CPU:0 \[LOST (?:\d+ )?EVENTS\]$", re.M)
# What the guest counts to, and how much of it after the reader's death
ENDS = {"boot": 59000, "pstore": 129000}
UNREAD = 6000
# Small, so that there are some laps
APPEND = (f"reserve_mem=8M@0x20000000:4096:oops ramoops.mem_name=oops ramoops.trace_size={6 << 20} "
          "reserve_mem=1M:4096:boot trace_instance=boot@boot")


def boot(directory, ram, log):
    persist.run_guest("patched", "mapped.sh", directory, ram, log, "--boots", "2", "--timeout",
                      "400", "--append", APPEND, "--file", f"{TOP}/build/pstore-rb")


def numbers_of(text):
    return list(map(int, NUMBER.findall(text)))


def want_all_up_to(numbers, last):
    want(len(numbers) >= UNREAD and numbers[-1] == last,
         f"{len(numbers)} events, up to {numbers[-1:]}")
    gaps = [pair for pair in zip(numbers, numbers[1:]) if pair[1] != pair[0] + 1]
    want(not gaps, f"{len(gaps)} gaps: {gaps[:5]}")


def reader_lost_some(directory, name, way):
    """Else what follows shows nothing."""
    said, text = read(f"{directory}/said.{name}"), read(f"{directory}/{name}.txt")
    want(f": {way}" in said, f"{way} is wanted: {said}")
    want(LOST.search(text), f"nothing was lost: {text[-500:]}")
    last = numbers_of(text)[-1]
    want(ENDS[name] - UNREAD - 3000 < last <= ENDS[name] - UNREAD, f"the reader got to {last}")


def instance_is_whole(directory):
    log = read(f"{directory}/dmesg.after")
    want("Ring buffer meta [0] is from previous boot!" in log and
         not re.search(r"Ring buffer .*(?:invalid|mismatch|duplicates)", log), log[-3000:])
    want_all_up_to(numbers_of(read(f"{directory}/boot.after")), ENDS["boot"])


def region_is_whole(directory, out):
    """What the reader had taken out is there, too: it overlaps with the reader's file."""
    numbers = []
    for options in (["--consumed"], []):
        path = f"{out}/region.txt"
        tool("report", *options, f"{directory}/{persist.REGION}", path=path)
        numbers += numbers_of(read(path))
    want_all_up_to(numbers, ENDS["pstore"])
    taken = numbers_of(read(f"{directory}/pstore.txt"))[-1]
    want(numbers[0] < taken - 1000, f"the file ends at {taken}, the region begins at {numbers[0]}")


def complains_of_nothing(directory):
    found = intree.COMPLAINT.findall(read(f"{directory}/dmesg.before"))
    want(not found, f"the log has {found[:5]}")


def cases(results, directory, _, out):
    case = results.case
    case("mapped: an instance in memory is read with losses", reader_lost_some, directory, "boot",
         "mmap")
    case("mapped: after a reset it has all that was written last", instance_is_whole, directory)
    case("mapped: the tracer pstore is read in batches, with losses", reader_lost_some, directory,
         "pstore", "batch")
    case("mapped: after a reset the region has it all, also what was read", region_is_whole,
         directory, out)
    case("mapped: the kernel complains of nothing", complains_of_nothing, directory)
