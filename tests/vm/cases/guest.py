# SPDX-License-Identifier: GPL-2.0-or-later
"""The guest of guest.sh: made, crashed, and what it said about itself."""

import os
import shutil
import subprocess

from bench import HERE, TOP, VM, Failure, read, run, want
from calls import is_graph
from same import EVENT_LINE, events

APPEND = ("maxcpus=2 reserve_mem=4M:4096:boot_map "
          "trace_instance=boot_map@boot_map trace_buf_size=1M")
KINDS = {"boot_map": "persistent", "snap/snapshot": "snapshot"}
SECONDS = 1800


class Buffer:
    """A buffer by the kernel's own word."""

    def __init__(self, word, name, cpus):
        self.name = name
        self.cpus = cpus
        self.file_name = name.replace("/", ".")
        self.kind = KINDS.get(name, "live")
        # a snapshot has the clock and the sizes of its instance
        settings = f"{word}/{name.partition('/')[0]}"
        self.trace = (f"{os.path.dirname(word)}/top.trace" if name == "top"
                      else f"{word}/{self.file_name}/trace")
        self.clock = read(f"{settings}/clock").partition("[")[2].partition("]")[0]
        self.subbuf_kb = int(read(f"{settings}/subbuf_kb"))
        stats = f"{word}/{self.file_name}/stats"
        self.stats = read_stats(stats) if os.path.exists(stats) else None

    def entries(self):
        """Events by CPU; of a snapshot the kernel tells only the text."""
        if self.stats:
            return {cpu: self.stats[cpu]["entries"] for cpu in self.cpus}
        counts = dict.fromkeys(self.cpus, 0)
        for line in events(self.trace):
            match = EVENT_LINE.match(line)
            if match:
                counts[int(match.group("cpu"))] += 1
        return counts

    def total(self, name):
        return sum(self.stats[cpu][name] for cpu in self.cpus) if self.stats else 0

    def overwritten(self):
        """Events overwritten before the oldest, by CPU, that no reader was told of; None: unknown.

        What was read was read when tracing was off: then nothing was overwritten since.
        """
        if not self.stats:
            return None
        return {cpu: self.stats[cpu]["overrun"] for cpu in self.cpus
                if self.stats[cpu]["overrun"] and not self.stats[cpu]["read events"]}

    def edge_times(self):
        """Time stamps of the first and the last event, as printed, where they are."""
        if is_graph(self.trace):
            return None
        first, last = "-", "-"
        for line in edges(self.trace):
            match = EVENT_LINE.match(line)
            if match:
                first = match.group("time") if first == "-" else first
                last = match.group("time")
        return first, last


def edges(path, size=1 << 16):
    """Lines near both ends of a text."""
    with open(path, "rb") as source:
        head = source.read(size)
        source.seek(max(0, os.path.getsize(path) - size))
        tail = source.read()
    text = head + b"\n" + tail
    return text.decode(errors="surrogateescape").splitlines()


def read_stats(path):
    stats = {}
    for line in read(path).splitlines():
        cpu, _, rest = line.partition(" ")
        name, _, value = rest.partition(": ")
        if not name.endswith(" ts"):
            stats.setdefault(int(cpu[3:]), {})[name] = int(value)
    return stats


class Guest:
    def __init__(self, directory):
        self.directory = directory
        self.vmcore = f"{directory}/vmcore"
        self.word = f"{directory}/word"
        if not os.path.exists(self.word):
            os.mkdir(self.word)
            subprocess.run(["tar", "-C", self.word, "-xf", f"{directory}/word.tar"],
                           check=True, stdin=subprocess.DEVNULL)
        names = [name for name in sorted(os.listdir(self.word))
                 if os.path.exists(f"{self.word}/{name}/clock")]
        if os.path.exists(f"{self.word}/snap.snapshot"):
            names.append("snap/snapshot")
        self.cpus = [int(cpu) for cpu in self.text("cpus").split()]
        self.possible = max(self.cpus) + 1
        if os.path.exists(f"{self.word}/possible"):
            self.possible = int(self.text("possible").rpartition("-")[2]) + 1
        self.buffers = {name: Buffer(self.word, name, self.cpus) for name in names}

    def text(self, name):
        return read(f"{self.word}/{name}")

    def cpu_text(self):
        """"0-1,3-4" """
        runs = []
        for cpu in self.cpus:
            if runs and runs[-1][1] == cpu - 1:
                runs[-1][1] = cpu
            else:
                runs.append([cpu, cpu])
        return ",".join(f"{first}-{last}" if first < last else str(first)
                        for first, last in runs)


def boot(directory, kernel, log, options=("--cpus", "5")):
    """Run the guest; the old one of the same name goes."""
    shutil.rmtree(directory, ignore_errors=True)
    with open(log, "wb") as out:
        status = run(
            [f"{VM}/run", "--kernel", kernel, "--script", f"{HERE}/guest.sh",
             "--file", f"{HERE}/lib.sh", "--file", f"{TOP}/build/pstore-rb", "--out", directory, "--kdump", "elf",
             "--module", "softdog", "--append", APPEND, "--timeout", str(SECONDS), *options],
            SECONDS + 120, stdout=out, stderr=subprocess.STDOUT, cwd=TOP)
    if status:
        raise Failure(f"the guest ended with {status}; see {log}")
    for name in ("vmcore", "word.tar", "top.trace"):
        want(os.path.exists(f"{directory}/{name}"), f"the guest left no {name}")
    return Guest(directory)
