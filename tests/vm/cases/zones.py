# SPDX-License-Identifier: GPL-2.0-or-later
"""Cases: mainline's zones of ramoops and its persistent ring buffer, out of the RAM and a dump.

What the next boot has in /sys/fs/pstore is the truth about zones, and what the guest
printed of its instance that about the ring.
"""

import json
import os
import re
import shutil
import subprocess

import same
from bench import HANGS, HERE, TOP, VM, Failure, Skip, read, run, run_to_file, want
from bench import same as equal
from guest import Guest
from tool import TOOL, same_lines

SIZES = {"record_size": 0x10000, "console_size": 0x10000, "pmsg_size": 0x10000,
         "ftrace_size": 0x20000}
APPEND = ("reserve_mem=1M:4096:oops ramoops.mem_name=oops reserve_mem=8M:4096:map "
          "trace_instance=boot@map " +
          " ".join(f"ramoops.{name}={size:#x}" for name, size in SIZES.items()))
# As the kernel prints a record: pstore_ftrace_seq_show()
CALL = re.compile(r"^CPU:(\d+) ts:(\d+) ([0-9a-f]+)  ([0-9a-f]+)  (.+?) <- (.+)$")
NAMED = re.compile(r"\bcomm=(\S+) pid=(\d+)\b")
LAZY = str.maketrans("bBlL", "nN.p")
OFFSET = re.compile(r"\+0x[0-9a-f]+/0x[0-9a-f]+")


def boot(bench):
    directory, log = f"{bench.out}/guest", f"{bench.out}/guest.log"
    shutil.rmtree(directory, ignore_errors=True)
    with open(log, "wb") as out:
        status = run(
            [f"{VM}/run", "--kernel", bench.kernel, "--script", f"{HERE}/zones.sh",
             "--file", f"{HERE}/lib.sh", "--file", f"{TOP}/build/pstore-rb", "--out", directory,
             "--append", APPEND, "--boots", "2", "--kdump", "elf", "--ram-file",
             f"{bench.out}/ram", "--timeout", str(HANGS)],
            HANGS + 120, stdout=out, stderr=subprocess.STDOUT, cwd=TOP)
    want(status == 0, f"the guest ended with {status}; see {log}")
    os.unlink(f"{bench.out}/ram")
    return directory


class Zones:
    """What the guest left, and what crash says of it."""

    def __init__(self, bench):
        self.directory, self.out = boot(bench), bench.out
        self.ram, self.vmcore = f"{self.directory}/ram", f"{self.directory}/vmcore"
        self.crash, self.suites = bench.crash, bench.suites
        self.parameters = dict(line.split(":", 1) for line in
                               read(f"{self.directory}/1.parameters").splitlines())
        self.looked = False

    def pstore(self, name):
        path = f"{self.directory}/pstore.{name}"
        if not os.path.exists(path):
            raise Skip(f"this kernel keeps no {name.partition('-')[0]}")
        return path

    def how(self):
        """As -S has it, of the kernel's own parameters; the offset in the file is physical"""
        values = {name: int(self.parameters[name]) for name in ("mem_address", "mem_size", *SIZES)}
        return "ramoops:" + ",".join(f"{name}={value:#x}" for name, value in values.items())

    def at(self, name):
        return f"{self.out}/{name}"

    def look(self):
        """In the first crash that opens the dump"""
        if self.looked:
            return
        commands = [f"pstore_rb -Z > {self.at('list')}",
                    *(f"pstore_rb text -b {name} > {self.at(name)}.text"
                      for name in ("dmesg-0", "console", "pmsg")),
                    f"pstore_rb show -Z -j > {self.at('json')}",
                    f"pstore_rb show -Z > {self.at('show')}",
                    f"pstore_rb dump -Z {self.at('dat')} > {self.at('dat.said')}", "mod"]
        whys = []
        for suite in self.suites:
            crash = self.crash.other(suite)
            try:
                *_, self.mod = crash.session(f"zones-{suite}", self.vmcore,
                                             [f"extend {crash.extension}", *commands])
            except Failure as why:
                whys.append(str(why))
            else:
                self.looked = True
                return
        raise Failure("; ".join(whys))


# ---- Text --------------------------------------------------------------------

TEXTS = {"dmesg-0": "dmesg-ramoops-0", "console": "console-ramoops-0", "pmsg": "pmsg-ramoops-0"}


def text_is_pstores(zones, name, options, path):
    """Byte for byte"""
    there = zones.pstore(TEXTS[name])
    run_to_file([TOOL, "text", "-b", name, *options, zones.ram], path, HANGS, errors=f"{path}.err")
    with open(there, "rb") as theirs, open(path, "rb") as ours:
        wanted, got = theirs.read(), ours.read()
    equal(len(got), len(wanted), f"bytes of {name}; {read(f'{path}.err')[-300:]}")
    want(got == wanted, f"{there} and {path} differ")


