# SPDX-License-Identifier: GPL-2.0-or-later
"""Cases: recordings of a running kernel, by pstore-rb record and by trace-cmd with mapped rings.

The guest of recording.sh counts on each CPU. In a recording each number is there, or a
mark before the next one tells how many are not.
"""

import json
import os
import re
import shutil
import subprocess

import loaded
import recorder
from bench import HANGS, HERE, TOP, VM, Failure, Skip, read, run, want
from bench import same as equal
from recorder import LOST, SUMMARY
from tool import TOOL, tool

CPUS = 2
NUMBERS = 12000
NUMBER = re.compile(r"(?:\S+: )?.*\[(\d+)\] .*: tracing_mark_write: (\d{19})$")


def old_trace_cmd():
    """Debian 12's own, with its libraries, beside that of the guest."""
    found = shutil.which("trace-cmd")
    if not found:
        return []
    said = subprocess.run(["ldd", found], check=True, text=True, capture_output=True).stdout
    files = {"trace-cmd": found} | {
        name: path for name, path in re.findall(r"(\S+) => (/\S+)", said)
        if name.startswith(("libtrace", "libzstd"))}
    return [word for name, path in files.items()
            for word in ("--file", f"{os.path.realpath(path)}:/root/old/{name}")]


def boot(bench):
    directory, log = f"{bench.out}/guest", f"{bench.out}/guest.log"
    shutil.rmtree(directory, ignore_errors=True)
    files = ("pstore-rb", "shim_mmap.so", "trace-cmd-mmap")
    with open(log, "wb") as out:
        status = run(
            [f"{VM}/run", "--kernel", bench.kernel, "--script", f"{HERE}/recording.sh",
             *(word for name in files for word in ("--file", f"{TOP}/build/{name}")),
             *old_trace_cmd(), "--cpus", str(CPUS), "--out", directory, "--timeout", str(HANGS)],
            HANGS + 120, stdout=out, stderr=subprocess.STDOUT, cwd=TOP)
    want(status == 0, f"the guest ended with {status}; see {log}")
    return directory


class Recordings:
    """What the guest left."""

    def __init__(self, directory, out):
        self.directory, self.out = directory, out
        self.statuses = {name: int(status) for name, status in
                         (line.split() for line in read(f"{directory}/statuses").splitlines())}

    def said(self, name):
        return read(f"{self.directory}/said.{name}")

    def file(self, name):
        path = f"{self.directory}/{name}.dat"
        if not os.path.exists(path):
            raise Failure(f"there is no {path}: {self.said(name)[-300:]}")
        return path

    def way(self):
        """The best there is: batch in kernels with the series, mmap since 6.10, or read."""
        return SUMMARY.search(self.said("best"))[5]

    def lines(self, name):
        path = f"{self.out}/{name}.txt"
        tool("report", self.file(name), path=path)
        return read(path).splitlines()


def want_numbers(lines, first=1):
    """Every number of each CPU, or the word that so many are lost. Return: those there, lost."""
    last = dict.fromkeys(range(CPUS), 0 if first else None)
    told, there, gone = {}, 0, 0
    for line in lines:
        mark, number = LOST.match(line), NUMBER.match(line)
        if mark:
            want(int(mark[1]) not in told, f"two marks for one gap: {line}")
            told[int(mark[1])] = int(mark[2] or 0)
        elif number:
            cpu, value = int(number[1]), int(number[2])
            gap = value - last[cpu] - 1 if last[cpu] is not None else 0
            want(gap == told.pop(cpu, 0), f"CPU {cpu}: {value} after {last[cpu]}: {line}")
            last[cpu], there, gone = value, there + 1, gone + gap
        else:
            want(line.startswith("#"), f"what is this: {line}")
    equal(last, dict.fromkeys(range(CPUS), NUMBERS), "the last number of each CPU")
    return there, gone


def numbers_are_there(all_, name, lossless=False):
    """Of pstore-rb record: also its own words, and the kernel's counts in the file."""
    there, gone = want_numbers(all_.lines(name))
    summary = SUMMARY.search(all_.said(name))
    want(summary, f"no summary in {all_.said(name)}")
    equal((int(summary[2]), int(summary[3])), (there, gone), "events and lost by the summary")
    equal(all_.statuses[name], 1 if gone else 0, f"status: {all_.said(name)}")
    want(not (lossless and gone), f"{gone} are lost of large rings")
    want_counts(all_, name, gone)
    equal(there + gone, CPUS * NUMBERS, "numbers")


