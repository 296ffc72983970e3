# SPDX-License-Identifier: GPL-2.0-or-later
"""Cases: the options of show, against a plain search in the full text."""

import itertools
import re

from bench import Failure, want
from bench import same as equal
from same import EVENT_LINE, events

SWITCH = r": sched_switch: "
IRQ = r": (irq_handler|softirq)_\w+: "
ENTER = r": sys_\w+\("


def gap(path, fraction):
    """A time near `fraction` of the text in which nothing happened for 3 us.

    Text has microseconds, selection works on nanoseconds: here both agree.
    """
    times = [float(EVENT_LINE.match(line).group("time")) for line in events(path)]
    times.sort()
    for left, right in itertools.pairwise(times[int(len(times) * fraction):]):
        if right - left > 3e-6:
            return f"{(left + right) / 2:.6f}"
    raise Failure("the text has no gap")


def on_cpus(cpus):
    return lambda line: int(EVENT_LINE.match(line).group("cpu")) in cpus


def matching(pattern):
    return re.compile(pattern).search


def between(first, last):
    return lambda line: float(first) <= float(EVENT_LINE.match(line).group("time")) <= float(last)


def both(*tests):
    return lambda line: all(test(line) for test in tests)


def everything(_):
    return True


def selections(out):
    """(options, buffer, what a line must satisfy, how many of the last)"""
    first, last = gap(f"{out}/big.show", 0.4), gap(f"{out}/big.show", 0.6)
    return [
        ("-n 20", "top", everything, 20),
        ("-n 100000", "top", everything, 100000),
        ("-n 1000000", "snap", everything, 1000000),
        ("-n 7", "snap/snapshot", everything, 7),
        ("-n 1", "consumed", everything, 1),
        ("-c 3", "top", on_cpus({3}), 0),
        ("-c 0-1,4", "consumed", on_cpus({0, 1, 4}), 0),
        ("-c 2", "big", on_cpus(set()), 0),
        ("-e sched:sched_switch", "big", matching(SWITCH), 0),
        ("-e sched_switch", "big", on_cpus(set()), 0),
        ("-e :sched_switch", "big", matching(SWITCH), 0),
        ("-e irq", "top", matching(IRQ), 0),
        ("-e irq:*,sched:sched_switch", "top", matching(f"{SWITCH}|{IRQ}"), 0),
        ("-e *:sys_enter_*", "top", matching(ENTER), 0),
        ("-e syscalls:sys_enter_w*", "consumed", matching(r": sys_write\("), 0),
        ("-e sched:sched_s?itch", "clock-tai", matching(SWITCH), 0),
        (f"-f {first} -t {last}", "big", between(first, last), 0),
        (f"-f {first}", "big", between(first, "1e9"), 0),
        (f"-t {last}", "big", between("0", last), 0),
        (f"-t {first} -n 30", "big", between("0", first), 30),
        ("-f 100 -t 200", "clock-counter", between(100, 200), 0),
        ("-f 100", "clock-counter", between(100, 1e9), 0),
        ("-c 3,4 -e sched:*", "big", both(on_cpus({3, 4}), matching(": sched_")), 0),
        (f"-c 1 -e sched:sched_switch -f {first} -t {last} -n 10", "big",
         both(on_cpus({1}), matching(SWITCH), between(first, last)), 10),
        ("-c 4 -e irq:* -n 15", "top", both(on_cpus({4}), matching(IRQ)), 15),
    ]


