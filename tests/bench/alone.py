# SPDX-License-Identifier: GPL-2.0-or-later
"""What libmerge and pstore-rb take without crash: text of a million events beside
trace-cmd, decoding and merging beside the kernel's way, rings as they are followed live, a
file of 10 GiB."""

import os
import shutil
import subprocess

import guest
from programs import OUT, Row, cpu_seconds, die, in_root, run

EVENTS = 1_000_000

# Both print the events of the same file, in the same root, to /dev/null.
SUITES = {"report_text": "trixie", "report_text_debian12": "bookworm"}


class Report:
    """@data: the last million events of what mixed.sh recorded"""

    def __init__(self):
        guest.make("mixed", "mixed.sh")
        self.data = f"{OUT}/million.dat"
        self.tool = f"{OUT}/pstore-rb"
        self.events = {name: ([], []) for name in SUITES}
        self.versions = {suite: in_root(suite, "dpkg-query", "-W", "-f", "${Version}", "trace-cmd")
                         for suite in SUITES.values()}
        shutil.copy("build/pstore-rb", self.tool)
        self.prepare()

    def prepare(self):
        run(self.tool, "convert", "-n", str(EVENTS), "-o", self.data, f"{OUT}/mixed/trace.dat",
            stderr=subprocess.STDOUT)
        for suite in SUITES.values():
            # A tool that is fast because it skips some is none.
            theirs = in_root(suite, "trace-cmd", "report", self.data).splitlines()
            ours = in_root(suite, self.tool, "report", self.data).splitlines()
            counts = [sum(not line.startswith(("#", "cpus=", "CPU:")) for line in lines)
                      for lines in (ours, theirs)]
            if counts != [EVENTS, EVENTS]:
                die(f"{suite}: pstore-rb and trace-cmd printed {counts} of {EVENTS} events")

    def round(self):
        for name, suite in SUITES.items():
            ours, theirs = self.events[name]
            ours.append(EVENTS / cpu_seconds(suite, f"{self.tool} report {self.data} >/dev/null"))
            theirs.append(EVENTS / cpu_seconds(suite, f"trace-cmd report {self.data} >/dev/null"))

    def rows(self):
        for name, (ours, theirs) in self.events.items():
            yield Row(name, "events/s", ">= 3", f"trace-cmd {self.versions[SUITES[name]]}",
                      ours, theirs)


class Merge:
    """bench-merge, whose cases take turns by themselves: NAME RATE... by line"""

    def __init__(self):
        self.rates = {}

    def round(self):
        for line in run("taskset", "-c", "1", "build/bench-merge").splitlines():
            name, *rates = line.split()
            self.rates.setdefault(name, []).extend(float(rate) for rate in rates)

    def rows(self):
        rates, unit = self.rates, "M events/s"
        cost = [a / b for a, b in zip(rates["merge_4"], rates["merge_256"])]
        yield Row("merge_rate", unit, ">= 20", values=rates["merge_at_once"])
        yield Row("merge_256_4", "times the cost", "<= 2.5", values=cost)
        for cpus in 8, 256:
            ours = rates["merge_at_once" if cpus == 8 else "merge_256"]
            yield Row(f"merge_pairwise_{cpus}", unit, "", "pstore_ftrace_combine_log()'s way",
                      ours, rates[f"pairwise_{cpus}"])
        for name in "decode", "decode_big_endian", "merge_bursts_10", "merge_bursts_100":
            yield Row(name, unit, values=rates[name])


class Live:
    """bench-live, of what mixed.sh recorded; its ways take turns by themselves"""

    def __init__(self):
        guest.make("mixed", "mixed.sh")
        self.path = f"{OUT}/live"
        self.rates = {}

    def round(self):
        shutil.rmtree(self.path, ignore_errors=True)
        os.mkdir(self.path)
        for line in run("taskset", "-c", "1", "build/bench-live", f"{OUT}/mixed/trace.dat",
                        self.path).splitlines():
            way, *rates = line.split()
            self.rates.setdefault(way, []).extend(float(rate) for rate in rates)

    def rows(self):
        yield Row("live_decode_rate", "M events/s", ">= 5", values=self.rates["batch"])
        for way in "mmap", "read":
            yield Row(f"live_decode_rate_{way}", "M events/s", values=self.rates[way])


class Big:
    """The file of 10 GiB: see bench-big.c"""

    def __init__(self):
        self.path = f"{OUT}/big.dat"
        self.peaks, self.rates, self.last = [], [], []

    def round(self):
        if os.path.exists(self.path):
            os.unlink(self.path)
        run("build/bench-big", "make", self.path)
        _, events, seconds, kib = run("taskset", "-c", "1", "build/bench-big", "all",
                                      self.path).split()
        self.rates.append(int(events) / float(seconds) / 1e6)
        self.peaks.append(int(kib) / 1024)
        text = run("taskset", "-c", "1", "build/bench-big", "last", self.path)
        self.last.append(float(text.split()[-1]))

    def rows(self):
        yield Row("merge_hwm_mib", "MiB", "<= 64", values=self.peaks)
        yield Row("merge_10g", "M events/s", values=self.rates)
        yield Row("last20_s", "s", "<= 1", values=self.last)