def want_counts(all_, name, gone):
    """entries + read events of the kernel's stats are the events, overrun what is lost."""
    path = f"{all_.out}/{name}.info"
    tool("info", "--json", all_.file(name), path=path)
    cpus = json.loads(read(path))["buffers"][0]["cpus"]
    for cpu in cpus:
        counts = cpu
        equal(counts["entries"] + counts["read"], cpu["events"], f"events of CPU {cpu['cpu']}")
    equal(sum(cpu["overrun"] for cpu in cpus), gone, "overrun")


def wants_way(all_, name, way):
    ways = ("batch", "mmap", "read")
    if ways.index(way) < ways.index(all_.way()):
        equal(all_.statuses[name], 3, "status where the kernel cannot do that")
        why = "cannot be mapped" if all_.way() == "read" else "gives one sub-buffer at a time"
        want(why in all_.said(name), all_.said(name))
        raise Skip(f"this kernel: {why}")
    equal(all_.said(name).count(f": {way}"), CPUS, f"CPUs by {way}")


def small_rings(all_, way):
    name = f"{way}.8"
    wants_way(all_, name, way)
    numbers_are_there(all_, name)


def large_rings(all_, way):
    name = f"{way}.256"
    wants_way(all_, name, way)
    numbers_are_there(all_, name, lossless=False)


def last_is_kept(all_):
    lines = all_.lines("last")
    want_numbers(lines, first=None)
    want("older sub-buffers were written over" in all_.said("last"), all_.said("last"))
    count = sum(bool(NUMBER.match(line)) for line in lines)
    want(CPUS * 600 < count < CPUS * 1100, f"{count} events in 40 KiB of each CPU")


def busy_is_whole(all_):
    path = f"{all_.out}/busy.info"
    tool("info", "--json", all_.file("busy"), path=path)
    told = json.loads(read(path))
    want(told["events"] > 20000, f"only {told['events']} events")
    equal([told[key] for key in ("damaged", "backwards") if key in told and told[key]], [],
          "damage, or time going backwards")
    equal(told["description"]["without_format"], [], "events without a format")
    lost = told["lost"]
    for cpu in told["buffers"][0]["cpus"]:
        counts = cpu
        equal(counts["entries"] + counts["read"], cpu["events"], f"events of CPU {cpu['cpu']}")
    overrun = sum(cpu["overrun"] for cpu in told["buffers"][0]["cpus"])
    want(lost == overrun or (told["lost_unknown"] and lost < overrun),
         f"{lost} are told to be lost, {overrun} are")


def settings_are_back(all_):
    before = read(f"{all_.directory}/before")
    want(re.search(r"buffer_size_kb:7\d\d\n", before) and "sched:sched_switch" in before, before)
    for after in "after", "after.failed":
        equal(read(f"{all_.directory}/{after}"), before, f"settings {after}")
    want(all_.statuses["top"] <= 1, all_.said("top"))
    equal((all_.statuses["nothing"], all_.statuses["tracer"]), (2, 2), "no such event, tracer")
    want("no event is called no_such_system" in all_.said("nothing"), all_.said("nothing"))
    want("is called no_such_tracer" in all_.said("tracer"), all_.said("tracer"))
    equal(read(f"{all_.directory}/instances").strip(), "", "instances left")
    kinds = set(re.findall(r"^[^#].*?: (\w+): ", "\n".join(all_.lines("top")), re.M))
    want(kinds and all(kind.startswith(("timer", "hrtimer", "tick", "itimer"))
                       for kind in kinds), f"events other than timers': {kinds}")


def stopped_is_whole(all_):
    equal(all_.statuses["stopped"], 1 if " 0 lost" not in all_.said("stopped") else 0,
          all_.said("stopped"))
    want_numbers(all_.lines("stopped"))


def followed_in_order(all_):
    """Of both CPUs in the order of time, though each was read by itself while it counted"""
    equal((all_.statuses["followed"], all_.said("followed")), (0, ""), "status and stderr")
    lines = read(f"{all_.directory}/followed").splitlines()
    equal(want_numbers(lines), (CPUS * NUMBERS, 0), "numbers, lost")
    events = [line for line in lines if NUMBER.match(line)]
    times = [float(re.search(r" (\d+\.\d{6}): ", line)[1]) for line in events]
    equal(times, sorted(times), "times")
    cpus = [NUMBER.match(line)[1] for line in events]
    want(sum(a != b for a, b in zip(cpus, cpus[1:])) > 10, "the CPUs were not merged")
    want("backwards: 0," in lines[-1], lines[-1])


