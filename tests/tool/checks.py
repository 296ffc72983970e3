# SPDX-License-Identifier: GPL-2.0-or-later
"""Cases of pstore-rb check, on a made tree that stands for a machine's /, and one change to it
after the other."""

import json
import os
import re
import shutil

from field import BOOTS, Machine, write
from helpers import equal, fails, tool, want

T = "sys/kernel/tracing"
RAMOOPS = "sys/module/ramoops/parameters"
MOR = "sys/firmware/efi/efivars/MemoryOverwriteRequestControl-e20939be-32d4-41be-a150-897f85d49829"
LINK = "etc/systemd/system/sysinit.target.wants/pstore-rb-harvest.service"
STATS = "entries: {}\noverrun: {}\ncommit overrun: 0\nbytes: {}\noldest event ts: {}\n" \
        "now ts: {}\ndropped events: 0\nread events: 0\n"

# A machine that is ready: the trace is at 0x10000000, where regions of the tests say they were
READY = {
    "proc/cmdline": "quiet reserve_mem=4M:4096:no reserve_mem=32M@0xf800000:4096:oops "
                    "ramoops.mem_name=oops ramoops.trace_size=24M",
    "proc/iomem": "00001000-0009fbff : System RAM\n00100000-bfffffff : System RAM\n"
                  "fd000000-fdffffff : PCI\n",
    "proc/sys/kernel/panic": "10",
    "sys/devices/system/cpu/possible": "0-1",
    "sys/kernel/kexec_crash_loaded": "1",
    f"{RAMOOPS}/mem_address": str(0xf800000),
    f"{RAMOOPS}/mem_size": str(32 << 20),
    f"{RAMOOPS}/mem_name": "oops",
    f"{RAMOOPS}/trace_size": str(24 << 20),
    f"{RAMOOPS}/trace_generations": "1",
    f"{RAMOOPS}/trace_symbols": "Y",
    f"{T}/available_tracers": "pstore function nop",
    f"{T}/current_tracer": "pstore",
    f"{T}/tracing_on": "1",
    # one that is full, and one that will go back 10.43 MiB at 1 MiB a second
    f"{T}/per_cpu/cpu0/stats": STATS.format(100, 7, 4800, "    90.000000", "   110.500000"),
    f"{T}/per_cpu/cpu1/stats": STATS.format(100, 0, 2 << 20, "   108.500000", "   110.500000"),
    MOR: "\x07\0\0\0\0",
    LINK: "",
}

ALL_OK = """\
ok tracer: the kernel has the tracer pstore
ok ramoops: 24576 KiB of it are for the trace, 1 recording
ok placement: reserve_mem= tells the address, 0xf800000
ok memory: 0x10000000 is System RAM: the tracer takes it, and crash dumps have it
ok size: 2682 sub-buffers for each of 2 possible CPUs, 10678 KiB of events
ok recording: the top-level instance uses it
ok history: 10.4 s at the present rate, of cpu1, which has the least
ok symbols: they are stored, as formats are
ok address: 0x10000000, as in boot {boot}
ok kdump: a crash kernel is loaded: a dump has the trace, too
ok firmware: nothing asks it to wipe memory
ok restart: a panic restarts the machine: its power stays on
ok harvest: pstore-rb-harvest.service saves it at boot
command line: reserve_mem=32M@0xf800000:4096:oops ramoops.mem_name=oops ramoops.trace_size=24M \
ramoops.record_size=65536 ramoops.console_size=262144
"""


class Ready(Machine):
    def __init__(self, trace):
        super().__init__(trace, "ready")
        self.crash()
        equal(self.harvest("--erase").returncode, 0, "status of harvest")
        self.put(READY)

    def put(self, files):
        for name, text in files.items():
            path = f"{self.root}/{name}"
            if text is None and os.path.isdir(path):
                shutil.rmtree(path)
            elif text is None:
                os.unlink(path)
            else:
                write(path, text)

    def check(self, *options):
        return tool("check", "--root", self.root, *options, self.out)


