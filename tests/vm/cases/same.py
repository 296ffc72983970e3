#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Is what pstore_rb shows the kernel's own text, and trace-cmd's?

Usage: same.py WORD-DIRECTORY KERNEL-TEXT OUR-TEXT

Lines that are equal are equal. A line that is not is compared by these rules,
and only by those that its event's print format calls for. docs/text.md tells
them too.

The kernel's trace file:
  comment    lines that begin with "#" and a blank, or are "#" alone, or
             "##### CPU n buffer started" are not events
  pointer    %p: the kernel prints 16 digits, a hash; we print the address.
             Over all texts of a boot one hash must go with one address
             and one address with one hash, and zero with zero
  name       <...>: the kernel has no name of that task any more. We may print one
             that the boot's traces or its list of tasks tell, and must if they do
  beyond     what libtraceevent cannot evaluate is not compared: the table BEYOND
  mapping    of an address of a user stack that no mapping has, the kernel prints the next
             one above it, so far below its start that the offset is negative; we print the address
  calls      the function_graph tracer's file has other columns: calls.py
"""

import glob
import os
import re
import subprocess
import sys

import calls

# What only the kernel can work out, by what stands in the print format: this
# part of a line is not compared.
BEYOND = {
    # the address of a page by the value of a variable; the frame number is compared
    "vmemmap_base": re.compile(r"page=\S+"),
}

# In place of a name
NOBODY = "<...>"

EVENT_LINE = re.compile(
    r" *(?P<comm>.+)-(?P<pid>-?\d+) +\[(?P<cpu>\d+)\] (?P<flags>\S{5}) +"
    r"(?P<time>\d[\d.]*): (?P<event>[^:( ]+)")
POINTER = re.compile(r"\b[0-9a-f]{16}\b")
NEXT_MAPPING = re.compile(r" => .*\[\+0xffff[0-9a-f]{12}\]")
USER_ADDRESS = re.compile(r" =>  <[0-9a-f]{16}>")
BARE_POINTER = re.compile(r"%p(?![A-Za-z])")


# What an event tells of the task with pid %d, as its text has it. The name in
# sched_process_wait is another task's.
TOLD = (r"(?:prev|next|child)_comm=(.*) (?:prev|next|child)_pid=%d\b",
        r": (?!sched_process_wait)\w+: comm=(.*) pid=%d\b",
        r": task_rename: pid=%d oldcomm=.* newcomm=(.*) oom_score_adj=",
        r": task_newtask: pid=%d comm=(.*) clone_flags=",
        r": sched_process_exec: filename=(?:\S*/)?(\S+) pid=%d\b",
        r": signal_generate: .* comm=(.*) pid=%d\b", r": oom_score_adj_update: pid=%d comm=(.*) oom_",
        r": cgroup_attach_task: .* pid=%d comm=(.*)$")


def is_comment(line):
    return line.startswith("#")


def read_lines(path):
    with open(path, errors="surrogateescape") as source:
        return source.read().splitlines()


def events(path):
    """The lines of a text that are not comments."""
    with open(path, errors="surrogateescape") as source:
        for line in source:
            if not is_comment(line):
                yield line.rstrip("\n")


class Different(Exception):
    """Two texts are not the same."""


class Names:
    """The names of tasks by the guest's own word."""

    def __init__(self, word):
        self.files = [f"{os.path.dirname(word)}/top.trace", *glob.glob(f"{word}/*/trace")]
        self.alive = {}
        self.told = {}
        for line in read_lines(f"{word}/tasks"):
            pid, _, name = line.partition(" ")
            self.alive[int(pid)] = name

    def by_trace(self, pid):
        """What any event tells."""
        if pid not in self.told:
            done = subprocess.run(["grep", "-ahE", rf"pid={pid}\b", *self.files],
                                  check=False, stdout=subprocess.PIPE,
                                  env={"LC_ALL": "C"}, stdin=subprocess.DEVNULL)
            lines = done.stdout.decode(errors="surrogateescape").splitlines()
            patterns = [re.compile(pattern % pid) for pattern in TOLD]
            self.told[pid] = {match.group(1)[:15] for line in lines for pattern in patterns
                              for match in [pattern.search(line)] if match}
        return self.told[pid]

    def has(self, pid, name):
        alive = self.alive.get(pid, "")
        # of a worker the list tells the work too: kworker/0:1-events
        return (name in self.by_trace(pid) or name == alive or
                name.startswith("kworker/") and alive.startswith(name))

    def knows(self, pid):
        return bool(pid in self.alive or self.by_trace(pid))


