# SPDX-License-Identifier: GPL-2.0-or-later
"""Cases: with room for two recordings the one before the newest is still there, also when it
was not stopped but emptied."""

import json
import re

import persist
import same
import survive
from bench import HANGS, read, run_to_file, want
from bench import same as equal
from tool import TOOL, tool

CPUS = 4
OTHER = re.compile(r"another recording, generation \d+ by Linux \S+, is left out: (region@0x[0-9a-f]+)")
WHOLE = list(range(1, 201))


def boot(directory, ram, log):
    persist.run_guest("patched", "older.sh", directory, ram, log, "--boots", "5", "--cpus",
                      str(CPUS), "--timeout", "600", "--append",
                      f"{persist.APPEND} ramoops.trace_generations=2")


class Region:
    """What a boot left: texts of the newest recording and of the other one, if there is one"""

    def __init__(self, directory, boot, out):
        self.file = f"{directory}/{boot}.{persist.REGION}"
        self.newest, self.older = f"{out}/{boot}.newest", f"{out}/{boot}.older"
        info = f"{out}/{boot}.info"
        run_to_file([TOOL, "info", self.file], info, HANGS, errors=f"{info}.err")
        self.said = read(info) + read(f"{info}.err")
        others = OTHER.findall(self.said)
        want(len(others) <= 1, f"more than one other recording: {others}")
        self.other = others[0] if others else None
        self.report(self.newest)
        if self.other:
            self.report(self.older, "-S", self.other)

    def report(self, path, *options):
        """One of two is partial, as the other is left out, whichever it is."""
        status = run_to_file([TOOL, "report", *options, self.file], path, HANGS,
                             errors=f"{path}.err")
        equal(status, 1 if self.other else 0, f"status; it says {read(f'{path}.err')}")

    def clock(self, *options):
        path = f"{self.newest}.json"
        run_to_file([TOOL, "info", "--json", *options, self.file], path, HANGS, errors=f"{path}.err")
        return json.loads(read(path))["buffers"][0]["clock"]

    def consumed(self, out):
        path = f"{out}/consumed"
        tool("report", "-C", "-b", "top/consumed", self.file, path=path)
        return path


def numbers_of(*paths):
    """By their word"""
    found = {}
    for path in paths:
        for line in same.events(path):
            if ": tracing_mark_write: " in line:
                word, number = line.split()[-2:]
                found.setdefault(word, []).append(int(number))
    return found


def both_are_read(directory, out):
    region = Region(directory, 1, out)
    want(region.other, f"there is no other recording: {region.said}")
    equal(numbers_of(region.newest), {"third": WHOLE}, "markers of the newest")
    equal(numbers_of(region.older), {"second": WHOLE}, "markers of the older one")
    want(" <-" in read(region.older), "no functions")


def what_was_recorded_is_kept(directory, out):
    """trace-cmd has taken all of it away, and has emptied the trace then."""
    region = Region(directory, 2, out)
    equal(read(f"{directory}/recorded.tracer"), "nop\n", "tracer when record is done")
    want("rror" not in read(f"{directory}/said"), f"trace-cmd says {read(f'{directory}/said')}")
    equal(region.other, None, "a recording of nothing beside it")
    want("stopped in order" in region.said, f"not the end it had: {region.said}")
    found = numbers_of(region.consumed(out), region.newest)
    equal(found, {"recorded": WHOLE}, "markers, read and not read")


def what_was_emptied_is_kept(directory, out):
    region = Region(directory, 3, out)
    equal(read(f"{directory}/clear.said"), "200\n0\npstore\n", "markers before and after, tracer")
    equal(numbers_of(region.newest), {"after": WHOLE}, "markers of the newest")
    want(region.other, f"there is no other recording: {region.said}")
    equal(numbers_of(region.older), {"cleared": WHOLE}, "markers of what was emptied")


def counted(path):
    """By CPU, the first and the last number; those between are there."""
    ends = {}
    for cpu, run in survive.numbers_of(path)[0].items():
        equal(run, list(range(run[0], run[0] + len(run))), f"numbers of CPU {cpu} in {path}")
        ends[cpu] = run[0], run[-1]
    equal(sorted(ends), list(range(CPUS)), f"CPUs that wrote in {path}")
    return ends


def writers_lose_nothing_within(directory, out):
    """Between two recordings there is a gap, as when any ring is emptied."""
    region = Region(directory, 4, out)
    want(region.other, f"there is no other recording: {region.said}")
    older, newest = counted(region.older), counted(region.newest)
    for cpu, (first, _) in newest.items():
        want(first > older[cpu][1], f"CPU {cpu}: {first} comes behind {older[cpu][1]}")
    want(": nmi_handler: " in read(region.older) + read(region.newest), "no NMI wrote an event")
    equal([region.clock("-S", region.other), region.clock()], ["local", "mono"], "clocks")
    counts = persist.SUBBUFS.findall(region.said)
    equal(len(counts), CPUS, f"CPUs without damage, of {region.said}")


def kernel_complains_of_nothing(directory):
    found = survive.BAD_NEWS.findall(read(f"{directory}/writers.dmesg"))
    want(not found, f"the kernel says {found[:3]}")


CASES = {"the one before is whole beside the newest": both_are_read,
         "what trace-cmd record took away is there when it is done, and nothing empty beside it":
         what_was_recorded_is_kept,
         "emptied twice, it is the older one; what would be lost is not emptied":
         what_was_emptied_is_kept,
         "amid writers, readers and NMIs no number is missing in either":
         writers_lose_nothing_within}


def cases(results, directory, _, out):
    for name, case in CASES.items():
        results.case(f"generations: {name}", case, directory, out)
    results.case("generations: the kernel complains of nothing", kernel_complains_of_nothing,
                 directory)
