# SPDX-License-Identifier: GPL-2.0-or-later
"""Cases: pstore-rb check, setup, harvest and selftest on a machine that crashes and starts again."""

import filecmp
import json
import os
import re
import subprocess

import persist
import same
from bench import TOP, Failure, read, want
from bench import same as equal
from tool import same_lines, tool

CPUS = 2
MARKS = 16 * CPUS


def boot(directory, ram, log):
    """In new RAM: what another run left there would be found."""
    if os.path.exists(ram):
        os.unlink(ram)
    persist.boot_all(directory, ram, log, "field.sh", 4,
                     ("--file", f"{TOP}/build/pstore-rb"))


class Field:
    """What the guest said, and what it harvested."""

    def __init__(self, directory, out):
        self.directory, self.out = directory, out
        self.left = persist.Left(directory, 1, out)
        self.boots = {1: self.left.guest.text("boot_id").strip(),
                      2: self.said(2, "boot_id").strip()}

    def said(self, number, name):
        return read(f"{self.directory}/{number}/{name}")

    def status(self, number, name):
        lines = dict(line.split() for line in self.said(number, "status").splitlines())
        return int(lines[name])

    def harvests(self, number, name):
        """Unpacked"""
        folder = f"{self.out}/{number}.{name}"
        if not os.path.isdir(folder):
            os.makedirs(folder)
            subprocess.run(["tar", "-C", folder, "-xf", f"{self.directory}/{number}/{name}.tar"],
                           check=True, stdin=subprocess.DEVNULL)
        return folder


# ---- check and setup ---------------------------------------------------------

def states(text):
    return {what: state for state, what in re.findall(r"^(ok|warning|missing) (\w+): ", text, re.M)}


def checks_before(field):
    idle = field.said(1, "check.idle")
    found = states(idle)
    equal({what: found[what] for what in ("tracer", "ramoops", "placement", "memory", "size",
                                          "symbols", "recording", "address")},
          {"tracer": "ok", "ramoops": "ok", "placement": "ok", "memory": "ok", "size": "ok",
           "symbols": "ok", "recording": "missing", "address": "warning"}, "states before")
    equal(field.status(1, "check.idle"), 1, "status before")
    told = json.loads(field.said(1, "check.json"))
    equal([f"{each['state']} {each['what']}: {each['why']}" +
           (f", {each['todo']}" if each["todo"] else "") for each in told["findings"]],
          idle.splitlines()[:-1], "findings as JSON")
    want("24576 KiB of it are for the trace, 1 recording" in idle, idle)
    want("tells the address, 0x20000000" in idle, idle)
    equal(states(field.said(1, "check.stopped"))["recording"], "missing", "when it was stopped")
    want("the top-level instance uses it, and is switched off" in field.said(1, "check.stopped"),
         field.said(1, "check.stopped"))


def checks_after(field):
    """With a recording that was harvested: at the address it is at now."""
    ready = field.said(2, "check.ready")
    equal(field.status(2, "check.ready"), 0, f"status when it is ready: {ready}")
    want(f"as in boot {field.boots[1]}" in ready, ready)
    found = states(ready)
    equal({found[what] for what in ("tracer", "ramoops", "placement", "memory", "size",
                                    "recording", "symbols", "address")}, {"ok"}, f"states: {ready}")
    want(re.search(r"^(ok|warning) history: .*\d\.\d+ s at the present rate", ready, re.M), ready)


def setup_is_possible(field):
    """Its command line is one that check would have, too: memory there is."""
    equal(field.status(1, "setup"), 0, "status")
    found = re.search(r"^reserve_mem=(\d+)M@(0x[0-9a-f]+):4096:oops ramoops.mem_name=oops "
                      r"ramoops.trace_size=(\d+)M ", field.said(1, "setup"), re.M)
    want(found, field.said(1, "setup"))
    size, at, trace = int(found[1]) << 20, int(found[2], 16), int(found[3]) << 20
    want(trace >= 10 * 20000 * 48 * CPUS and size > trace, f"{found[0]}: too little")
    want(0x100000 <= at and at + size <= 1 << 30, f"{found[0]}: the guest has 1 GiB")


# ---- harvest -----------------------------------------------------------------

def harvest_has_all(field):
    folder = field.harvests(2, "harvest")
    equal(os.listdir(folder), [field.boots[1]], "harvests")
    made = f"{folder}/{field.boots[1]}"
    in_pstore = {name[len("pstore."):] for name in os.listdir(f"{field.directory}/2")
                 if name.startswith("pstore.")}
    want({"trace-ramoops-0", "dmesg-ramoops-0"} <= in_pstore, f"pstore had {in_pstore}")
    equal(set(os.listdir(made)), in_pstore | {"trace.dat", "trace.txt", "manifest.json"}, "files")
    for name in in_pstore:
        want(filecmp.cmp(f"{made}/{name}", f"{field.directory}/2/pstore.{name}", shallow=False),
             f"{name} is not as it was in pstore")
    want(filecmp.cmp(f"{made}/trace.txt", field.left.text, shallow=False), "the text is another")
    equal(field.status(2, "harvest"), 0, f"status: {field.said(2, 'harvest')}")


