# SPDX-License-Identifier: GPL-2.0-or-later
"""Cases: what is there beyond the committed events of this boot, apart."""

import os
import re
import subprocess

import damaged
import same
from bench import HANGS, HERE, TOP, VM, Skip, read, run, want
from bench import same as equal

# In buffers that have wrapped, that have not, and that were read in part
PENDING = ("uncommit quiet 0 -1", "uncommit functions 1 -1", "uncommit functions 3 -1",
           "uncommit consumed 0 -1")
NAMES = ("quiet", "functions", "consumed")


def uncommitted_session(crash, guest, out):
    """All of a dump in which the last events of some CPUs are not committed; how many, by
    buffer and CPU: up to 3, as many as the last sub-buffer has."""
    path, taken = f"{out}/pending.vmcore", {name: {} for name in NAMES}
    damaged.copy(guest, path)
    for place in damaged.do_damage(path, f"{out}/kernel", PENDING):
        taken[place["buffer"]][place["cpu"]] = place["events"]
    commands = [f"extend {crash.extension}", "pstore_rb", "pstore_rb stat -u",
                f"pstore_rb show -u > {out}/pending.show",
                f"pstore_rb show -b snap -u > {out}/pending.both",
                f"pstore_rb dump -u {out}/pending.dat", "pstore_rb show -p"]
    commands += [f"pstore_rb show -b {name} > {out}/pending.{name}" for name in NAMES]
    commands += [f"pstore_rb show -b {name}/uncommitted > {out}/pending.{name}.apart"
                 for name in NAMES]
    said = crash.session("pending", path, commands)
    os.unlink(path)
    return taken, dict(zip(("extend", "list", "stat", "show", "both", "dump", "show -p"), said))


def cpus_of(path):
    """Events with their stacks by CPU, in order."""
    lines, last = {}, None
    for line in same.events(path):
        match = same.EVENT_LINE.match(line)
        if match:
            last = lines.setdefault(int(match.group("cpu")), [])
        last.append(line)
    return lines


def they_add_up(out, name, taken):
    """Committed and uncommitted events are what was there; the last ones are apart."""
    whole = cpus_of(f"{out}/{name}.show")
    shown, pending = cpus_of(f"{out}/pending.{name}"), cpus_of(f"{out}/pending.{name}.apart")
    equal({cpu: len(lines) for cpu, lines in pending.items()}, taken,
          "uncommitted events by CPU")
    for cpu, lines in whole.items():
        equal(shown.get(cpu, []) + pending.get(cpu, []), lines, f"CPU {cpu}")


def they_are_listed(said, taken):
    counts = {name: sum(by_cpu.values()) for name, by_cpu in taken.items()}
    rows = {row[0]: row for row in map(str.split, said["list"].splitlines()) if row}
    for name, count in counts.items():
        equal(rows[f"{name}/uncommitted"][1], "uncommitted", name)
        equal(int(rows[f"{name}/uncommitted"][4]), count, f"{name}: events listed")
    want("snap/uncommitted" not in rows, "a buffer without uncommitted events has some")
    equal(said["stat"].count("not committed"), 4, "rings in stat -u")
    want("previous boot" in said["show -p"], f"show -p says {said['show -p']!r}")
    want(f"functions/uncommitted: {counts['functions']} events" in said["dump"] or
         f"{sum(counts.values())} events" in said["dump"], f"dump says {said['dump']!r}")


def they_are_one_text(out):
    """-u gives all of them, and a buffer named beside them is a group of its own."""
    alone = [line for name in NAMES for lines in cpus_of(f"{out}/pending.{name}.apart").values()
             for line in lines]
    shown = [line.partition("/uncommitted: ")[2] or line for line in
             same.events(f"{out}/pending.show")]
    equal(sorted(shown), sorted(alone), "events of show -u")
    text = read(f"{out}/pending.both")
    want("# buffer: snap: " in text and "# buffer: quiet/uncommitted: not committed" in text,
         "show -b snap -u has not both")
    want(not any("snap: " in line for line in same.events(f"{out}/pending.both")),
         "committed events are in one order with uncommitted ones")


