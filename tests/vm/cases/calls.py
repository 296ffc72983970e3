# SPDX-License-Identifier: GPL-2.0-or-later
"""The trace file of an instance whose tracer is function_graph.

It has columns of its own, with the options funcgraph-abstime, funcgraph-proc and
latency-format all that our lines have:

   13.070312 |   0)    bash-163    |  d..1. |   0.123 us    |    vfs_read();

The rules by which a line of it becomes one of ours:
  columns    time, CPU, task and flags are ours in another order; of a task's name
             there are seven letters; times are cut off after microseconds where we
             round; what begins with the duration is equal byte for byte
  switches   the four lines about another task coming to a CPU are left out
  comments   other events are our text between /* and */, markers without the
             name of who wrote them
"""

import re

HEADER = "# tracer: function_graph\n"

LINE = re.compile(r" *(\d+\.\d{6}) \|  +(\d+)\) +(.+?)-(-?\d+) +\|  (\S{5}) \| (.*)$")
OURS = re.compile(r" *(.+)-(-?\d+) +\[(\d+)\] (\S{5}) +(\d+\.\d{6}): (.*)$")
SWITCH = re.compile(r" -+$| +\d+\) .+ => .+$|$")
COMMENT = re.compile(r" {14}\|  +/\* (.*) \*/$")
MARKER = "tracing_mark_write: "


def is_graph(path):
    with open(path, errors="surrogateescape") as source:
        return source.readline() == HEADER


def without_switches(lines):
    for line in lines:
        if not SWITCH.match(line):
            yield line


def microseconds(time):
    return int(time.replace(".", ""))


def is_same_text(kernel, ours):
    comment = COMMENT.match(kernel)
    if comment:
        return comment.group(1) == ours.removeprefix(MARKER)
    return kernel == ours


def is_same(kernel, ours):
    kernel, ours = LINE.match(kernel), OURS.match(ours)
    if not kernel or not ours:
        return False
    time, cpu, comm, pid, flags, text = kernel.groups()
    return ((comm, pid, int(cpu), flags) ==
            (ours.group(1)[:7], ours.group(2), int(ours.group(3)), ours.group(4)) and
            microseconds(ours.group(5)) - microseconds(time) in (0, 1) and
            is_same_text(text, ours.group(6)))
