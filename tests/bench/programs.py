# SPDX-License-Identifier: GPL-2.0-or-later
"""Running programs, on one CPU, with an end; and what their times become."""

import os
import signal
import statistics
import subprocess
import sys
from dataclasses import dataclass, field

VM = "tests/vm"
OUT = "build/bench"
LIMIT = 300             # seconds for any one program


def die(text):
    sys.exit(f"bench: {text}")


def end(process):
    for number in signal.SIGTERM, signal.SIGKILL:
        os.killpg(process.pid, number)
        try:
            process.wait(timeout=10)
            return
        except subprocess.TimeoutExpired:
            pass


def run(*command, stderr=None):
    """What a program prints. It gets LIMIT seconds, with all its children."""
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                               stderr=stderr, text=True, start_new_session=True)
    try:
        text, _ = process.communicate(timeout=LIMIT)
    except BaseException as error:
        end(process)
        if not isinstance(error, subprocess.TimeoutExpired):
            raise
        die(f"not done after {LIMIT} s: {' '.join(command)}")
    if process.returncode:
        die(f"exit status {process.returncode}: {' '.join(command)}\n{text}")
    return text


def in_root(suite, *command, bind=None):
    extra = ["--bind", bind] if bind else []
    return run(f"{VM}/in-root", suite, *extra, *command)


def cpu_seconds(suite, command):
    """CPU time of a shell command in a root, on one CPU, user and system."""
    text = run(f"{VM}/in-root", suite, "taskset", "-c", "1", "bash", "-c",
               f"TIMEFORMAT='took %U %S'; time {{ {command}; }}", stderr=subprocess.STDOUT)
    user, system = text.rsplit("took ", 1)[1].split()
    return float(user) + float(system)


@dataclass
class Row:
    """A line of the table. values and others: by round; what is compared is those of
    the same round. Without others the goal is one of the value."""
    name: str
    unit: str
    goal: str = ""
    peer: str = ""
    values: list = field(default_factory=list)
    others: list = field(default_factory=list)

    def ratios(self):
        return [a / b for a, b in zip(self.values, self.others)]

    def cells(self):
        """name, value, unit, peer, peer value, ratio, goal, spread"""
        ratios = self.ratios()
        judged = ratios or self.values
        return [self.name, median(self.values), self.unit, self.peer if ratios else "",
                median(self.others), median(ratios), self.goal,
                f"{number(min(judged))}-{number(max(judged))}"]


def number(value):
    return f"{value:.4g}" if value < 1000 else f"{value:.0f}"


def median(values):
    return number(statistics.median(values)) if values else ""
