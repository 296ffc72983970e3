# SPDX-License-Identifier: GPL-2.0-or-later
"""Cases: show -j, against the schema, the text, and what the guest said."""

import collections
import concurrent.futures
import json
import os
import subprocess

from bench import HANGS, TOP, Skip, want
from bench import same as equal
from filters import mergeable

CHECKER = f"{TOP}/tests/vm/cases/jsonlines.py"
SCHEMA = f"{TOP}/docs/events.schema.json"
# Debian's: the one that has the package python3-jsonschema
PYTHON = "/usr/bin/python3"

SMALL = 20000		# events: of bigger buffers the schema sees a sample
SAMPLE = 50
# What jsonlines.py holds against its text must occur; irq_handler_entry does not on
# every machine. "openat" is the guest's probe, with a string from behind the record.
FIELDS = {"sched_switch", "sched_waking", "sys_enter_openat", "print", "openat"}
COUNTERS = {"entries": "entries", "overrun": "overrun", "commit_overrun": "commit overrun",
            "dropped": "dropped events", "read": "read events"}


def selections(guest):
    """Like those of filters.py, which tests what they select."""
    return {
        "filtered": "-b big -c 3,4 -e sched:* -n 5000",
        "merged": f"-b {','.join(mergeable(guest))}",
    }


def show(crash, guest, out):
    """Everything with -j: the top-level buffer is 800 MB."""
    commands = [f"extend {crash.extension}"]
    for buffer in guest.buffers.values():
        commands.append(f"pstore_rb show -j -b {buffer.name} > "
                        f"{out}/{buffer.file_name}.json")
    for name, options in selections(guest).items():
        commands += [f"pstore_rb show -j {options} > {out}/{name}.json",
                     f"pstore_rb show {options} > {out}/{name}.show"]
    said = crash.session("json", guest.vmcore, commands)
    equal("".join(said[1:]).strip(), "", "messages")


def check(out, name, every):
    """What jsonlines.py tells of one file; the file goes."""
    path = f"{out}/{name}.json"
    done = subprocess.run([PYTHON, CHECKER, SCHEMA, str(every), path, f"{out}/{name}.show"],
                          timeout=HANGS, stdin=subprocess.DEVNULL, capture_output=True,
                          text=True)
    want(done.returncode == 0, done.stderr.strip()[-1500:])
    os.unlink(path)
    return json.loads(done.stdout)


def header_is_the_guests(guest, told):
    sysname, nodename, release, machine = guest.text("uname").split()
    kernel = told["header"]["kernel"]
    equal((kernel["sysname"], kernel["nodename"], kernel["release"], kernel["machine"]),
          (sysname, nodename, release, machine), "the kernel")
    end = told["end"]
    equal({name: end[name] for name in ("damaged", "corrupt", "unknown")},
          {"damaged": 0, "corrupt": 0, "unknown": 0}, "the end")
    want("stopped" not in end and "notice" not in told, f"an end too soon: {end}")


def group_is_the_guests(guest, buffer, group):
    """Clock, kind, sizes and the kernel's counters."""
    equal((group["clock"], group["unit"] == "ticks"),
          (buffer.clock, buffer.clock in ("counter", "uptime", "x86-tsc")), "the clock")
    (ours,) = group["buffers"]
    equal((ours["name"], ours["kind"], ours["subbuf_size"]),
          (buffer.name, buffer.kind, buffer.subbuf_kb << 10), "the buffer")
    equal([cpu["cpu"] for cpu in ours["cpus"]], guest.cpus, "CPUs")
    for cpu in ours["cpus"] if buffer.stats else ():
        equal({name: cpu[name] for name in COUNTERS},
              {name: buffer.stats[cpu["cpu"]][kernels] for name, kernels in COUNTERS.items()},
              f"counters of CPU {cpu['cpu']}")


def buffer_is_right(guest, buffer, out, checked):
    entries = buffer.entries()
    total = sum(entries.values())
    told = check(out, buffer.file_name, 1 if total <= SMALL else SAMPLE)
    header_is_the_guests(guest, told)
    (group,) = told["groups"]
    group_is_the_guests(guest, buffer, group)
    equal({cpu: count for _, cpu, count in told["counts"]},
          {cpu: count for cpu, count in entries.items() if count}, "events by CPU")
    equal(told["end"]["events"], total, "events")
    checked.update(told["checked"])


def selection_is_right(guest, out, name, names):
    told = check(out, name, SAMPLE)
    header_is_the_guests(guest, told)
    equal({buffer for buffer, _, _ in told["counts"]}, names, "buffers with events")


def all_were_checked(checked):
    want(FIELDS <= set(checked), f"never seen: {FIELDS - set(checked)}")


def has_jsonschema():
    done = subprocess.run([PYTHON, "-c", "import jsonschema"], stdin=subprocess.DEVNULL,
                          capture_output=True, text=True)
    if done.returncode:
        raise Skip(f"{PYTHON} has no jsonschema: {done.stderr.strip().splitlines()[-1]}")


def cases(bench):
    results, crash, guest, out = bench.parts()
    case = results.case
    if not case("the checker of JSON Lines runs", has_jsonschema) or \
            not case("crash runs show -j of every buffer, and says nothing", show, crash,
                     guest, out):
        return
    checked = collections.Counter()
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for buffer in guest.buffers.values():
            pool.submit(case, f"{buffer.name}: JSON Lines are valid and say what the text "
                        "says", buffer_is_right, guest, buffer, out, checked)
        pool.submit(case, "show -j selects what show does", selection_is_right, guest, out,
                    "filtered", {"big"})
        pool.submit(case, "show -j merges buffers of one clock as show does",
                    selection_is_right, guest, out, "merged", set(mergeable(guest)))
    case("fields of some events were held against their text", all_were_checked, checked)