WRONG = [
    ("pstore_rb nonsense", "Usage:"),
    ("pstore_rb show -z", "help pstore_rb"),
    ("pstore_rb show -b", "help pstore_rb"),
    ("pstore_rb show -b nosuch", 'no buffer "nosuch"'),
    ("pstore_rb show -b ,", "-b wants"),
    ("pstore_rb show -c 9-1", "-c wants"),
    ("pstore_rb show -c one", "-c wants"),
    ("pstore_rb show -c 1,", "-c wants"),
    ("pstore_rb show -c 99999999999999999999", "-c wants"),
    ("pstore_rb show -e ,", "-e wants"),
    ("pstore_rb show -n 0", "-n wants"),
    ("pstore_rb show -n many", "-n wants"),
    ("pstore_rb show -n -5", "-n wants"),
    ("pstore_rb show -b top -f soon", "-f wants"),
    ("pstore_rb show -b top -t 1.2.3", "-t wants"),
    ("pstore_rb show -b top -f 5 -t 1", "lies before"),
    ("pstore_rb show -f 5", "different units"),
    ("pstore_rb show extra", "one argument too many"),
    ("pstore_rb list extra", "one argument too many"),
    ("pstore_rb stat -n 5", "help pstore_rb"),
    ("pstore_rb -R", "this kernel has no tracer pstore"),
    ("pstore_rb show -B -n 5", "this kernel has no tracer pstore"),
    ("pstore_rb dump", "a file name is wanted"),
    ("pstore_rb dump one two", "one argument too many"),
]


def filter_is_right(guest, out, number, selection):
    _, name, test, last = selection
    wanted = filter(test, events(f"{out}/{guest.buffers[name].file_name}.show"))
    # a stack belongs to the line before it: none of these buffers has one
    wanted = list(wanted)[-last:]
    got = list(events(f"{out}/filter.{number}"))
    if got != wanted:
        at = next((i for i, pair in enumerate(zip(got, wanted)) if pair[0] != pair[1]),
                  min(len(got), len(wanted)))
        raise Failure(f"{len(got)} lines where {len(wanted)} are wanted, the first wrong "
                      f"one is number {at + 1}: {got[at:at + 1]} for {wanted[at:at + 1]}")


def mergeable(guest):
    """Buffers of the clock local; some kernels have no persistent one."""
    return [name for name in ("consumed", "boot_map", "big") if name in guest.buffers]


def merged_is_sorted(guest, out):
    """Buffers of one clock, one order, each with the lines it has alone."""
    names = mergeable(guest)
    parts = {name: events(f"{out}/{name}.show") for name in names}
    latest = 0.0
    for line in events(f"{out}/merged"):
        name, _, rest = line.partition(": ")
        want(name in parts, f"no name of a buffer: {line}")
        equal(rest, next(parts[name], None), name)
        time = float(EVENT_LINE.match(rest).group("time"))
        want(time >= latest, f"out of order: {line}")
        latest = time
    for name in names:
        equal(next(parts[name], None), None, f"the rest of {name}")


def groups_follow(guest, out):
    """Without -b: one group per clock, each with its header and all its lines."""
    shown = sum(1 for _ in events(f"{out}/everything"))
    alone = sum(1 for buffer in guest.buffers.values()
                for _ in events(f"{out}/{buffer.file_name}.show"))
    equal(shown, alone, "lines")
    with open(f"{out}/everything", errors="surrogateescape") as source:
        clocks = [line.split()[2] for line in source if line.startswith("# clock:")]
    equal(sorted(clocks), sorted({buffer.clock for buffer in guest.buffers.values()}),
          "groups")


def message_is_given(said, wanted):
    want(wanted in said, f"it says {said.strip()[:200]!r}, not {wanted!r}")
    want("[" + "LOST" not in said and "# events:" not in said, "it shows events all the same")


def cases(bench):
    results, crash, guest, out = bench.parts()
    chosen = selections(out)
    commands = [f"extend {crash.extension}"]
    commands += [f"pstore_rb show -b {name} {options} > {out}/filter.{number}"
                 for number, (options, name, _, _) in enumerate(chosen)]
    commands += [f"pstore_rb show -b {','.join(mergeable(guest))} > {out}/merged",
                 f"pstore_rb show > {out}/everything"]
    commands += [command for command, _ in WRONG]
    said = crash.session("filters", guest.vmcore, commands)
    for number, selection in enumerate(chosen):
        options = re.sub(r"\d+\.\d+", "TIME", selection[0])
        results.case(f"show -b {selection[1]} {options} selects what a search in the text "
                     "does", filter_is_right, guest, out, number, selection)
    results.case("buffers of one clock are shown in one order", merged_is_sorted, guest, out)
    results.case("buffers of different clocks follow as groups", groups_follow, guest, out)
    for (command, wanted), text in zip(WRONG, said[-len(WRONG):]):
        results.case(f"{command}: a message, and the prompt", message_is_given, text, wanted)