class Boot:
    """What the rules need to know of the boot that was traced."""

    def __init__(self, formats, names):
        self.formats = formats
        self.names = names
        self.hash_of = {}
        self.address_of = {}
        self.used = dict.fromkeys(("pointer", "beyond", "calls", "name"), 0)

    def pointer(self, word, ours):
        """Can the kernel's hash `word` stand for our address?"""
        digits, address = int(word, 16), int(ours, 16)
        if not digits or not address:
            return digits == address
        return (self.hash_of.setdefault(address, digits) == digits and
                self.address_of.setdefault(digits, address) == address)

    def pointers(self, kernel, ours, most):
        """The lines with pointers made equal, if at most `most` differ."""
        words, addresses = POINTER.findall(kernel), POINTER.findall(ours)
        if len(words) != len(addresses):
            return kernel, ours
        differ = [(w, a) for w, a in zip(words, addresses) if w != a]
        if len(differ) > most or not all(self.pointer(w, a) for w, a in differ):
            return kernel, ours
        self.used["pointer"] += 1
        return POINTER.sub("PTR", kernel), POINTER.sub("PTR", ours)

    def translated(self, event, kernel, ours):
        fmt = self.formats.get(event, "")
        for reason, pattern in BEYOND.items():
            if reason in fmt:
                self.used["beyond"] += 1
                kernel, ours = pattern.sub("", kernel), pattern.sub("", ours)
        bare = len(BARE_POINTER.findall(fmt))
        if kernel != ours and bare:
            kernel, ours = self.pointers(kernel, ours, bare)
        return kernel, ours

    def named(self, ours):
        """Our line without the task's name, if that is one that is told."""
        match = EVENT_LINE.match(ours)
        if not match or not self.names.has(int(match.group("pid")), match.group("comm")):
            return ours
        self.used["name"] += 1
        return f"{NOBODY:>16}" + ours[match.end("comm"):]

    def needs_name(self, line):
        """Is this a line without a name though there is one?"""
        match = EVENT_LINE.match(line)
        return (match and match.group("comm") == NOBODY and
                self.names.knows(int(match.group("pid"))))

    def line(self, kernel, ours):
        """Is our line the kernel's, by the rules?"""
        if kernel.lstrip().startswith(f"{NOBODY}-"):
            ours = self.named(ours)
        if kernel == ours or (NEXT_MAPPING.fullmatch(kernel) and USER_ADDRESS.fullmatch(ours)):
            return True
        match = EVENT_LINE.match(kernel)
        if not match or not ours.startswith(match.group(0)):
            return False
        kernel, ours = self.translated(match.group("event"), kernel[match.end():],
                                       ours[match.end():])
        return kernel == ours


    def call(self, kernel, ours):
        """The same for a line of the function_graph tracer."""
        self.used["calls"] += 1
        return calls.is_same(kernel, ours)


def load_boot(word):
    """From the guest's own files."""
    formats = {}
    for folder, _, files in os.walk(f"{word}/events"):
        if "format" in files:
            with open(f"{folder}/format") as source:
                _, _, fmt = source.read().partition("print fmt: ")
            formats[os.path.basename(folder)] = fmt
    return Boot(formats, Names(word))


def compare(boot, kernel_path, our_path):
    """The number of lines; Different when they are not the same text."""
    kernels, ours, rule, count = events(kernel_path), events(our_path), boot.line, 0
    if calls.is_graph(kernel_path):
        kernels, rule = calls.without_switches(kernels), boot.call
    for count, line in enumerate(kernels, 1):
        mine = next(ours, None)
        if line != mine and not (mine and rule(line, mine)):
            raise Different(f"line {count}: the kernel has\n  {line}\nwe have\n  {mine}")
        if NOBODY in mine and boot.needs_name(mine):
            raise Different(f"line {count}: we could name the task of\n  {mine}")
    mine = next(ours, None)
    if mine is not None:
        raise Different(f"line {count + 1}: the kernel has no more, we have\n  {mine}")
    return count


def main():
    boot = load_boot(sys.argv[1])
    try:
        count = compare(boot, sys.argv[2], sys.argv[3])
    except Different as difference:
        sys.exit(str(difference))
    print(f"{count} lines are the same; by rule: {boot.used}")


if __name__ == "__main__":
    main()