def nothing_is_made_up(crash, guest, out):
    said = crash.session("apart", guest.vmcore, [
        f"extend {crash.extension}", "pstore_rb", "pstore_rb show -u", "pstore_rb stat -u",
        f"pstore_rb dump -u {out}/none.dat", "pstore_rb show -u -f 1"])
    want("uncommitted" not in said[1], "the list has uncommitted events")
    for text in said[2:]:
        equal(text.strip(), "# there is no buffer with uncommitted events", "-u")
    want(not os.path.exists(f"{out}/none.dat"), "dump -u of nothing leaves a file")


# ---- what an earlier boot left -------------------------------------------------

# A place that no boot uses for anything else, wherever its kernel lands. (What reserve_mem=
# finds is elsewhere when the kernel is in the way.)
APPEND = "memmap=4M$512M trace_instance=boot_map@0x20000000:4M"
# The name is this boot's in the kernel's text. It prints events of an earlier
# boot field by field, but for those of the ftrace system.
TASK = re.compile(r"^ *\S.*-(\d+) +\[")
BY_FIELD = re.compile(r"(sched_process_fork): .*")


def boot_twice(crash, out):
    """previous.sh: one boot records, the next one is dumped."""
    log = f"{out}.log"
    with open(log, "wb") as said:
        status = run([f"{VM}/run", "--kernel", os.path.dirname(crash.vmlinux), "--suite",
                      "sid" if crash.suite == "sid" else "trixie", "--script",
                      f"{HERE}/previous.sh", "--cpus", "2", "--mem", "1G", "--out", out,
                      "--module", "qemu_fw_cfg", "--boots", "2", "--append", APPEND,
                      "--timeout", str(HANGS)], HANGS + 60, stdout=said, stderr=subprocess.STDOUT, cwd=TOP)
    want(status == 0, f"the guest ended with {status}; see {log}")


def plain(path):
    return [BY_FIELD.sub(r"\1", TASK.sub(r"\1 [", line)) for line in same.events(path)]


def previous_boot(crash, guest, out):
    if "boot_map" not in guest.buffers:
        raise Skip("this kernel has no persistent instances")
    work = f"{out}/previous"
    boot_twice(crash, work)
    want("words of boot 1" in read(f"{work}/previous.trace"),
         "the second boot did not find what the first one wrote")
    said = crash.session("previous", f"{work}/vmcore", [
        f"extend {crash.extension}", "pstore_rb", "pstore_rb show",
        f"pstore_rb show -p > {out}/previous.show", f"pstore_rb dump -p {out}/previous.dat"])
    want(re.search(r"^boot_map +previous-boot ", said[1], re.M), f"the list is {said[1]!r}")
    want("words of boot 1" not in said[2] and "words of boot 2" in said[2],
         "show has not just this boot's events")
    want("# buffer boot_map is of a previous boot" in said[2], "show does not tell of it")
    want("is of a previous boot" in said[4] and not os.path.exists(f"{out}/previous.dat"),
         f"dump -p says {said[4]!r}")
    kernel, ours = plain(f"{work}/previous.trace"), plain(f"{out}/previous.show")
    want(len(kernel) > 20, "the first boot left next to nothing")
    equal(ours, kernel, "the text of the earlier boot")


def cases(bench):
    results, crash, guest, out = bench.parts()
    damaged.describe(crash, guest, f"{out}/kernel")
    taken, said = uncommitted_session(crash, guest, out)
    for name in NAMES:
        results.case(f"{name}: committed and uncommitted events are all, each where it "
                     "belongs", they_add_up, out, name, taken[name])
    results.case("uncommitted events are listed and counted", they_are_listed, said, taken)
    results.case("uncommitted events come into no order with others", they_are_one_text, out)
    results.case("without uncommitted events nothing is shown", nothing_is_made_up, crash,
                 guest, out)
    results.note("a guest that boots twice, about 60 s")
    results.case("events of an earlier boot are apart, with its symbols where they are now",
                 previous_boot, crash, guest, out)
