# SPDX-License-Identifier: GPL-2.0-or-later
"""Cases: CPUs at full load are recorded. What the kernel counted is in the file, nothing twice
and nothing backwards, and what was overwritten is told. loaded.sh says what is recorded."""

import json
import os
import re

import intree
import recorder
from bench import HERE, TOP, VM, Skip, read, run, want
from bench import same as equal
from tool import tool

CPUS = 4
NUMBER = re.compile(r"\[(\d+)\] .*: tracing_mark_write: (\d{10})$")
WAY = re.compile(r": cpu \d+: ([a-z -]+)")
NAMES = {"rec": "pstore-rb record", "shim": "trace-cmd with mapped rings"}
RINGS = [(kb, subbuf) for kb in (64, 20480) for subbuf in (4, 64)]


def boot(directory, _, log, kernel="patched", seconds=60):
    files = ("pstore-rb", "shim_mmap.so", "trace-cmd-mmap")
    # two tools, four rings; converting and copying takes as long again
    limit = 300 + 8 * 4 * seconds
    with open(log, "wb") as out:
        status = run(
            [f"{VM}/run", "--kernel", kernel, "--script", f"{HERE}/loaded.sh",
             *(word for name in files for word in ("--file", f"{TOP}/build/{name}")),
             "--cpus", str(CPUS), "--mem", "6G", "--append", f"seconds={seconds}", "--out",
             directory, "--timeout", str(limit)], limit + 120, stdout=out, stderr=out, cwd=TOP)
    want(status == 0, f"the guest ended with {status}; see {log}")


def want_once(path):
    """Each CPU's numbers go up. Return: how many there are"""
    last, there, line = dict.fromkeys(range(CPUS), 0), 0, ""
    with open(path) as text:
        for line in text:
            number = NUMBER.search(line)
            if number:
                cpu, value = int(number[1]), int(number[2])
                want(value > last[cpu], f"CPU {cpu}: {value} after {last[cpu]}")
                last[cpu], there = value, there + 1
    want("damaged sub-buffers: 0, backwards: 0, " in line, f"the last line: {line}")
    return there


def is_complete(directory, out, statuses, name):
    if name not in statuses:
        raise Skip("this kernel has sub-buffers of one size")
    file, said = f"{directory}/{name}.dat", read(f"{directory}/said.{name}")
    want(os.path.exists(file), f"no {file}: {said[-300:]}")
    tool("info", "--json", file, path=f"{out}/info")
    told = json.loads(read(f"{out}/info"))
    overrun, cpus = recorder.want_counts(told, name)
    equal(cpus, CPUS, "CPUs with events")
    want(statuses[name] == 0 or (name.startswith("rec.") and overrun and statuses[name] == 1),
         f"status {statuses[name]}: {said[-300:]}")
    tool("report", "-e", "ftrace:print", file, path=f"{out}/text")
    want(want_once(f"{out}/text") > 1000, "there are too few numbers")
    os.unlink(f"{out}/text")
    return told["events"], overrun


def cases(results, directory, _, out):
    statuses = {name: int(status) for name, status in
                (line.split() for line in read(f"{directory}/statuses").splitlines())}
    for kb, subbuf in RINGS:
        for who, called in NAMES.items():
            results.case(f"{called} at full load, {kb} KiB, sub-buffers of {subbuf}: all is there "
                         "or told to be lost", told_in_numbers, results, directory, out, statuses,
                         f"{who}.{kb}.{subbuf}")
    results.case("after full load the kernel complains of nothing", complains_of_nothing, directory)


def told_in_numbers(results, directory, out, statuses, name):
    events, overrun = is_complete(directory, out, statuses, name)
    ways = ", ".join(sorted(set(WAY.findall(read(f"{directory}/said.{name}")))))
    results.note(f"{name}: {events} events, {overrun} lost, by {ways}")
    os.unlink(f"{directory}/{name}.dat")        # some 100 MB


def complains_of_nothing(directory):
    found = intree.COMPLAINT.findall(read(f"{directory}/dmesg"))
    want(not found, f"the log has {found[:5]}")
