# SPDX-License-Identifier: GPL-2.0-or-later
"""Instructions that a guest executed, one by one: the file of tests/vm/run's request steps."""

import re
import statistics

EXECUTED = re.compile(r"Trace \d+: \S+ \[[0-9a-f]+/([0-9a-f]+)/")
# What was told last was not executed, and will be told again
STOPPED = "Stopped execution"
# A call of the tracer, or the nop in its place
CALL_SIZE = 5
BATCHES = 5


def executed(path):
    """The address of each"""
    last = None
    with open(path) as log:
        for line in log:
            match = EXECUTED.match(line)
            if match:
                if last is not None:
                    yield last
                last = int(match[1], 16)
            elif line.startswith(STOPPED):
                last = None
    if last is not None:
        yield last


def calls(path, site):
    """How many there are in each call that is made at `site`, its return the last"""
    counts, number = [], None
    for address in executed(path):
        if address == site:
            number = 0
        elif number is not None and address == site + CALL_SIZE:
            counts.append(number)
            number = None
        elif number is not None:
            number += 1
    return counts


def medians(counts):
    """Of as many batches as other rows have rounds"""
    size = len(counts) // BATCHES
    return [statistics.median(counts[i * size:(i + 1) * size]) for i in range(BATCHES)]