def ready(trace):
    m = Ready(trace)
    done = m.check()
    equal((done.returncode, done.stderr), (0, ""), "status")
    equal(done.stdout, ALL_OK.format(boot=BOOTS[0]), "findings")
    told = json.loads(m.check("--json").stdout)
    equal([told[key] for key in ("schema", "version", "missing", "warnings")],
          ["pstore_rb.check", 1, 0, 0], "JSON")
    equal([f"{each['state']} {each['what']}: {each['why']}" for each in told["findings"]],
          done.stdout.splitlines()[:-1], "findings as JSON")
    equal(f"command line: {told['command_line']}", done.stdout.splitlines()[-1], "command line")
    equal({each["todo"] for each in told["findings"]}, {None}, "what is to be done")
    os.unlink(f"{m.root}/{LINK}")
    done = m.check()
    equal(done.returncode, 0, "a warning is no reason to fail")
    finding = json.loads(m.check("--json").stdout)["findings"][-1]
    equal(f"warning harvest: {finding['why']}, {finding['todo']}", done.stdout.splitlines()[-2],
          "the same as JSON")
    # where harvests are when nobody tells
    shutil.move(m.out, f"{m.root}/var/lib/pstore-rb")
    want(f"ok address: 0x10000000, as in boot {BOOTS[0]}" in
         tool("check", "--root", m.root).stdout, "/var/lib/pstore-rb")


# What is changed, and the finding that comes of it
CHANGES = [
    ({f"{T}/available_tracers": "xpstore pstore2 nop"}, "missing tracer: the kernel has no tracer"),
    ({f"{T}/available_tracers": None}, "missing tracer: available_tracers cannot be read, run"),
    ({"sys/module": None}, "missing ramoops: it is not in the kernel, "),
    ({f"{RAMOOPS}/trace_size": None}, "missing ramoops: it has no trace_size, start a kernel"),
    ({f"{RAMOOPS}/trace_size": "0"}, "missing ramoops: nothing of its memory is for the trace, "),
    ({f"{RAMOOPS}/mem_size": "0"}, "missing ramoops: it has no memory, put the command line"),
    ({f"{RAMOOPS}/mem_size": "100000"}, "missing ramoops: trace_size is 25165824, and all of its"),
    ({"proc/cmdline": "reserve_mem=25M:4096:oops"}, "warning placement: reserve_mem= tells no"),
    ({"proc/cmdline": "quiet"}, "warning placement: nothing on the command line reserves the mem"),
    ({"proc/cmdline": "xreserve_mem=25M@1G:4096:oops reserve_mem=1M@2G:4096:oops2"},
     "warning placement: nothing on the command line"),
    ({"proc/cmdline": "memmap=32M$0xf800000"}, "missing placement: memmap= takes it out of System"),
    ({"proc/cmdline": "memmap=8M$0xf800000"}, "warning placement: nothing on the command line"),
    ({"proc/cmdline": "", "proc/device-tree/reserved-memory/name": ""}, "ok placement: the device"),
    ({"proc/iomem": "00100000-0fffffff : System RAM\n10000000-1fffffff : Reserved\n"},
     "missing memory: 0x10000000 is Reserved, not System RAM: the tracer refuses it, put"),
    ({"proc/iomem": "00100000-100fffff : System RAM\n"}, "missing memory: 0x10000000 is no memory"),
    ({"proc/iomem": "0-0 : System RAM\n"}, "warning memory: /proc/iomem does not tell where it is"),
    ({"sys/devices/system/cpu/possible": "0-3,8-4095"},
     "missing size: 24576 KiB for a recording are too little for 4096 possible CPUs, put"),
    ({"sys/devices/system/cpu/possible": None}, "warning size: "),
    ({f"{T}/current_tracer": "nop"}, "missing recording: no instance uses the tracer pstore, echo"),
    ({f"{T}/current_tracer": "nop", f"{T}/instances/a/current_tracer": "nop",
      f"{T}/instances/box/current_tracer": "pstore"}, "ok recording: instances/box uses it"),
    ({f"{T}/tracing_on": "0"}, "missing recording: the top-level instance uses it, and is"),
    ({f"{T}/per_cpu/cpu0/stats": STATS.format(100, 7, 4800, "110.000000", "110.500000")},
     "warning history: cpu0 goes back only 0.500 s at the present rate, give"),
    ({f"{T}/per_cpu/cpu0/stats": STATS.format(100, 7, 4800, "123", "456"),
      f"{T}/per_cpu/cpu1/stats": STATS.format(0, 0, 0, "0.0", "456.0")},
     "warning history: there are no events whose clock counts nanoseconds"),
    ({f"{RAMOOPS}/trace_symbols": "N"}, "warning symbols: those of the kernel are not stored"),
    ({f"{RAMOOPS}/trace_size": "1000K"}, "warning symbols: there is no room for those of the ker"),
    ({f"{RAMOOPS}/mem_address": str(0x1f800000)}, "warning address: 0x20000000, and 0x10000000 in"),
    ({"harvests": None}, "warning address: there is no recording of an earlier boot to compare"),
    ({"sys/kernel/kexec_crash_loaded": "0"}, "warning kdump: no crash kernel is loaded: the trace"),
    ({MOR: "\x07\0\0\0\1"}, "missing firmware: it is asked to wipe all memory at the next restart"),
    ({MOR: None}, "ok firmware: nothing asks it to wipe memory"),
    ({"sys/firmware/efi/efivars": None}, "warning firmware: its variables are not there"),
    ({"sys/firmware": None}, "ok firmware: it is not EFI"),
    ({"proc/sys/kernel/panic": "0"}, "warning restart: a panic stops the machine"),
    ({LINK: None}, "warning harvest: nothing saves it at boot"),
]