def full_disk_is_told(all_):
    said = all_.said("full")
    equal(all_.statuses["full"], 1, f"status: {said}")
    for words in ("No space left on device", "kept in small/full.dat.raw"):
        want(words in said, f"{words!r} is not in {said}")
    equal(read(f"{all_.directory}/full.ls").split(), ["fill", "fill2", "full.dat.raw"], "files")
    want("damaged sub-buffers: 0," in all_.said("full.report"), all_.said("full.report")[-200:])
    want(all_.statuses["full.report"] <= 1 and all_.statuses["full.convert"] <= 1, "statuses")


# ---- trace-cmd ---------------------------------------------------------------------

def shim_says(all_, name):
    wanted = "as trace-cmd does it" if all_.way() == "read" else all_.way()
    said = re.findall(r"^trace-cmd-mmap: cpu (\d): (.*?)(?:: .*)?$", all_.said(name), re.M)
    want(said and {way for _, way in said} == {wanted}, f"{wanted} is wanted: {all_.said(name)}")
    equal({int(cpu) for cpu, _ in said}, set(range(CPUS)), "CPUs")


def shim_records(all_, name):
    if name not in all_.statuses:
        raise Skip("there is no trace-cmd of Debian 12")
    equal(all_.statuses[name], 0, f"status: {all_.said(name)[-300:]}")
    shim_says(all_, name)
    lines = [line for line in all_.lines(name) if not line.startswith("#")]
    want_numbers(lines, first=None if name == "shim.last" else 1)


def shim_streams(all_):
    """What trace-cmd prints itself; marks of what is lost have another form."""
    shim_says(all_, "shim.pipe")
    found = {cpu: [] for cpu in range(CPUS)}
    for cpu, number in re.findall(r"\[(\d+)\].* (\d{19})$", all_.said("shim.pipe"), re.M):
        found[int(cpu)].append(int(number))
    for cpu, numbers in found.items():
        want(numbers and numbers == sorted(set(numbers)), f"CPU {cpu}: not in order")
        equal(numbers[-1], NUMBERS, f"the last number of CPU {cpu}")


def shim_leaves_the_environment(all_):
    want("preload is <>" in all_.said("shim.environment"), all_.said("shim.environment"))


def more_guests(bench):
    """What tests/vm/persist does with the patched kernel, in short"""
    for name, part, seconds in (("recorder", recorder, 2), ("loaded", loaded, 2)):
        guest, out = f"{bench.out}/{name}", f"{bench.out}/{name}.out"
        shutil.rmtree(guest, ignore_errors=True)
        os.makedirs(out, exist_ok=True)
        if bench.results.case(f"the guest of {name}.sh runs to its end", part.boot, guest, None,
                              f"{guest}.log", bench.kernel, seconds):
            part.cases(bench.results, guest, None, out)


def cases(bench):
    ways_and_tools(bench)
    if bench.long:
        more_guests(bench)


def ways_and_tools(bench):
    case, found = bench.results.case, []
    if not case("a guest is recorded in many ways",
                lambda: found.append(Recordings(boot(bench), bench.out))):
        return
    all_, = found
    for way in "batch", "mmap", "read":
        case(f"record by {way}, rings of 8 KiB: every number, or how many are lost", small_rings,
             all_, way)
        case(f"record by {way}, rings of 256 KiB: every number", large_rings, all_, way)
    case("record with no way said: every number", numbers_are_there, all_, "best")
    case("record --max-kb: the last numbers of each CPU", last_is_kept, all_)
    case("record, events of many kinds: the kernel's counts", busy_is_whole, all_)
    case("record leaves tracing as it was", settings_are_back, all_)
    case("record until SIGTERM: every number", stopped_is_whole, all_)
    case("report --follow: every number, of all CPUs in the order of time", followed_in_order, all_)
    case("record onto a full disk: told, and what was written can be read", full_disk_is_told, all_)
    version = read(f"{all_.directory}/trace-cmd.version").split()[2]
    for name, what in (("file", "a file"), ("nosplice", "a file, --nosplice"),
                       ("last", "two files, -m")):
        case(f"trace-cmd {version} with mapped rings, into {what}: every number", shim_records,
             all_, f"shim.{name}")
    case("Debian 12's trace-cmd with mapped rings: every number", shim_records, all_, "shim.old")
    case(f"trace-cmd {version} with mapped rings, into pipes: numbers in order", shim_streams, all_)
    case("what trace-cmd starts is not preloaded", shim_leaves_the_environment, all_)
