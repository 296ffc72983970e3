# SPDX-License-Identifier: GPL-2.0-or-later
"""How long list, show and dump take in crash, for full rings of 4 x 16 MiB in a
zlib-compressed kdump.

The clock is an extension of its own (clock.c), whose command stands between the
others in crash's input: it costs microseconds, and crash's start is left out.
Every round is a new crash, since crash keeps types and symbols it has looked up.
"""

import os
import re
import shutil

import guest
from programs import OUT, Row, die, in_root

SUITE = "trixie"
START = "start"
EVENTS_WANTED = 1_500_000

# What is run between two clocks
OURS = {
    START: [],
    "extend": ["extend {so}", "pstore_rb"],
    "show": ["pstore_rb show > /dev/null"],
    "dump": ["pstore_rb dump {data}"],
    "stat": ["pstore_rb stat"],
    "last": ["pstore_rb show -n 20"],
}
PEER = {
    START: [],
    "extend": ["extend {so}"],
    "show": ["trace show > /dev/null"],
    "dump": ["trace dump -t {data}"],
}
# Who loads first pays for what the next ones find done: what a user waits for
SUMS = {"extend_show": ["extend", "show"], "extend_dump": ["extend", "dump"]}
GOALS = {"extend": "<= 0.25", "show": "<= 0.33", "dump": "<= 1.0"}


def guest_events():
    """What the kernel counted; every CPU has overwritten some."""
    words = open(f"{OUT}/guest/counts").read().split()
    counts = [int(n) for n in words[1::2]]
    entries, overrun = counts[0::2], counts[1::2]
    if len(entries) != 4 or 0 in overrun or sum(entries) < EVENTS_WANTED:
        die(f"the guest's rings are not full: {words}")
    return sum(entries)


class Contender:
    def __init__(self, name, so, commands, untimed=()):
        self.name, self.so, self.commands = name, so, commands
        self.untimed = untimed
        self.data = f"{OUT}/{name}.dat"
        names = [what for what in [*commands, *SUMS] if what != START]
        self.wall = {what: [] for what in names}
        self.cpu = {what: [] for what in names}

    def script(self):
        path = f"{OUT}/{self.name}.crash"
        with open(path, "w") as target:
            print(f"extend {OUT}/clock.so", file=target)
            for what, commands in self.commands.items():
                for command in commands:
                    print(command.format(so=self.so, data=self.data), file=target)
                print(f"clock {what}", file=target)
            for command in self.untimed:
                print(command, file=target)
            print("quit", file=target)
        return path

    def measure(self, vmlinux):
        if os.path.exists(self.data):
            os.unlink(self.data)
        text = in_root(SUITE, "crash", "-s", "-i", self.script(), vmlinux,
                       f"{OUT}/guest/vmcore", bind=os.path.dirname(self.so))
        clocks = re.findall(r"^clock (\S+) (\S+) (\S+)$", text, re.M)
        loaded = f"{os.path.basename(self.so)}: shared object loaded" in text
        if not loaded or len(clocks) != len(self.commands) or not os.path.exists(self.data):
            die(f"{self.name} failed:\n{text[-2000:]}")
        for before, now in zip(clocks, clocks[1:]):
            self.wall[now[0]].append(float(now[1]) - float(before[1]))
            self.cpu[now[0]].append(float(now[2]) - float(before[2]))
        for values in self.wall, self.cpu:
            for what, parts in SUMS.items():
                values[what].append(sum(values[part][-1] for part in parts))
        return text

    def reported(self):
        """How many events trace-cmd finds in the file of the last round."""
        report = in_root(SUITE, "trace-cmd", "report", self.data)
        return sum(not line.startswith(("cpus=", "CPU:")) for line in report.splitlines())


class InCrash:
    def __init__(self):
        self.vmlinux = guest.vmlinux()
        guest.make("guest", "guest.sh", "--kdump", "d31")
        self.want = guest_events()
        # A copy: somebody may run make meanwhile.
        so = f"{OUT}/pstore_rb.so"
        shutil.copy("build/pstore_rb.so", so)
        self.ours = Contender("pstore_rb", so, OURS, ["pstore_rb show | tail -n 1"])
        peer = os.environ.get("CRASH_TRACE_SO")
        self.peer = Contender("crash-trace", os.path.abspath(peer), PEER) if peer else None
        if not peer:
            print("crash: without the peer, CRASH_TRACE_SO is not set")

    def round(self):
        # A tool that is fast because it skips some is none.
        text = self.ours.measure(self.vmlinux)
        if f"# events: {self.want}," not in text:
            die(f"the guest counted {self.want} events, and pstore_rb showed others:\n{text[-500:]}")
        if self.peer:
            self.peer.measure(self.vmlinux)

    def check(self):
        for contender in filter(None, [self.ours, self.peer]):
            events = contender.reported()
            print(f"{contender.name}: {events} events in its trace.dat; the guest counted {self.want}")
            if contender is self.ours and events != self.want:
                die("that is not all")

    def rows(self):
        """Wall clock, then CPU time"""
        for suffix, of in ("", lambda c: c.wall), ("_cpu", lambda c: c.cpu):
            for what, values in of(self.ours).items():
                others = of(self.peer).get(what, []) if self.peer else []
                goal = GOALS.get(what, "") if others and not suffix else ""
                yield Row(f"crash_{what}{suffix}", "s", goal, "crash-trace", values, others)
