# SPDX-License-Identifier: GPL-2.0-or-later
"""Cases: NMIs that write events amid writers: none is lost, or it is counted."""

import re

import persist
import same
import survive
from bench import read, want
from bench import same as equal
from tool import tool

CPUS = 4
STAT = re.compile(r"/cpu(\d+)/stats:(overrun|commit overrun|dropped events): (\d+)")
HANDLER = re.compile(r": nmi_handler: (\S+) ")


def boot(directory, ram, log):
    persist.run_guest("patched", "nmis.sh", directory, ram, log, "--boots", "2", "--cpus",
                      str(CPUS), "--timeout", "400", "--append", persist.APPEND)


def table(path):
    return {int(cpu): int(number) for cpu, number in
            (line.split() for line in read(path).splitlines())}


def lost_of(directory):
    """By CPU, what the kernel itself says it did not keep"""
    lost = {}
    for cpu, _, number in STAT.findall(read(f"{directory}/stats")):
        lost[int(cpu)] = lost.get(int(cpu), 0) + int(number)
    return lost


class Seen:
    """By CPU: numbers of the writers, and how many events each handler of NMIs made."""

    def __init__(self, path):
        self.numbers, self.handlers = {}, {}
        for line in same.events(path):
            match = same.EVENT_LINE.match(line)
            want(match, f"no event: {line}")
            cpu = int(match["cpu"])
            handler = HANDLER.search(line)
            if handler:
                of_cpu = self.handlers.setdefault(cpu, {})
                of_cpu[handler[1]] = of_cpu.get(handler[1], 0) + 1
            elif match["event"] == "tracing_mark_write":
                self.numbers.setdefault(cpu, []).append(int(line.rpartition("number ")[2]))


def nothing_is_lost_untold(directory, out):
    path = f"{out}/nmis"
    tool("report", f"{directory}/{persist.REGION}", path=path)
    seen, lost = Seen(path), lost_of(directory)
    before, after = table(f"{directory}/before"), table(f"{directory}/after")
    hits = {cpu: after[cpu] - before[cpu] for cpu in after}
    # those of QEMU reach CPU 0 only
    want(hits[0] > 200, f"there were only {hits} NMIs")
    for cpu, last in table(f"{directory}/numbers").items():
        missing = last - len(seen.numbers[cpu])
        for handler, count in seen.handlers.get(cpu, {}).items():
            missing += hits[cpu] - count
            want(count <= hits[cpu], f"CPU {cpu}: {count} events of {handler}, {hits[cpu]} NMIs")
        want(missing <= lost[cpu], f"CPU {cpu}: {missing} missing, {lost[cpu]} counted as lost")
        if not lost[cpu]:
            equal(seen.numbers[cpu], list(range(1, last + 1)), f"numbers of CPU {cpu}")
    want(any(seen.handlers.values()), "no NMI wrote an event")


def kernel_complains_of_nothing(directory):
    found = survive.BAD_NEWS.findall(read(f"{directory}/dmesg"))
    want(not found, f"the kernel says {found[:3]}")


def cases(results, directory, _, out):
    results.case("nmis: what NMIs and writers wrote is present, or counted as lost",
                 nothing_is_lost_untold, directory, out)
    results.case("nmis: the kernel complains of nothing", kernel_complains_of_nothing, directory)