def ram_has_text(zones, name):
    text_is_pstores(zones, name, ("-S", zones.how()), zones.at(f"{name}.told"))
    text_is_pstores(zones, name, (), zones.at(f"{name}.found"))


def dump_has_text(zones, name):
    there = zones.pstore(TEXTS[name])
    zones.look()
    with open(there, "rb") as theirs, open(f"{zones.at(name)}.text", "rb") as ours:
        want(theirs.read() == ours.read(), f"{there} and {zones.at(name)}.text differ")


def guest_filled_them(zones):
    want("Panic#1 Part" in read(zones.pstore("dmesg-ramoops-0")), "no panic in the dump of the log")
    want("sysrq triggered crash" in read(zones.pstore("dmesg-ramoops-0")), "not of this panic")
    if os.path.exists(f"{zones.directory}/pstore.console-ramoops-0"):
        want("zones: the console of boot 1" in read(zones.pstore("console-ramoops-0")), "console")
        lines = read(zones.pstore("pmsg-ramoops-0")).splitlines()
        equal(lines[-1], "message 4000 of user space", "the last message")
        want(len(lines) < 4000, "the zone did not go round")


# ---- Functions ---------------------------------------------------------------

def calls_of_pstore(zones):
    calls = []
    for line in read(zones.pstore("ftrace-ramoops-0")).splitlines():
        match = CALL.match(line)
        want(match, f"what is this: {line}")
        cpu, ts, ip, parent, *names = match.groups()
        calls.append((int(ts), int(cpu), int(ip, 16), int(parent, 16), *names))
    want(len(calls) > 1000 and {cpu for _, cpu, *_ in calls} == {0, 1}, f"only {len(calls)} calls")
    return calls


def calls_of_json(path):
    calls = []
    for line in read(path).splitlines():
        told = json.loads(line)
        if told["type"] == "event":
            calls.append((int(told["ts"]), told["cpu"], int(told["fields"]["ip"], 16),
                          int(told["fields"]["parent_ip"], 16)))
    return calls


def same_calls(got, zones, what):
    """Of each CPU, in the order they were written: the kernel's merge keeps that. (The counter
    is not atomic: where CPUs count at once it steps back, seldom by much.)"""
    wanted = [call[:4] for call in calls_of_pstore(zones)]
    for cpu in 0, 1:
        mine, theirs = ([call for call in calls if call[1] == cpu] for calls in (got, wanted))
        equal(len(mine), len(theirs), f"records {what}, CPU {cpu}")
        equal([pair for pair in zip(mine, theirs) if pair[0] != pair[1]][:1], [],
              f"records {what} and of pstore that differ")
    equal(len(got), len(wanted), f"records {what}")


def ram_has_calls(zones):
    zones.pstore("ftrace-ramoops-0")
    # without being told which kind, the ring would be the first there is
    for name, kind in ("told", zones.how()), ("found", "ramoops"):
        path = zones.at(f"calls.{name}")
        run_to_file([TOOL, "report", "--json", "-S", kind, zones.ram], path, HANGS,
                    errors=f"{path}.err")
        same_calls(calls_of_json(path), zones, f"of the RAM, {name}")


def dump_has_calls(zones):
    zones.pstore("ftrace-ramoops-0")
    zones.look()
    same_calls(calls_of_json(zones.at("json")), zones, "of the dump")


def dump_names_calls(zones):
    """By the kallsyms of the boot that recorded: the next one lies elsewhere"""
    wanted = calls_of_pstore(zones)
    zones.look()
    symbols = {}
    for line in Guest(zones.directory).text("kallsyms").splitlines():
        address, kind, name, *_ = line.split()
        if kind in "tTwW":
            symbols.setdefault(int(address, 16), set()).add(name)
    shown = [line.partition(": ")[2] for line in same.events(zones.at("show"))]
    equal(len(shown), len(wanted), "lines")
    starts = sorted(symbols)
    order = [call[2:4] for call in calls_of_json(zones.at("json"))]
    for (ip, parent), text in list(zip(order, shown))[::7]:
        names = text.split(" <-")
        for address, name in zip((ip, parent), names):
            want(OFFSET.sub("", name).partition("+")[0] in
                 symbols[starts[at_or_below(starts, address)]],
                 f"{address:#x} is {name}, and by kallsyms "
                 f"{symbols[starts[at_or_below(starts, address)]]}")


def at_or_below(starts, address):
    low, high = 0, len(starts)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if starts[middle] <= address else (low, middle)
    return low


def dump_makes_trace_dat(zones):
    zones.pstore("ftrace-ramoops-0")
    zones.look()
    path = zones.at("dat.json")
    run_to_file([TOOL, "report", "--json", zones.at("dat")], path, HANGS, errors=f"{path}.err")
    same_calls(calls_of_json(path), zones, "of the trace.dat")


