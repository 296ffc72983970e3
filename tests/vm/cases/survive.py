# SPDX-License-Identifier: GPL-2.0-or-later
"""Cases: a machine dies at random moments while it records; what it wrote is there."""

import json
import os
import re

import flips
import persist
import same
from bench import Failure, read, want
from bench import same as equal
from tool import tool

CPUS = 4
# so small that its rings wrap in a second
APPEND = ("reserve_mem=16M@0x20000000:4096:oops ramoops.mem_name=oops "
          f"ramoops.trace_size={8 << 20}")
SECONDS_A_DEATH = 150
# of a guest; tests/vm/persist has other numbers when asked
DEATHS = 30
SEED = 1
IMAGES = 1000
BAD_NEWS = re.compile(r"^.*(?:WARNING: |BUG: |Oops|soft lockup|detected stall).*$", re.M)


def boot(directory, ram, log):
    persist.run_guest("patched", "survive.sh", directory, ram, log, "--boots", str(DEATHS + 1),
                      "--cpus", str(CPUS), "--timeout", str(SECONDS_A_DEATH * (DEATHS + 1)),
                      "--boot-timeout", str(SECONDS_A_DEATH),
                      "--append", f"{APPEND} seed={SEED} deaths={DEATHS}")


def numbers_of(path):
    """By CPU what its writer wrote, and the time of its last event."""
    numbers, last = {}, {}
    for line in same.events(path):
        match = same.EVENT_LINE.match(line)
        want(match, f"no event: {line}")
        cpu, time = int(match["cpu"]), float(match["time"])
        want(time >= last.get(cpu, 0), f"CPU {cpu} goes back in time: {line}")
        last[cpu] = time
        if match["event"] == "tracing_mark_write":
            numbers.setdefault(cpu, []).append(int(line.rpartition("number ")[2]))
    return numbers, last


def all_is_there(directory, death, out):
    region = f"{directory}/{death}.{persist.REGION}"
    way, _, boot = read(f"{directory}/{death}.end").split()
    path = f"{out}/survive"
    tool("report", region, path=path)
    numbers, last = numbers_of(path)
    equal(sorted(last), list(range(CPUS)), "CPUs with events")
    equal(sorted(numbers), list(range(CPUS)), "CPUs with numbers")
    for cpu, run in numbers.items():
        equal(run, list(range(run[0], run[0] + len(run))), f"numbers of CPU {cpu}")
    want(sum(map(len, numbers.values())) > 100, f"only {numbers} were counted")
    tool("info", "--json", region, path=f"{path}.info")
    remarks = "\n".join(json.loads(read(f"{path}.info"))["remarks"])
    want(f"boot {boot.replace('-', '')}, " in remarks, f"not of the boot {boot}: {remarks}")
    ended = "ended by a panic" if way == "panic" else "not stopped in order"
    want(f" UTC, {ended}" in remarks, f"not the end it had: {remarks}")
    counts = persist.SUBBUFS.findall(remarks)
    equal(len(counts), CPUS, f"CPUs without damage, of {remarks}")
    want(all(int(unsealed) <= 1 for _, unsealed in counts), f"more than one unsealed: {remarks}")


def damage_is_told(directory, seeds, out):
    """Of the last one that is whole; its newest slot is the only one."""
    with open(f"{directory}/{DEATHS}.{persist.REGION}", "rb") as source:
        flips.damage_is_told(source.read(), f"{out}/flipped", range(seeds))


def kernel_complains_of_nothing(directory):
    found = BAD_NEWS.findall(read(f"{directory}/console.log"))
    want(not found, f"the console has {found[:5]}")


def cases(results, directory, _, out):
    for death in range(1, DEATHS + 1):
        if not os.path.exists(f"{directory}/{death}.end"):
            raise Failure(f"there is no death {death}")
        way, seconds, _ = read(f"{directory}/{death}.end").split()
        results.case(f"survive: death {death}, {way} after {seconds} s: every number is there, "
                     "one sub-buffer a CPU is unsealed at most", all_is_there, directory, death, out)
    results.case(f"survive: {IMAGES} times some of what was sealed is damaged: so much is told, the "
                 "rest comes out", damage_is_told, directory, IMAGES, out)
    results.case("survive: the kernel complains of nothing", kernel_complains_of_nothing, directory)