def changes(trace):
    for files, wanted in CHANGES:
        m = Ready(trace)
        m.put(files)
        done = m.check()
        found = [line for line in done.stdout.splitlines() if line.startswith(wanted)]
        equal((len(found), done.stderr), (1, ""), f"{wanted!r} in {done.stdout}")
        missing = any(line.startswith("missing ") for line in done.stdout.splitlines())
        equal(done.returncode, missing, f"status with {files}: {done.stdout}")
        want(missing or not wanted.startswith("missing"), done.stdout)
        want(done.stdout.splitlines()[-1].startswith("command line: reserve_mem="), done.stdout)


def history(trace):
    """What is wanted, and what it takes at the rate that was measured: 1 MiB/s of each CPU"""
    m = Ready(trace)
    equal(m.check("--history", "10s").returncode, 0, "10 s are there")
    done = m.check("--history", "20s")
    equal(done.returncode, 1, "20 s are not")
    want("missing history: cpu1 goes back 10.4 s at the present rate, 20.0 s are wanted, give" in
         done.stdout, done.stdout)
    # 20 MiB of each of 2 CPUs, seals, tables; the old place, which is at the end, is too small
    want(done.stdout.endswith("reserve_mem=46M@0x20000000:4096:oops ramoops.mem_name=oops "
                              "ramoops.trace_size=45M ramoops.record_size=65536 "
                              "ramoops.console_size=262144\n"), done.stdout)


def too_little(trace):
    """As much as 10 s take is in the command line when what there is is little by itself."""
    m = Ready(trace)
    m.put({"sys/devices/system/cpu/possible": "0-1023"})
    done = m.check()
    want("warning history: cpu1 goes back only 0.008 s" in done.stdout, done.stdout)
    want(re.search("ramoops.trace_size=10...M", done.stdout), done.stdout)


def pending(trace):
    """What is in pstore still is newer than all harvests; it says whether tables were full."""
    m = Ready(trace)
    m.crash(BOOTS[4:5])
    want(f"ok address: 0x10000000, as in boot {BOOTS[4]}" in m.check().stdout, "pstore")
    before = sorted(os.listdir(m.out))
    write(f"{m.out}/{BOOTS[5]}.abcdef/file", "half made\n")
    os.unlink(f"{m.pstore}/trace-ramoops-0")
    want(f"ok address: 0x10000000, as in boot {BOOTS[0]}" in m.check().stdout, "harvest")
    equal(sorted(os.listdir(m.out)), sorted([*before, f"{BOOTS[5]}.abcdef"]),
          "check changes nothing")


def nothing(trace):
    fails(["check", "-r", f"{trace}.missing"], 3, "trace.dat.missing: No such file")
    fails(["check", "a", "b"], 2, '"b" is one argument too many')
    os.makedirs(f"{trace}.empty", exist_ok=True)
    done = tool("check", "-r", f"{trace}.empty")
    equal((done.returncode, done.stderr), (1, ""), "of an empty /")
    want("missing tracer" in done.stdout and "missing ramoops" in done.stdout, done.stdout)


CASES = {
    "check: a machine that is ready: all is ok, as text and JSON, status 0": ready,
    "check: each thing that is missing or doubtful is told, with what to do": changes,
    "check --history: what is wanted, and the memory for it at the measured rate": history,
    "check: the memory for 10 s where there is little": too_little,
    "check: the newest recording, and nothing is changed": pending,
    "check: no machine there": nothing,
}