def needs_no_module_symbols(zones):
    zones.look()
    if "ramoops" not in zones.mod:
        raise Skip("crash lists no module ramoops")
    want(re.search(r"^\w+ +ramoops .*\(not loaded\)", zones.mod, re.M),
         f"crash has the module's symbols: {zones.mod}")


def list_tells(zones):
    zones.look()
    said = read(zones.at("list"))
    size = os.path.getsize(zones.pstore("dmesg-ramoops-0"))
    want(re.search(rf"^# text dmesg-0: {size} bytes, ", said, re.M), said)


# ---- The persistent ring buffer ----------------------------------------------

def same_but_names(guest, ours):
    """Names of tasks are known of events alone; all else is the kernel's text. The kernel
    has the name a task had when it last went to sleep, events may tell a later one."""
    told = same.load_boot(guest.word)
    kernel, mine = (list(same.events(path)) for path in (f"{guest.word}/boot/trace", ours))
    equal(len(mine), len(kernel), "events")
    named = {(pid, name) for line in kernel for name, pid in NAMED.findall(line)}
    unnamed = 0
    for theirs, line in zip(kernel, mine):
        match, other = same.EVENT_LINE.match(theirs), same.EVENT_LINE.match(line)
        nobody = other and other["comm"] == same.NOBODY
        if nobody or other and (other["pid"], other["comm"]) in named:
            theirs = f"{other['comm']:>16}" + theirs[match.end("comm"):]
            unnamed += nobody
        want(theirs == line or told.line(theirs, line),
             f"the kernel has\n{theirs}\nwe have\n{line}")
    want(unnamed < len(kernel) / 4, f"{unnamed} of {len(kernel)} without a name")


def ring_is_the_guests(zones):
    tar = f"{zones.directory}/metadata.tar"
    if not os.path.exists(tar):
        raise Skip("this kernel has no instance in reserved memory")
    metadata = zones.at("metadata")
    os.makedirs(metadata, exist_ok=True)
    subprocess.run(["tar", "-C", metadata, "-xf", tar], check=True, stdin=subprocess.DEVNULL)
    guest = Guest(zones.directory)
    path = zones.at("ring")
    run_to_file([TOOL, "report", "-S", "bootring", "-D", metadata, zones.ram], path, HANGS,
                errors=f"{path}.err")
    same_but_names(guest, path)


def ring_as_trace_dat(zones):
    path, dat = zones.at("ring"), zones.at("ring.dat")
    if not os.path.exists(path):
        raise Skip("there is no ring")
    run_to_file([TOOL, "convert", "-S", "bootring", "-D", zones.at("metadata"), zones.ram, "-o",
                 dat], f"{dat}.said", HANGS)
    run_to_file([TOOL, "report", dat], f"{dat}.text", HANGS, errors=f"{dat}.err")
    mine, wanted = (list(map(without_lazy, same.events(name))) for name in (f"{dat}.text", path))
    same_lines(mine, wanted, "the trace.dat")


def without_lazy(line):
    """In a trace.dat without BTF nothing tells of a lazy reschedule: docs/trace.dat.md"""
    match = same.EVENT_LINE.match(line)
    if not match:
        return line
    flags = match["flags"].replace("X", ".").translate(LAZY)
    return line[:match.start("flags")] + flags + line[match.end("flags"):]


def cases(bench):
    case, found = bench.results.case, []
    if bench.kernel in ("bookworm", "6.1"):
        bench.results.say("skip", f"zones: kernel {bench.kernel} has no reserve_mem=")
        return
    if not case("a guest fills ramoops and a persistent ring, panics, starts again",
                lambda: found.append(Zones(bench))):
        return
    zones, = found
    case("zones: it is this boot's panic, console and messages", guest_filled_them, zones)
    for name, file in TEXTS.items():
        case(f"zones: {name} of the RAM is the next boot's {file}", ram_has_text, zones, name)
        case(f"zones: {name} of the dump, in crash, is the next boot's {file}", dump_has_text,
             zones, name)
    case("zones: functions of the RAM are those of the next boot's ftrace-ramoops-0", ram_has_calls,
         zones)
    case("zones: functions of the dump are, too", dump_has_calls, zones)
    case("zones: functions of the dump have that kernel's names", dump_names_calls, zones)
    case("zones: pstore_rb dump -Z: the same functions", dump_makes_trace_dat, zones)
    case("zones: pstore_rb -Z lists the texts", list_tells, zones)
    case("zones: crash has no symbols of the module", needs_no_module_symbols, zones)
    case("bootring: the text of the RAM is the guest's own", ring_is_the_guests, zones)
    case("bootring: the trace.dat gives the same text", ring_as_trace_dat, zones)
