# SPDX-License-Identifier: GPL-2.0-or-later
"""Cases: something happens to whoever records a ring: he is killed or stopped, his disk is
full, CPUs come and go, others want to change the ring, it cannot be mapped.

The guest of recorder.sh counts on each CPU. What is in a recording is in order and there
once, and what is missing is told.
"""

import json
import os
import re

import intree
from bench import HANGS, HERE, TOP, VM, read, run, run_to_file, want
from bench import same as equal
from tool import TOOL, tool

CPUS = 2
LIMIT = 900
NUMBER = re.compile(r"(?:\S+: )?.*\[(\d+)\] .*: tracing_mark_write: (\d{3})(\d{16})$")
LOST = re.compile(r"(?:\S+: )?CPU:(\d+) \[LOST (?:(\d+) )?EVENTS\]$")
SUMMARY = re.compile(r"^(\S+): (\d+) events, (\d+) lost, \d+ bytes in \d+ sub-buffers, "
                     r"\d+\.\d{3} s of processor time, (\d+) CPUs by (batch|mmap|read)$", re.M)
# What recorder.sh counts up to
ENDS = {"stopped": 26000, "unplugged": 42000, "toggled": 4000, "resized": 4000,
        "removed": 4000, "refused": 2000}
MANY = 40000
NAMES = {"rec": "pstore-rb record", "shim": "trace-cmd with mapped rings"}


def boot(directory, _, log, kernel="patched", stopped=10):
    files = ("pstore-rb", "shim_mmap.so", "trace-cmd-mmap")
    with open(log, "wb") as out:
        status = run(
            [f"{VM}/run", "--kernel", kernel, "--script", f"{HERE}/recorder.sh",
             *(word for name in files for word in ("--file", f"{TOP}/build/{name}")),
             "--cpus", str(CPUS), "--append", f"stopped={stopped}", "--out", directory,
             "--timeout", str(LIMIT)], LIMIT + 120, stdout=out, stderr=out, cwd=TOP)
    want(status == 0, f"the guest ended with {status}; see {log}")


class Happened:
    """What the guest left."""

    def __init__(self, directory, out):
        self.directory, self.out = directory, out
        self.statuses = {name: int(status) for name, status in
                         (line.split() for line in read(f"{directory}/statuses").splitlines())}
        ways = SUMMARY.search(self.said("rec.stopped"))
        want(ways, f"no summary: {self.said('rec.stopped')}")
        self.way = ways[5]

    def why(self):
        """A ring with snapshots cannot be mapped: the kernel's reason, in our words"""
        return "this kernel, or this ring of it, cannot be mapped" if self.way == "read" else \
            "snapshots of this ring are armed"

    def said(self, name):
        return read(f"{self.directory}/said.{name}")

    def tried(self, name):
        return read(f"{self.directory}/tried.{name}")

    def lines(self, name, statuses=(0,)):
        path = f"{self.out}/{name}.txt"
        want(os.path.exists(f"{self.directory}/{name}.dat"), f"no {name}.dat")
        status = run_to_file([TOOL, "report", f"{self.directory}/{name}.dat"], path, HANGS)
        want(status in statuses, f"status {status} of report: {read(path)[-300:]}")
        return read(path).splitlines()

    def told(self, name):
        """By the file itself: as info --json has it."""
        path = f"{self.out}/{name}.info"
        tool("info", "--json", f"{self.directory}/{name}.dat", path=path)
        return json.loads(read(path))


def account(lines):
    """Of numbers: by writer those that are there, in order and once; and how many are lost"""
    numbers = {writer: [] for writer in range(CPUS)}
    lost = 0
    for line in lines:
        mark, number = LOST.match(line), NUMBER.match(line)
        if mark:
            lost += int(mark[2] or 0)
        elif number:
            numbers[int(number[2])].append(int(number[3]))
    want(lines and "damaged sub-buffers: 0, backwards: 0, " in "".join(lines[-3:]),
         f"damage, or time going backwards: {lines[-3:]}")
    for writer, found in numbers.items():
        back = [pair for pair in zip(found, found[1:]) if pair[1] <= pair[0]]
        want(not back, f"writer {writer}: not in order, or twice: {back[:5]}")
    return numbers, lost


def gaps_of(numbers, first=1):
    return sum(found[-1] - first + 1 - len(found) for found in numbers.values())


def ended_well(all_, name, partial=False):
    """pstore-rb tells of losses by its status, trace-cmd does not."""
    rec = name.startswith("rec.")
    want(all_.statuses[name] in ((0, 1) if rec and partial else (0,)),
         f"status {all_.statuses[name]}: {all_.said(name)[-300:]}")


def want_whole(all_, name):
    """All numbers up to the last one, or the word that so many are lost"""
    numbers, lost = account(all_.lines(name))
    equal({writer: found[-1:] for writer, found in numbers.items()},
          dict.fromkeys(range(CPUS), [ENDS[name.split(".")[1]]]), "the last number of each writer")
    equal(gaps_of(numbers), lost, "numbers that are missing, and told to be lost")
    ended_well(all_, name, partial=lost > 0)
    _, cpus = want_counts(all_.told(name), name)
    equal(cpus, CPUS, "CPUs with events")
    return lost