def harvest_is_the_guests(field):
    """Its text is the kernel's own, and its trace.dat gives the same."""
    made = f"{field.harvests(2, 'harvest')}/{field.boots[1]}"
    try:
        same.compare(same.load_boot(field.left.guest.word), field.left.truth, f"{made}/trace.txt")
    except same.Different as difference:
        raise Failure(difference) from None
    back = f"{field.out}/field.back"
    tool("report", f"{made}/trace.dat", path=back)
    same_lines(list(same.events(back)), list(same.events(f"{made}/trace.txt")), "the trace.dat")


def manifest_is_true(field):
    told = json.loads(read(f"{field.harvests(2, 'harvest')}/{field.boots[1]}/manifest.json"))
    guest = field.left.guest
    equal([told[key] for key in ("boot_id", "harvested_by_boot", "from", "complete", "problems")],
          [field.boots[1], field.boots[2], "/sys/fs/pstore", True, []], "the manifest")
    (recording,) = told["recordings"]
    sysname, nodename, release, machine = guest.text("uname").split()
    equal([recording["kernel"][key] for key in ("release", "nodename", "machine")],
          [release, nodename, machine], f"kernel of {sysname}")
    top = guest.buffers["top"]
    equal([recording[key] for key in ("events", "ended", "clock")],
          [sum(top.entries().values()), "panic", top.clock], "the recording")
    equal(recording["region"]["area"], "0x20800000", "where it was")
    equal((recording["loss"]["lost"], recording["loss"]["damage"]), (0, []), "loss")
    equal((recording["first"], recording["last"]), top.edge_times(), "first and last event")


def harvest_once(field):
    said = field.said(2, "twice")
    want(re.search(r"^/sys/fs/pstore: \d+ files were harvested already$", said, re.M), said)
    equal(os.listdir(field.harvests(2, "twice")), [field.boots[1]], "harvests")
    equal(field.said(2, "twice.left"), field.said(2, "harvest.left"), "left in pstore")
    want("trace-ramoops-0\n" in field.said(2, "twice.left"), "nothing is left before --erase")
    want(re.search(r"^/sys/fs/pstore: \d+ files erased$", field.said(2, "erase"), re.M),
         field.said(2, "erase"))
    equal(field.said(2, "erase.left"), "", "left in pstore")
    equal([field.status(2, name) for name in ("harvest", "twice", "erase")], [0, 0, 0], "statuses")


# ---- selftest ----------------------------------------------------------------

def trial_comes_through(field, number, how):
    said = field.said(number - 1, "trial")
    want(f"16 marks on each of {CPUS} CPUs; after the restart: pstore-rb selftest --verify "
         "/root/harvests" in said, said)
    said = field.said(number, "verify")
    equal(field.status(number, "verify"), 0, f"status after a {how}: {said}")
    want(said.startswith(f"complete: {MARKS} of {MARKS} marks of {CPUS} CPUs, of the trial of ") and
         said.endswith(" in /sys/fs/pstore/trace-ramoops-0\n"), said)
    told = json.loads(field.said(number, "verify.json"))
    equal((told["result"], told["found"], [cpu["found"] for cpu in told["cpus"]]),
          ("complete", MARKS, [16] * CPUS), "JSON")


def trial_is_harvested(field):
    said = field.said(3, "verify.harvested")
    equal(field.status(3, "verify.harvested"), 0, f"status: {said}")
    want(re.search(r" in /root/harvests/[0-9a-f-]{36}/trace-ramoops-0$", said, re.M), said)


def marks_are_events(field):
    """What verify counts is what report shows."""
    nonce = json.loads(field.said(4, "verify.json"))["nonce"]
    found = re.findall(rf"\[(\d+)\] .*: tracing_mark_write: pstore-rb selftest {nonce} cpu (\d+) "
                       r"mark (\d+) of 16$", field.said(4, "report"), re.M)
    equal(sorted((int(cpu), int(told), int(mark)) for cpu, told, mark in found),
          [(cpu, cpu, mark) for cpu in range(CPUS) for mark in range(1, 17)], "marks in the report")


def trial_fails_well(field):
    said = field.said(1, "unready")
    equal(field.status(1, "unready"), 3, "status where nothing records")
    want("no instance uses the tracer pstore: echo pstore >/sys/kernel/tracing/current_tracer" in
         said, said)
    equal(field.status(4, "verify.gone"), 3, "status when the trace is gone")
    want(field.said(4, "verify.gone").startswith("nothing: no mark of the trial of "),
         field.said(4, "verify.gone"))


def cases(results, directory, _, out):
    case = results.case
    try:
        field = Field(directory, out)
    except Failure as why:
        results.say("not ok", f"field: the first boot's region is read: {why}")
        return
    case("field: check before anything records: what is missing, as text and JSON", checks_before,
         field)
    case("field: check when all is ready, with a harvest: nothing is missing", checks_after, field)
    case("field: setup: a command line that this machine can have", setup_is_possible, field)
    case("field: harvest: every file of pstore, byte for byte, and the trace", harvest_has_all,
         field)
    case("field: harvest: the text and the trace.dat are the guest's own trace",
         harvest_is_the_guests, field)
    case("field: harvest: manifest.json is true of the guest", manifest_is_true, field)
    case("field: harvest: nothing twice, and --erase empties pstore", harvest_once, field)
    for number, how in (3, "reset"), (4, "panic"):
        case(f"field: selftest --verify after a {how}: complete", trial_comes_through, field,
             number, how)
    case("field: selftest --verify once it is harvested: complete", trial_is_harvested, field)
    case("field: selftest: its marks are events in the report", marks_are_events, field)
    case("field: selftest: where nothing records, or nothing is left: status 3", trial_fails_well,
         field)