def want_counts(told, name):
    """The kernel's, as info --json has them: entries + read events are the events, overrun
    what is lost. Return: the overrun, and how many CPUs have events"""
    cpus = [cpu for buffer in told["buffers"] for cpu in buffer["cpus"] if cpu["events"]]
    for cpu in cpus:
        most = cpu["entries"] + cpu["read"]
        # trace-cmd may ask while its recorders go on: what is read then is in both
        least = cpu["entries"] if name.startswith("shim.") else most
        want(least <= cpu["events"] <= most, f"CPU {cpu['cpu']}: {cpu['events']} events: {cpu}")
    overrun = sum(cpu["overrun"] for cpu in cpus)
    want(told["lost"] == overrun or (told["lost_unknown"] and told["lost"] < overrun),
         f"{told['lost']} are told to be lost, {overrun} are")
    return overrun, len(cpus)


def stopped_goes_on(all_, name):
    want(want_whole(all_, name) > 10000, "nothing was lost: it was not stopped")


def whole(all_, name):
    want_whole(all_, name)


def busy_is_counted(all_, name):
    """System calls are events, too: how many there were only the kernel knows"""
    numbers, lost = account(all_.lines(name))
    equal({writer: found[-1:] for writer, found in numbers.items()},
          dict.fromkeys(range(CPUS), [ENDS[name.split(".")[1]]]), "the last number of each writer")
    ended_well(all_, name, partial=lost > 0)
    _, cpus = want_counts(all_.told(name), name)
    equal(cpus, CPUS, "CPUs with events")


def others_are_refused(all_, name):
    """Whoever wants to change a ring that is mapped is told that it is in use."""
    tried = all_.tried(name)
    if name.endswith("removed") or all_.way != "read":
        want("status 0" not in tried and "usy" in tried, f"that is not refused: {tried}")
    busy_is_counted(all_, name)


def refused_is_read(all_, name):
    equal(all_.tried("armed"), "status 0\n", "snapshots are armed")
    want_whole(all_, name)
    said = all_.said(name)
    wanted = f": read, without batch: {all_.why()}" if name.startswith("rec.") else \
        f"as trace-cmd does it: {all_.why()}"
    equal(said.count(wanted), CPUS, f"CPUs that say {wanted!r} in {said}")


def refused_is_an_error(all_, way):
    name, said = f"rec.{way}", all_.said(f"rec.{way}")
    equal(all_.statuses[name], 3, f"status: {said}")
    want(f"cpu 0: {all_.why()}" in said, said)


def want_in_order(lines):
    """As far as it goes: in order, with marks for gaps. Return: numbers"""
    numbers, lost = account(lines)
    want(all(numbers.values()), "a writer has nothing in it")
    equal(gaps_of(numbers), lost, "numbers that are missing, and told to be lost")
    return sum(map(len, numbers.values()))


def killed_is_readable(all_, name):
    equal(all_.statuses[name], 137, "status of who was killed")
    equal(all_.tried(name), "status 0\n", "the ring's size can be changed then")
    if name.startswith("rec."):
        equal(all_.tried("rec.killed.rmdir"), "status 0\n", "its instance can be removed then")
        for step in "rec.killed.report", "rec.killed.convert":
            want(all_.statuses[step] <= 1, all_.said(step)[-300:])
        there = want_in_order(all_.said("rec.killed.report").splitlines())
        equal(want_in_order(all_.lines("killed", (0, 1))), there, "numbers in the converted file")
    else:
        equal(all_.statuses["shim.killed.restore"], 0, all_.said("shim.killed.restore")[-300:])
        there = want_in_order(all_.lines("restored", (0, 1)))
    want(1000 < there < CPUS * MANY, f"{there} numbers are in it")


def full_is_told(all_, name):
    said = all_.said(name)
    want("No space left on device" in said, f"it does not tell: {said[-300:]}")
    want(all_.statuses[name] != 0, f"status {all_.statuses[name]}: {said[-300:]}")
    if name.startswith("rec."):
        want(all_.statuses["rec.full.report"] <= 1, all_.said("rec.full.report")[-300:])
        there = want_in_order(all_.said("rec.full.report").splitlines())
    else:
        equal(all_.statuses["shim.full.restore"], 0, all_.said("shim.full.restore")[-300:])
        there = want_in_order(all_.lines("full", (0, 1)))
    want(there > 1000, f"{there} numbers are in it")


def complains_of_nothing(all_):
    found = intree.COMPLAINT.findall(read(f"{all_.directory}/dmesg"))
    want(not found, f"the log has {found[:5]}")


CASES = {"its reader stands still for some laps: on it goes": ("stopped", stopped_goes_on),
         "a CPU goes and comes: all is there": ("unplugged", whole),
         "tracing is switched off and on: all that was recorded is there":
         ("toggled", busy_is_counted),
         "others want another size: they are refused": ("resized", others_are_refused),
         "others remove the instance: they are refused": ("removed", others_are_refused),
         "a ring that cannot be mapped: told, and read": ("refused", refused_is_read),
         "it is killed: what was written can be read": ("killed", killed_is_readable),
         "its disk is full: told, and what was written can be read": ("full", full_is_told)}


def cases(results, directory, _, out):
    all_ = Happened(directory, out)
    for what, (name, case) in CASES.items():
        for who, called in NAMES.items():
            results.case(f"{called}: {what}", case, all_, f"{who}.{name}")
    for way in "batch", "mmap":
        results.case(f"record -w {way} of a ring that cannot be mapped: an error",
                     refused_is_an_error, all_, way)
    results.case("whatever happened to recorders, the kernel complains of nothing",
                 complains_of_nothing, all_)
