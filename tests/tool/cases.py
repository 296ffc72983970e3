#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Cases of pstore-rb: exit statuses, files, terminals. Prints "ok - NAME" lines.

usage: tests/tool/cases.py PSTORE_RB MAKE_TRACE COMPLETION
"""

import json
import os
import pty
import re
import select
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True

import checks
import field
import trials
from helpers import (COMPLETION, PLAIN_ENV, TOOL, Failure, equal, fails, image, left, make,
                     page_of, small_files, tool, want, without_root)

# ---- Without a terminal ---------------------------------------------------

def usage(trace):
    fails([], 2, "usage:")
    fails(["nonsense"], 2, 'no command "nonsense"', "usage:")
    for command in "info", "report", "convert", "merge", "text", "capture-metadata":
        fails([command], 2, "a file name is wanted", f"usage: pstore-rb {command}")
        fails([command, "--nonsense", trace], 2, "nonsense", f"usage: pstore-rb {command}")
    fails(["report", "-n", "0", trace], 2, "-n wants")
    fails(["report", "-b", "nosuch", trace], 2, 'no buffer "nosuch"')
    fails(["report", "--source", "nosuch", trace], 2, "nosuch")
    for arguments, words in ([], "nothing is to be recorded"), (["ls"], "nothing is to be"), \
            (["-e", "sched", "-b", "0"], "-b wants a number of KiB"), \
            (["-e", "sched", "-B", "a/b"], "-B wants an instance's name"), \
            (["-e", "sched", "-w", "luck"], '--way knows no "luck"'), \
            (["-e", "sched", "-o", "-"], "not standard output"):
        fails(["record", *arguments], 2, words)
    fails(["convert", trace], 2, "-o FILE is wanted")
    fails(["convert", trace, "-o", "-"], 2, "not standard output")
    fails(["convert", trace, "-o", "x", "--compress", "lzma"], 2, "lzma")
    fails(["convert", trace, "-o", "x", "-V", "6", "-z", "zstd"], 2, "version 6")
    fails(["convert", trace, "-o", "x", "-F", "text", "-z", "zstd"], 2, "for a trace.dat")


def helps(trace):
    commands = re.findall(r"^  (\w\S*) ", tool("--help").stdout, re.M)
    for arguments in ["--help"], *([command, "--help"] for command in commands):
        done = tool(*arguments)
        equal(done.returncode, 0, f"status of {arguments}")
        equal(done.stderr, "", "standard error")
        want("usage: pstore-rb" in done.stdout, done.stdout)
        want(len(arguments) == 1 or "Examples:" in done.stdout, done.stdout)
    want(re.fullmatch(r"pstore-rb \d+\.\d+\.\d+\n", tool("--version").stdout), "--version")


def unreadable(trace):
    folder = os.path.dirname(trace)
    files = {"empty": b"", "text": b"hello\n" * 100, "kdump": b"KDUMP   " + bytes(5000),
             "elf": b"\x7fELF\2\1\1" + bytes(9) + b"\4\0" + bytes(5000),
             "cut": open(trace, "rb").read(1000)}
    for name, data in files.items():
        with open(f"{folder}/{name}", "wb") as out:
            out.write(data)
    for command in ["info"], ["report"], ["convert", "-o", f"{folder}/never"]:
        fails([*command, f"{folder}/missing"], 3, "missing: No such file")
        fails([*command, folder], 3, "directory")
        fails([*command, f"{folder}/empty"], 3, "empty")
        fails([*command, f"{folder}/text"], 3, "text")
        for name in "kdump", "elf":
            fails([*command, f"{folder}/{name}"], 3, "crash", "extend pstore_rb.so")
        fails([*command, f"{folder}/cut"], 3, "cut")
    want(not os.path.exists(f"{folder}/never"), "convert leaves a file")


def reports(trace):
    done = tool("report", trace)
    equal((done.returncode, done.stderr), (0, ""), "status and standard error")
    want("\033" not in done.stdout, "colours in a pipe")
    events = [line for line in done.stdout.splitlines() if line[0] != "#"]
    equal(len(events), 2 * 200 * 40, "events")
    equal(tool("report", "-n", "5", trace).stdout.splitlines()[-6:-1], events[-5:], "-n 5")
    lines = tool("report", "--json", trace).stdout.splitlines()
    objects = [json.loads(line) for line in lines]
    equal(sum(each["type"] == "event" for each in objects), len(events), "events as JSON")
    stat_lines = tool("report", "--stat", "--last", "1", trace).stdout.splitlines()[-3:]
    want(all(line.startswith("# ") and "complete" in line for line in stat_lines[1:]),
         f"--stat: {stat_lines}")


def informs(trace):
    done = tool("info", trace)
    equal((done.returncode, done.stderr), (0, ""), "status and standard error")
    for word in "events: 16000", "formats of 1 of the 1 kinds", "BUFFER", "complete":
        want(word in done.stdout, f"{word!r} is not in {done.stdout}")
    found = json.loads(tool("info", "--json", trace).stdout)
    equal((found["events"], found["description"]["event_types"]), (16000, 1), "JSON")
    equal([cpu["events"] for cpu in found["buffers"][0]["cpus"]], [8000, 8000], "by CPU")
    equal(tool("info", trace, f"{trace}.missing").returncode, 3, "status with a missing file")


def judges_counts(trace):
    """8000 events on each CPU, beside what the kernel is made to have counted"""
    with open(trace, "rb") as whole:
        data = whole.read()
    old = b"entries: 8000\noverrun: 0\ncommit overrun: 0\n"
    equal(data.count(old), 2, "counts as text in the file")
    for entries, read, state in (8000, 0, "complete"), (7999, 2, "unproven"), \
            (1000, 7000, "complete"), (1000, 6999, "DIFFERS"), (8001, 5, "DIFFERS"):
        # what is left out of the counts is 0: the text keeps its length
        new = f"entries: {entries}\nread events: {read:0{len(old) - 28}}\n".encode()
        equal(len(new), len(old), "the text's length")
        with open(f"{trace}.counts", "wb") as out:
            out.write(data.replace(b"read events: 0\n", b"dead events: 0\n").replace(old, new))
        done = tool("report", "--stat", "--last", "1", f"{trace}.counts")
        states = [line.split()[-1] for line in done.stdout.splitlines()[-2:]]
        equal(states, [state] * 2, f"{entries} and {read} counted")


def partial(trace):
    damaged = f"{trace}.damaged"
    make(damaged, "size 4096\nbuffer top clock=local\ncpu 0\n" + page_of(1000)
         + page_of(2000000))
    with open(damaged, "r+b") as out:
        data = out.read()
        at = data.index((2000000).to_bytes(8, "little"))
        out.seek(at + 8)
        out.write(b"\xff\xff\xff\xff")
    for arguments in ["info", damaged], ["report", damaged], \
            ["convert", damaged, "-o", f"{damaged}.out"]:
        done = tool(*arguments)
        equal(done.returncode, 1, f"status of {arguments}: {done.stderr}")
        want("damage" in done.stdout + done.stderr, "no damage is told")
    want("damaged" in tool("report", damaged).stdout, "report tells no damage")


TIME = re.compile(r" (\d+\.\d+): ")


def event_lines(text):
    return [line for line in text.splitlines() if line[0] != "#"]


def converts(trace):
    want_text = tool("report", trace).stdout
    out = f"{trace}.out"
    for options in ([], ["-V", "6"], ["-z", "zstd"], ["-z", "zlib"], ["--compress=none"]):
        done = tool("convert", trace, "-o", out, *options)
        equal((done.returncode, done.stderr), (0, ""), f"convert {options}")
        equal(stat.S_IMODE(os.stat(out).st_mode), 0o600, "mode")
        got = tool("report", out).stdout
        if "-V" in options:
            got, text = ([line for line in all.splitlines() if line[0] != "#"]
                         for all in (got, want_text))
            equal(got, text, "events of version 6")
        else:
            equal(got, want_text, f"text after {options}")
    equal(tool("convert", trace, "-o", out, "--format", "text").returncode, 0, "to text")
    equal(open(out).read(), want_text, "text")
    equal(stat.S_IMODE(os.stat(out).st_mode), 0o600, "mode")
    equal(tool("convert", trace, "-o", "-", "--format", "text").stdout, want_text, "to -")
    equal(tool("convert", trace, "-o", "-", "--format", "json").stdout,
          tool("report", "-j", trace).stdout, "JSON to -")
    os.unlink(out)


def merges(trace):
    """Two copies of a trace, one of them later: every event is there twice."""
    folder, alone = os.path.dirname(trace), event_lines(tool("report", trace).stdout)
    out, other = f"{folder}/merged.dat", f"{folder}/other.dat"
    shutil.copy(trace, other)
    done = tool("merge", "-o", out, f"a={trace}", other, "--offset", "other=0.000001")
    equal((done.returncode, done.stderr), (0, ""), "merge")
    both = event_lines(tool("report", out).stdout)
    by_name = {name: [line.partition(f"{name}: ")[2] for line in both
                      if line.startswith(f"{name}: ")] for name in ("a", "other")}
    equal(by_name["a"], alone, "events of the one")
    equal([TIME.sub("", line) for line in by_name["other"]],
          [TIME.sub("", line) for line in alone], "events of the other")
    times = [float(TIME.search(line).group(1)) for line in both]
    equal(times, sorted(times), "times")
    shift = float(TIME.search(by_name["other"][0]).group(1)) - \
        float(TIME.search(alone[0]).group(1))
    equal(round(shift, 6), 0.000001, "offset")
    equal(event_lines(tool("report", f"a={trace}", other, "-O", "other=+0.000001").stdout),
          both, "report of both")
    fails(["merge", "-o", out, trace, trace], 2, "two inputs are called")
    fails(["merge", "-o", out, trace, "-O", "nosuch=1"], 2, "name of an input", "nosuch=1")
    fails(["merge", "-o", out, trace, "-O", "1"], 2, "--offset wants")
    fails(["merge", "-o", out, f"a={trace}", other, "-O", "a=-99999"], 3, "below zero")
    fails(["merge", "-o", out, trace, f"{folder}/missing"], 3, "missing: No such file")
    os.unlink(out)
    os.unlink(other)


def directories(trace):
    """A directory of raw sub-buffers and a trace.dat with the same events."""
    raw, out = f"{os.path.dirname(trace)}/raw", f"{trace}.out"
    os.mkdir(raw)
    make(f"{raw}/", image(200))
    want_text = tool("report", trace).stdout
    for arguments in ["report", raw], ["report", f"{raw}/"], ["report", "-S", "pages", raw]:
        done = tool(*arguments)
        equal((done.returncode, done.stderr), (0, ""), f"{arguments}")
        equal(done.stdout, want_text, f"text of {arguments}")
    found = json.loads(tool("info", "--json", raw).stdout)
    equal((found["events"], found["notices"]), (16000, []), "info --json")
    for options in [], ["-z", "zstd"], ["-V", "6"]:
        done = tool("convert", raw, "-o", out, *options)
        equal((done.returncode, done.stderr), (0, ""), f"convert {options}")
        equal(event_lines(tool("report", out).stdout), event_lines(want_text),
              f"text after convert {options}")
    done = tool("merge", "-o", out, f"{raw}/", f"b={trace}")
    equal((done.returncode, done.stderr), (0, ""), "merge")
    both = event_lines(tool("report", out).stdout)
    for name in "raw", "b":
        equal([line.partition(f"{name}: ")[2] for line in both if line.startswith(f"{name}: ")],
              event_lines(want_text), f"events of {name}")
    os.unlink(out)
    fails(["report", "-S", "pages", trace], 3, trace, "Not a directory")
    fails(["report", "-S", "trace.dat", raw], 3, raw)


def behind_names(text):
    """A region knows no task that the kernel saved no name of; a name may be of two lines."""
    return [line.partition("[")[2] for line in event_lines(text) if "[" in line]


def regions(trace):
    """A persistent region, alone and in a RAM image, and a trace.dat with the same events."""
    region, ram, out = (f"{os.path.dirname(trace)}/{name}" for name in
                        ("a.region", "ram.img", "region.out"))
    make(region, image(200))
    with open(region, "rb") as source, open(ram, "wb") as memory:
        memory.write(b"x" * 4096 * 300 + source.read() + bytes(5000))
    lines = behind_names(tool("report", trace).stdout)
    # by construction the first sub-buffer of each CPU: a reader had its events
    had, unread = lines[:80], lines[80:]
    for arguments in ["report", region], ["report", ram], ["report", "-S", "region", ram], \
            ["report", "-S", f"region@{4096 * 300}", ram]:
        done = tool(*arguments)
        equal((done.returncode, done.stderr), (0, ""), f"{arguments}")
        equal(behind_names(done.stdout), unread, f"text of {arguments}")
        want("# buffer top/consumed had been consumed by a reader: -C" in done.stdout,
             f"{arguments} says nothing of what was consumed")
    done = tool("report", "--consumed", ram)
    equal((done.returncode, behind_names(done.stdout)), (0, had), "report --consumed")
    done = tool("report", "--stat", ram)
    equal((done.returncode, done.stdout.count("not counted\n")), (0, 2), "report --stat")
    found = json.loads(tool("info", "--json", ram).stdout)
    equal((found["events"], found["notices"]), (16000, []), "info --json")
    want("region at 0x12c000 of the file" in found["remarks"][0], f"{found['remarks']}")
    want("cpu 1: sub-buffers 199 sealed" in tool("info", ram).stdout, "info counts nothing")
    equal(tool("convert", ram, "-o", out).returncode, 0, "convert")
    equal(behind_names(tool("report", out).stdout), unread, "text after convert")
    fails(["report", "-S", "region@0x1000", ram], 3, ram, "no region's slot begins at 0x1000")
    fails(["report", "-S", "region", trace], 3, "there is no persistent trace region in it")
    with open(ram, "r+b") as memory:
        memory.seek(os.path.getsize(region) + 4096 * 300 - 4096 * 9 + 100)
        memory.write(b"spoilt")
    done = tool("report", ram)
    equal(done.returncode, 1, "status of a damaged region")
    done = tool("report", "--stat", ram)
    equal((done.returncode, done.stdout.count("damaged\n")), (1, 1), "report --stat of damage")
    want("of the chunk: the crc is not its seal's" in done.stdout, "nothing is said of damage")


def ramoops(trace):
    """Mainline's zones in a RAM image; its texts, and what there is to do with them."""
    ram, out = (f"{os.path.dirname(trace)}/{name}" for name in ("a.ramoops", "ramoops.out"))
    make(ram, image(1))
    how = "mem_size=0x6000,record_size=4K,console_size=4K,pmsg_size=4K,ftrace_size=8K"
    done = tool("report", ram)
    equal((done.returncode, done.stderr), (0, ""), "report")
    lines = event_lines(done.stdout)
    equal([line.split("[")[1].split()[0] for line in lines],
          ["000]", "001]"] * 3, "CPUs in order")
    want("0xffffffff81000050 <-0xffffffff81000200" in lines[5], lines[5])
    for kind in "ramoops", "ramoops@0x5000", f"ramoops:mem_address=0x5000,{how}":
        equal(event_lines(tool("report", "-S", kind, ram).stdout), lines, kind)
    found = [json.loads(line) for line in tool("report", "--json", ram).stdout.splitlines()]
    equal([each["fields"]["ip"] for each in found if each["type"] == "event"][:1],
          ["0xffffffff81000000"], "ip in JSON")
    equal(tool("convert", ram, "-o", out).returncode, 0, "convert")
    equal([line.partition("[")[2] for line in event_lines(tool("report", out).stdout)],
          [line.partition("[")[2] for line in lines], "text after convert")
    done = tool("text", ram)
    equal((done.returncode, done.stderr, done.stdout),
          (0, "", "==> dmesg-0 <==\nPanic#1 Part1\n<4>[    1.000000] it ends\n"
           "==> console <==\n[    0.500000] hello\n==> pmsg <==\na message\n"), "text")
    equal(tool("text", "-b", "pmsg", ram).stdout, "a message\n", "text -b")
    fails(["text", "-b", "nothing", ram], 2, 'no text "nothing"')
    fails(["text", "-S", "ramoops:x=1", ram], 2, 'no parameter "x=1"')
    fails(["text", trace], 3, "there is no zone of ramoops in it")
    fails(["text", "-S", "trace.dat", trace], 3, "there is no text in it")
    want("text dmesg-0: 40 bytes" in tool("info", ram).stdout, "info names no text")
    with open(ram, "r+b") as memory:
        memory.truncate(0x5000 + 0x3000)
    fails(["report", ram], 3, "there is no buffer in it, but text: pstore-rb text shows it")
    with open(ram, "r+b") as memory:
        memory.seek(0x5000 + 36)
        memory.write(b"\x07")
    done = tool("text", "-b", "console", ram)
    equal((done.returncode, done.stdout), (1, "[    0.500000] hello\n"), "text of damage")
    want("zone dmesg-0: the compressed text is damaged" in done.stderr, done.stderr)


def files_of_pstore(trace):
    """The directory in which the kernel shows them"""
    folder = f"{os.path.dirname(trace)}/pstore.files"
    os.mkdir(folder)
    calls = [f"CPU:{n % 2} ts:{n} ffffffff810000{n:x}0  ffffffff81000200  f <- g+0x1/0x2\n"
             for n in range(6)]
    for name, text in ("dmesg-ramoops-0", "Panic#1 Part1\nit ends\n"), ("pmsg-ramoops-0", "a\n"), \
            ("ftrace-ramoops-0", "".join(calls)):
        with open(f"{folder}/{name}", "w") as out:
            out.write(text)
    done = tool("text", folder)
    equal((done.returncode, done.stderr, done.stdout),
          (0, "", "==> dmesg-ramoops-0 <==\nPanic#1 Part1\nit ends\n==> pmsg-ramoops-0 <==\na\n"),
          "text")
    equal(tool("text", "-b", "pmsg-ramoops-0", folder).stdout, "a\n", "text -b")
    for path in folder, f"{folder}/ftrace-ramoops-0":
        done = tool("report", path)
        equal((done.returncode, done.stderr), (0, ""), f"report {path}")
        lines = event_lines(done.stdout)
        equal([line.split("[")[1].split()[0] for line in lines], ["000]", "001]"] * 3, "CPUs")
        want("0xffffffff81000050 <-0xffffffff81000200" in lines[5], lines[5])
    want("text dmesg-ramoops-0: 22 bytes" in tool("info", folder).stdout, "info names no text")


def bootring(trace):
    """Mainline's persistent ring buffer, alone and described by a trace.dat."""
    ram, out = (f"{os.path.dirname(trace)}/{name}" for name in ("a.bootring", "bootring.out"))
    make(ram, image(200))
    lines = behind_names(tool("report", trace).stdout)
    done = tool("report", ram)
    equal(done.returncode, 1, "status of what nobody describes")
    want("nothing here tells the formats of events" in done.stdout, done.stdout[-500:])
    for kind in [], ["-S", "bootring"], ["-S", "bootring@0x3000"]:
        done = tool("report", *kind, "-D", trace, ram)
        equal((done.returncode, behind_names(done.stdout)), (1, lines), f"report {kind}")
        want("has no rb_meta_init_text_addr" in done.stdout, done.stdout[-500:])
    tool("convert", "-D", trace, ram, "-o", out)
    equal(behind_names(tool("report", out).stdout), lines, "text after convert")
    found = json.loads(tool("info", "--json", "--described-by", trace, ram).stdout)
    equal((found["events"], found["description"]["with_format"]), (16000, 1), "info --json")
    fails(["report", "-D", trace, trace], 2, "--described-by", "describes itself")
    fails(["report", "-D", f"{trace}.not", ram], 3, "No such file or directory")
    fails(["report", "-S", "bootring", trace], 3, "there is no persistent ring buffer in it")


def partial_directory(trace):
    raw = f"{os.path.dirname(trace)}/raw.partial"
    file = f"{raw}/per_cpu/cpu1/trace_pipe_raw"
    os.mkdir(raw)
    make(f"{raw}/", image(200))
    os.truncate(file, 100 * 4096 + 10)
    for arguments in ["report", raw], ["info", raw], ["convert", "-o", f"{raw}.out", raw]:
        done = tool(*arguments)
        equal(done.returncode, 1, f"status of {arguments}")
        want("buffer top, cpu 1: per_cpu/cpu1/trace_pipe_raw ends within sub-buffer 100: "
             "10 bytes of 4096" in done.stdout + done.stderr, f"{arguments}: {done.stderr}")
    text = tool("report", raw).stdout
    want("header cut off" in text, "report tells no damage")
    equal(len(event_lines(text)), 300 * 40, "events")
    os.unlink(file)
    done = tool("report", raw)
    equal(done.returncode, 1, "status without a file")
    want("cpu 1: per_cpu/cpu1/trace_pipe_raw cannot be read (No such file" in done.stdout,
         done.stdout[-500:])
    equal(len(event_lines(done.stdout)), 200 * 40, "events without a file")


def full_disk(trace):
    folder = os.path.dirname(trace)
    for arguments in ["report"], ["report", "--json"], ["info"], \
            ["convert", "-o", "-", "-F", "text"]:
        with open("/dev/full", "w") as full:
            done = subprocess.run([TOOL, *arguments, trace], stdout=full, text=True,
                                  stderr=subprocess.PIPE, timeout=60, env=PLAIN_ENV)
        equal(done.returncode, 3, f"status of {arguments}")
        want("No space left" in done.stderr and "standard output" in done.stderr, done.stderr)

    for options in [], ["-V", "6"], ["-F", "text"], ["-F", "json"], ["-n", "9999"]:
        done = tool("convert", trace, "-o", f"{folder}/full", *options,
                    preexec_fn=small_files(100000))
        equal(done.returncode, 3, f"status of convert {options}: {done.stderr}")
        want("full" in done.stderr and "File too large" in done.stderr, done.stderr)
        equal(left(folder, "full"), [], "files left")


def keeps_old_file(trace):
    out = f"{trace}.old"
    with open(out, "w") as old:
        old.write("old")
    fails(["convert", f"{trace}.missing", "-o", out], 3)
    done = tool("convert", trace, "-o", out, "-F", "text", preexec_fn=small_files(1000))
    equal(done.returncode, 3, "status")
    equal(open(out).read(), "old", "the old file")
    fails(["convert", trace, "-o", os.path.dirname(trace)], 3, "not a regular file")
    fails(["convert", trace, "-o", "/dev/full"], 3, "not a regular file")


def closed_pipe(trace):
    for arguments in ["report", trace], ["report", "-j", trace], \
            ["convert", "-o", "-", "-F", "text", trace]:
        run = subprocess.Popen([TOOL, *arguments], stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, env=PLAIN_ENV)
        run.stdout.readline()
        run.stdout.close()
        equal(run.wait(10), -signal.SIGPIPE, f"end of {arguments}")
        equal(run.stderr.read(), b"", "standard error")


# ---- The description of a tracefs -----------------------------------------

INSTANCE = {"events/header_page", "trace_clock", "trace_options", "buffer_subbuf_size_kb",
            "per_cpu/cpu0/stats", "per_cpu/cpu3/stats"}
DESCRIPTION = INSTANCE | {f"instances/two words/{name}" for name in INSTANCE} | {
    "events/header_event", "events/sched/sched_switch/format", "events/irq/irq_exit/format",
    "saved_cmdlines", "saved_tgids", "printk_formats", "kallsyms", "btf", "boot_id", "uname",
    "tasks", "cpus_possible", "cpus_online"}
# what is beside them: of these, opening some takes events away
BESIDE = {"trace", "trace_pipe", "tracing_on", "per_cpu/cpu0/trace_pipe", "events/sched/filter",
          "per_cpu/cpu0/trace_pipe_raw", "per_cpu/cpu3/snapshot_raw", "events/enable",
          "instances/two words/per_cpu/cpu0/trace_pipe_raw", "events/sched/sched_switch/id"}


def make_tracefs(folder, names=DESCRIPTION | BESIDE):
    shutil.rmtree(folder, ignore_errors=True)
    for name in sorted(names):
        os.makedirs(os.path.dirname(f"{folder}/{name}"), exist_ok=True)
        with open(f"{folder}/{name}", "w") as out:
            out.write("ffff0001 T start\n" if name == "kallsyms" else f"text of {name}\n" * 99)
    return folder


def tree(folder):
    """Bytes of all files by name; modes must be those of what is only for its owner."""
    found = {}
    for path, _, names in os.walk(folder):
        equal(stat.S_IMODE(os.stat(path).st_mode), 0o700, f"mode of {path}")
        for name in names:
            file = os.path.join(path, name)
            equal(stat.S_IMODE(os.stat(file).st_mode), 0o600, f"mode of {file}")
            with open(file, "rb") as source:
                found[os.path.relpath(file, folder)] = source.read()
    return found


def capture(folder, out, **options):
    return tool("capture-metadata", "--tracefs", folder, out, **options)


def captures(trace):
    fake, out = make_tracefs(f"{trace}.tracefs"), f"{trace}.captured"
    done = capture(fake, f"{out}/")
    equal((done.returncode, done.stderr, done.stdout),
          (0, "", f"{out}/: {len(DESCRIPTION)} files\n"), "capture-metadata")
    got = tree(out)
    equal(set(got), DESCRIPTION, "files")
    for name, data in got.items():
        with open(f"{fake}/{name}", "rb") as source:
            want(data == source.read(), f"{name} is not the same")
    fails(["capture-metadata", "-T", fake, out], 3, f"{out}: exists already")
    equal(tree(out), got, "what is there already")
    equal(left(os.path.dirname(out), "trace.dat.captured"), ["trace.dat.captured"], "files left")
    shutil.rmtree(out)
    equal(capture(make_tracefs(fake, DESCRIPTION - {"buffer_subbuf_size_kb", "btf", "tasks"}),
                  out).returncode, 0, "without what some kernels do not have")
    shutil.rmtree(out)


def captures_in_part(trace):
    fake, out = make_tracefs(f"{trace}.tracefs"), f"{trace}.captured"
    closed = {"saved_cmdlines", "events/irq/irq_exit/format",
              "instances/two words/trace_clock", "kallsyms"}
    for name in closed:
        os.chmod(f"{fake}/{name}", 0)
    done = capture(fake, out, preexec_fn=without_root)
    equal(done.returncode, 1, f"status: {done.stderr}")
    for name in closed:
        want(f"{fake}/{name} cannot be read: Permission denied" in done.stderr, done.stderr)
    want(done.stderr.endswith("partial: 4 of what describes the trace could not be read\n"),
         done.stderr)
    equal(set(tree(out)), DESCRIPTION - closed, "files")
    shutil.rmtree(out)
    make_tracefs(fake, DESCRIPTION - {"events/header_page", "trace_clock"})
    os.mkdir(f"{fake}/trace_clock")
    with open(f"{fake}/kallsyms", "w") as symbols:
        symbols.write("0000000000000000 T start\n0000000000000000 t next\n")
    done = capture(fake, out)
    equal(done.returncode, 1, f"status: {done.stderr}")
    for words in ("/events/header_page cannot be read: No such file", "kallsyms has no addresses",
                  "/trace_clock cannot be read: no regular file", "partial: 3 "):
        want(words in done.stderr, f"{words!r} is not in {done.stderr!r}")
    shutil.rmtree(out)


def captures_nothing(trace):
    folder = os.path.dirname(trace)
    fake, out = make_tracefs(f"{trace}.tracefs"), f"{folder}/nothing"
    for name in DESCRIPTION:
        os.chmod(f"{fake}/{name}", 0)
    done = capture(fake, out, preexec_fn=without_root)
    equal(done.returncode, 3, f"status: {done.stderr}")
    want("run it as root" in done.stderr and "more cannot be read" in done.stderr, done.stderr)
    for path in f"{folder}/missing", folder, trace:
        fails(["capture-metadata", "-T", path, out], 3, path, "mount -t tracefs")
    make_tracefs(fake)
    fails(["capture-metadata", "-T", fake, f"{folder}/missing/out"], 3, "missing/out: No such file")
    done = capture(fake, out, preexec_fn=small_files(1000))
    equal(done.returncode, 3, f"status: {done.stderr}")
    want(f"{out}/" in done.stderr and "File too large" in done.stderr, done.stderr)
    equal(left(folder, "nothing"), [], "files left")


# ---- Recording: files that look like a tracefs with all events in its rings ----

SETTINGS = {"current_tracer": "nop\n", "set_event": "irq:irq_handler_entry\nsched:sched_switch\n",
            "buffer_size_kb": "7 (expanded: 1408)\n", "tracing_on": "1\n", "trace": "old\n",
            "boot_id": "1\n", "cpus_possible": "0-1\n", "cpus_online": "0-1\n",
            "trace_options": "print-parent\n"}


def fake_rings(trace, pages=200):
    fake = f"{trace}.rings"
    shutil.rmtree(fake, ignore_errors=True)
    os.mkdir(fake)
    make(f"{fake}/", image(pages))
    for name, text in SETTINGS.items():
        with open(f"{fake}/{name}", "w") as out:
            out.write(text)
    return fake


def settings(fake):
    found = {}
    for name in SETTINGS:
        with open(f"{fake}/{name}") as source:
            found[name] = source.read()
    return found


def restored(fake, size="7 (expanded: 1408)\n"):
    """Files that are overwritten have no newline, and what is added to set_event overwrites it."""
    got = {name: text.rstrip("\n") for name, text in settings(fake).items()}
    wanted = {name: text.rstrip("\n") for name, text in SETTINGS.items()}
    wanted |= {"set_event": "sched:sched_switchtry", "trace": "",
               "buffer_size_kb": size.rstrip("\n")}
    equal(got, wanted, "settings")


def record(fake, out, *arguments, **options):
    return tool("record", "-T", fake, "-o", out, *arguments, **options)


def records(trace):
    """All events, in a trace.dat; what tracing was like is put back."""
    fake, out = fake_rings(trace), f"{trace}.recorded"
    during = f"{trace}.during"
    done = record(fake, out, "-v", "-e", "irq,all", "-e", "test:tick", "-p", "function", "-b", "99",
                  "sh", "-c", f"cat {fake}/[cst]*_* {fake}/tracing_on >{during}; exit 3")
    equal((done.returncode, done.stdout), (0, ""), f"status: {done.stderr}")
    said = done.stderr.splitlines()
    for line, words in zip(said, ("cpu 0: read, without batch: its head has 0 bytes",
                                  "cpu 1: read, without batch: ",
                                  f"{out}: 16000 events, 0 lost, 1638400 bytes in 400 sub-buffers",
                                  "the command's exit status was 3"), strict=True):
        want(words in line, f"{words!r} is not in {line!r}")
    want(said[2].endswith(" s of processor time, 2 CPUs by read"), said[2])
    with open(during) as text:
        seen = text.read()
    for words in "test:tick", "function", "1":
        want(words in seen, f"{words!r} is not set: {seen}")
    restored(fake, "1408")
    equal(stat.S_IMODE(os.stat(out).st_mode), 0o600, "mode")
    equal(event_lines(tool("report", out).stdout), event_lines(tool("report", trace).stdout),
          "events")
    equal(tool("report", "--stat", "--last", "1", out).stdout.count(" complete\n"), 2, "--stat")
    equal(left(os.path.dirname(out), "trace.dat.recorded"), ["trace.dat.recorded"], "files left")


def records_an_instance(trace):
    fake, out = fake_rings(trace), f"{trace}.recorded"
    mine = f"{fake}/instances/mine"
    os.makedirs(mine)
    for name in "per_cpu", "trace_clock", "current_tracer", "set_event", "buffer_size_kb", \
            "tracing_on", "trace", "trace_options":
        shutil.move(f"{fake}/{name}", mine)
    os.makedirs(f"{mine}/events")
    shutil.copy(f"{fake}/events/header_page", f"{mine}/events")
    done = record(fake, out, "-e", "sched", "-B", "mine", "true")
    equal(done.returncode, 1, f"status: {done.stderr}")
    want("trace_clock cannot be read" in done.stderr and "16000 events" in done.stderr, done.stderr)
    want("mine" in tool("info", out).stdout, "the buffer's name")
    with open(f"{mine}/tracing_on") as text:
        equal(text.read(), "1", "tracing_on")


def keeps_the_last(trace):
    """--max-kb: the last sub-buffers of each CPU, whatever the number"""
    fake, out = fake_rings(trace), f"{trace}.recorded"
    lines = event_lines(tool("report", trace).stdout)
    for kb, pages in (1, 1), (400, 100), (300, 75), (801, 200):
        done = record(fake, out, "-e", "test:tick", "--max-kb", str(kb), "true")
        equal(done.returncode, 0, f"status: {done.stderr}")
        equal(f"{2 * (200 - pages)} older sub-buffers were written over" in done.stderr,
              pages < 200, f"{done.stderr} for {kb} KiB")
        equal(event_lines(tool("report", out).stdout), lines[-80 * pages:], f"last {kb} KiB")


def records_until_stopped(trace):
    for number in signal.SIGINT, signal.SIGTERM:
        fake, out = fake_rings(trace), f"{trace}.recorded"
        terminal = Terminal(["record", "-T", fake, "-e", "sched", "-o", out])
        terminal.wait_for("recording: Ctrl-C ends it")
        time.sleep(0.3)
        if number == signal.SIGINT:
            terminal.type("\x03")
        else:
            terminal.run.send_signal(number)
        said = terminal.read()
        equal(terminal.end(), 0, f"status: {said}")
        want("16000 events, 0 lost" in said, said)
        restored(fake)
        os.unlink(out)


def records_onto_a_full_disk(trace):
    fake, out = fake_rings(trace), f"{trace}.recorded"
    done = record(fake, out, "-e", "test:tick", "sleep", "1", preexec_fn=small_files(500000))
    equal(done.returncode, 1, f"status: {done.stderr}")
    for words in ("writing: File too large", "sub-buffers could not be written",
                  f"is kept in {out}.raw", "the command goes on"):
        want(words in done.stderr, f"{words!r} is not in {done.stderr!r}")
    restored(fake)
    equal(left(os.path.dirname(out), "trace.dat.recorded"), ["trace.dat.recorded.raw"], "files left")
    lines = event_lines(tool("report", f"{out}.raw").stdout)
    want(len(lines) >= 2 * 112 * 40, f"only {len(lines)} events are left")
    want(set(lines) <= set(event_lines(tool("report", trace).stdout)), "events that were not there")
    # as the message says
    equal(tool("convert", f"{out}.raw", "-o", out).returncode, 0, "convert")
    equal(event_lines(tool("report", out).stdout), lines, "events")
    fails(["record", "-T", fake, "-e", "sched", "-o", out, "true"], 3, ".raw: exists already")
    restored(fake)
    shutil.rmtree(f"{out}.raw")


def records_nothing(trace):
    folder, fake, out = os.path.dirname(trace), fake_rings(trace), f"{trace}.none"
    fails(["record", "-T", f"{folder}/missing", "-e", "x", "-o", out], 3, "missing", "run it as root")
    fails(["record", "-T", fake, "-e", "x", "-o", f"{folder}/missing/out"], 3, "missing/out")
    fails(["record", "-T", fake, "-w", "mmap", "-e", "x", "-o", out], 3, "cpu 0: its head has 0")
    restored(fake)
    os.unlink(f"{fake}/set_event")
    fails(["record", "-T", fake, "-e", "x", "-o", out], 3, "set_event")
    for name in "0", "1":
        shutil.rmtree(f"{fake}/per_cpu/cpu{name}")
    with open(f"{fake}/set_event", "w") as text:
        text.write("")
    fails(["record", "-T", fake, "-e", "x", "-o", out], 3, "there is no CPU")
    equal(left(folder, "trace.dat.none"), [], "files left")
    fake = fake_rings(trace)
    done = record(fake, out, "-e", "x", "no-such-command")
    equal(done.returncode, 0, f"status: {done.stderr}")
    want("no-such-command: No such file" in done.stderr and "exit status was 127" in done.stderr,
         done.stderr)


def follow_until(trace, fake, arguments, event, count):
    """What report --follow prints until it has shown so many events and Ctrl-C comes"""
    out = f"{trace}.followed"
    with open(out, "w") as target, open(out) as shown:
        run = subprocess.Popen([TOOL, "report", "--follow", "-T", fake, *arguments], stdout=target,
                               stderr=subprocess.PIPE, text=True,
                               env=PLAIN_ENV | {"TMPDIR": os.path.dirname(trace)})
        try:
            end, text = time.monotonic() + 20, ""
            while text.count(event) < count:
                want(time.monotonic() < end, f"{text.count(event)} events: {text[-200:]}")
                time.sleep(0.1)
                text += shown.read()
            run.send_signal(signal.SIGINT)
            said = run.communicate(timeout=20)[1]
        finally:
            run.kill()
        equal((run.returncode, said), (0, ""), "status and stderr")
        return text + shown.read()


def follows(trace):
    """report --follow: the same events in the same order, until Ctrl-C; nothing is left"""
    fake = fake_rings(trace, 10)
    with open(f"{fake}/set_event", "a") as events:
        events.write("test:tick\n")
    for way, event in ([], ": tick: "), (["--json"], '"type":"event"'):
        wanted = [line for line in tool("report", *way, fake).stdout.splitlines() if event in line]
        equal(len(wanted), 800, "events of the rings")
        text = follow_until(trace, fake, way, event, len(wanted))
        equal([line for line in text.splitlines() if event in line], wanted, "events")
        want(way or "# events: 800, lost: 0," in text, text[-200:])
    # a reader that goes away
    run = subprocess.Popen([TOOL, "report", "--follow", "-T", fake], stdout=subprocess.PIPE,
                           env=PLAIN_ENV | {"TMPDIR": os.path.dirname(trace)})
    run.stdout.close()
    equal(run.wait(20), -signal.SIGPIPE, "status")
    equal(left(os.path.dirname(trace), "pstore-rb-follow"), [], "files left")


def follows_nothing(trace):
    fake = fake_rings(trace)
    for arguments, words in ([trace], "no use for a file"), (["-n", "3"], "a position"), \
            (["-f", "1"], "a position"), (["-b", "a,b"], "several buffers"), \
            (["-u"], "what is apart"), (["-s"], "a table of CPUs"), \
            (["-S", "pages"], "what is told of files"):
        fails(["report", "--follow", "-T", fake, *arguments], 2, words)
    fails(["report", "--follow", "-T", f"{fake}/missing"], 3, "missing", "run it as root")
    fails(["report", "--follow", "-T", fake, "-b", "nosuch"], 3, "nosuch")
    equal(left("/tmp", "pstore-rb-follow"), [], "files left")


# ---- On a terminal --------------------------------------------------------

class Terminal:
    """A program on a terminal of its own; with @out its standard output goes there."""

    def __init__(self, arguments, out=None, **env):
        self.master, slave = pty.openpty()
        self.run = subprocess.Popen([TOOL, *arguments], stdin=slave, stdout=out or slave,
                                    stderr=slave, env=PLAIN_ENV | env, start_new_session=True,
                                    preexec_fn=lambda: os.close(os.open(os.ttyname(0),
                                                                        os.O_RDWR)))
        os.close(slave)
        self.said = b""

    def read(self, limit=20.0):
        """What comes within @limit seconds, at most until the end"""
        end = time.monotonic() + limit
        while (left_over := end - time.monotonic()) > 0:
            if not select.select([self.master], [], [], left_over)[0]:
                break
            try:
                data = os.read(self.master, 65536)
            except OSError:
                break
            if not data:
                break
            self.said += data
        return self.said.decode().replace("\r\n", "\n")

    def wait_for(self, text, limit=20.0):
        end = time.monotonic() + limit
        while text not in self.said.decode(errors="replace"):
            want(time.monotonic() < end, f"{text!r} does not come: {self.said[-200:]!r}")
            if select.select([self.master], [], [], 0.1)[0]:
                try:
                    self.said += os.read(self.master, 65536)
                except OSError:
                    time.sleep(0.1)

    def type(self, text):
        os.write(self.master, text.encode())

    def end(self):
        try:
            return self.run.wait(20)
        finally:
            os.close(self.master)


def plain(text):
    return re.sub(r"\033\[\d*m", "", text)


def colours(trace):
    text = tool("report", "-n", "30", trace).stdout
    for env, coloured in ({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False), \
            ({"NO_COLOR": ""}, True):
        terminal = Terminal(["report", "--no-pager", "-n", "30", trace], **env)
        said = terminal.read()
        equal(terminal.end(), 0, "status")
        equal("\033" in said, coloured, f"colours with {env}")
        equal(plain(said), text, f"text with {env}")
    terminal = Terminal(["report", "--no-pager", "--json", "-n", "3", trace])
    want("\033" not in terminal.read(), "colours in JSON")
    equal(terminal.end(), 0, "status")


def red_damage(trace):
    terminal = Terminal(["report", "--no-pager", f"{trace}.damaged"])
    said = terminal.read()
    equal(terminal.end(), 1, "status")
    want("\033[31m# damaged:" in said, f"damage is not red: {said[-300:]!r}")


def pager(trace):
    text = tool("report", "-n", "30", trace).stdout
    terminal = Terminal(["report", "-n", "30", trace], PAGER="sed s/^/paged:/", NO_COLOR="1")
    said = terminal.read()
    equal(terminal.end(), 0, "status")
    equal(said, "".join(f"paged:{line}\n" for line in text.splitlines()), "through PAGER")
    for options, env in (["--no-pager"], {"PAGER": "sed s/^/paged:/"}), ([], {"PAGER": ""}), \
            ([], {"PAGER": "cat"}):
        terminal = Terminal(["report", "-n", "30", *options, trace], NO_COLOR="1", **env)
        equal(terminal.read(), text, f"without a pager: {options} {env}")
        equal(terminal.end(), 0, "status")
    with tempfile.TemporaryFile() as out:
        terminal = Terminal(["report", "-n", "30", trace], out=out, PAGER="false")
        terminal.read()
        equal(terminal.end(), 0, "status")
        out.seek(0)
        equal(out.read().decode(), text, "into a file: no pager")


def pager_quits(trace):
    terminal = Terminal(["report", trace], PAGER="head -3", NO_COLOR="1")
    said = terminal.read()
    equal(terminal.end(), 0, "status")
    equal(said.splitlines(), tool("report", trace).stdout.splitlines()[:3], "text")


def default_pager(trace):
    """less, told to leave by itself when all fits: LESS=FRX"""
    with tempfile.TemporaryDirectory() as folder:
        with open(f"{folder}/less", "w") as script:
            script.write('#!/bin/sh\necho "less with $LESS"\nexec cat\n')
        os.chmod(f"{folder}/less", 0o700)
        terminal = Terminal(["report", "-n", "3", trace], PATH=f"{folder}:{os.environ['PATH']}")
        said = terminal.read()
        equal(terminal.end(), 0, "status")
        want("less with FRX\n" in said, said[:100])


def progress(trace):
    for arguments in ["report", trace], ["report", "-j", trace], \
            ["convert", "-o", f"{trace}.out", trace]:
        with tempfile.TemporaryFile() as out:
            terminal = Terminal(arguments, out=out)
            said = terminal.read()
            equal(terminal.end(), 0, "status")
            want(re.search(r"\r\d+ of 400 sub-buffers", said), f"{arguments} says {said!r}")
            want(said.endswith("\r\033[K"), f"the progress stays: {said[-40:]!r}")
    os.unlink(f"{trace}.out")
    terminal = Terminal(["convert", "-o", f"{trace}.out", trace])
    said = terminal.read()
    equal(terminal.end(), 0, "status")
    want(re.search(r"^\r\d+ of 400 sub-buffers[^\n]*\r\033\[K[^\r]*: \d+ events\r?\n$", said),
         f"with all on the terminal: {said!r}")
    os.unlink(f"{trace}.out")
    want("sub-buffers" not in tool("convert", "-o", f"{trace}.out", trace).stderr,
         "progress in a pipe")
    os.unlink(f"{trace}.out")


def stopped(big, options, number):
    """Whether `number` came before the end of convert; it ends it in any case."""
    folder = os.path.dirname(big)
    with open("/dev/null", "w") as out:
        terminal = Terminal(["convert", big, "-o", f"{folder}/half", *options], out=out)
    terminal.wait_for("sub-buffers")
    if number == signal.SIGINT:
        terminal.type("\x03")
    else:
        terminal.run.send_signal(number)
    said = terminal.read()
    equal(terminal.end(), -number, f"end of convert {options}: {said[-200:]!r}")
    found = left(folder, "half")
    if found:
        equal(found, ["half"], "files left")
        done = tool("info", f"{folder}/half")
        equal(done.returncode if "-F" not in options else 0, 0,
              f"status of the file that was complete {options}: {done.stderr}")
        os.unlink(f"{folder}/half")
    return not found


def interrupted(big):
    """Ctrl-C while there is much to do: the signal ends it, nothing is left."""
    for options in [], ["-V", "6"], ["-F", "text"], ["-F", "json"]:
        for number in signal.SIGINT, signal.SIGTERM:
            want(any(stopped(big, options, number) for _ in range(10)),
                 f"convert {options} is always faster than signal {number}")
    with tempfile.TemporaryFile() as out:
        terminal = Terminal(["report", big], out=out)
        terminal.wait_for("sub-buffers")
        terminal.type("\x03")
        terminal.read()
        equal(terminal.end(), -signal.SIGINT, "end of report")
        out.seek(0)
        last = out.read().decode().splitlines()[-1]
        want(last.startswith("# interrupted after "), f"report ends with {last!r}")


def capture_interrupted(trace):
    """Progress first; then Ctrl-C while there are files left."""
    folder = os.path.dirname(trace)
    fake = make_tracefs(f"{trace}.tracefs", DESCRIPTION | {
        f"events/many/event{number}/format" for number in range(4000)})

    def stops():
        with open("/dev/null", "w") as out:
            terminal = Terminal(["capture-metadata", "-T", fake, f"{folder}/half"], out=out)
        terminal.wait_for(" files")
        terminal.type("\x03")
        said = terminal.read()
        want(re.search(r"\r\d+ files\033\[K", said) and said.endswith("\r\033[K"), said)
        equal(terminal.end(), -signal.SIGINT, f"end: {said[-200:]!r}")
        found = left(folder, "half")
        if found:
            equal((found, len(tree(f"{folder}/half"))), (["half"], len(DESCRIPTION) + 4000),
                  "files left")
            shutil.rmtree(f"{folder}/half")
        return not found

    want(any(stops() for _ in range(10)), "it is always faster than Ctrl-C")


# ---- Completion -----------------------------------------------------------

def complete(*words):
    script = (f"source {COMPLETION}; COMP_WORDS=({' '.join(map(repr, words))}); "
              f"COMP_CWORD={len(words) - 1}; _pstore_rb; printf '%s\\n' \"${{COMPREPLY[@]}}\"")
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True)
    equal(done.stderr, "", "standard error")
    return set(done.stdout.split())


def completes(trace):
    listed = set(re.findall(r"^  (\w\S*) ", tool("--help").stdout, re.M))
    equal(complete("pstore-rb", ""), listed | {"--help", "--version"}, "subcommands")
    equal(complete("pstore-rb", "rep"), {"report"}, "rep")
    for command in listed:
        options = set(re.findall(r"^  -\w, (--\S+)", tool(command, "--help").stdout, re.M))
        equal(complete("pstore-rb", command, "--"), options, f"options of {command}")
    equal(complete("pstore-rb", "convert", "--compress", "z"), {"zstd", "zlib"}, "--compress")
    equal(complete("pstore-rb", "convert", "-F", ""), {"trace.dat", "text", "json"}, "-F")
    equal(complete("pstore-rb", "capture-metadata", "--tracefs", "/usr/shar"), {"/usr/share"}, "-T")
    equal(complete("pstore-rb", "record", "-w", ""), {"batch", "mmap", "read"}, "-w")
    equal(complete("pstore-rb", "selftest", "--end", ""), {"reset", "panic"}, "--end")
    equal(complete("pstore-rb", "info", "-S", ""),
          {"trace.dat", "pages", "pstore", "region", "ramoops", "bootring"}, "-S")
    equal(complete("pstore-rb", "report", f"{trace}.ol"), {f"{trace}.old"}, "files")


CASES = {
    "wrong use: a message, usage, status 2": usage,
    "--help and --version": helps,
    "what is no trace: the reason, status 3": unreadable,
    "report: text, JSON Lines, --last, --stat": reports,
    "info: text and JSON": informs,
    "report --stat: what it says of the counts of a recording": judges_counts,
    "a damaged sub-buffer: status 1": partial,
    "convert: every kind holds the same events; mode 0600": converts,
    "merge: the events of all, in one order, by the offsets given": merges,
    "a directory of raw sub-buffers: the text of the same trace.dat": directories,
    "persistent regions: alone, in a RAM image, converted, damaged": regions,
    "mainline's persistent ring buffer: alone, described": bootring,
    "mainline's ramoops: functions, texts, parameters, damage": ramoops,
    "files of pstore: texts, functions": files_of_pstore,
    "a directory that lacks sub-buffers: which, status 1": partial_directory,
    "a full disk: a message with the file, nothing left, status 3": full_disk,
    "what fails leaves the old file": keeps_old_file,
    "a closed pipe: SIGPIPE, no message": closed_pipe,
    "capture-metadata: the description, byte for byte, and what takes events away is left": captures,
    "capture-metadata: what cannot be read is told, the rest is there, status 1": captures_in_part,
    "capture-metadata: nothing to read, no room: advice, status 3, nothing left": captures_nothing,
    "record: all events, and settings as before": records,
    "record: an instance, its own files": records_an_instance,
    "record: --max-kb keeps the last, in order": keeps_the_last,
    "record: Ctrl-C and SIGTERM end it well": records_until_stopped,
    "record: a full disk: what was written is kept and told of": records_onto_a_full_disk,
    "record: nothing to record or to write: the reason, settings as before": records_nothing,
    "report --follow: the same events in the same order, until Ctrl-C": follows,
    "report --follow: what it has no use for, and what is not there": follows_nothing,
    "a terminal: colours, NO_COLOR, the same text": colours,
    "a terminal: damage is red": red_damage,
    "a terminal: $PAGER, and when there is none": pager,
    "a terminal: a pager that quits is a good end": pager_quits,
    "a terminal: less -FRX is the pager": default_pager,
    "a terminal: progress on standard error, taken away again": progress,
    "a terminal: Ctrl-C ends capture-metadata by the signal, nothing is left": capture_interrupted,
    "bash completes commands, options and values": completes,
    **field.CASES,
    **checks.CASES,
    **trials.CASES,
}


def run_case(name, case, path):
    try:
        case(path)
        print(f"ok - tool: {name}", flush=True)
        return 0
    except (Failure, subprocess.SubprocessError, OSError, ValueError, LookupError) as why:
        print(f"not ok - tool: {name}: {str(why)[:600]!r}", flush=True)
        return 1


def main():
    with tempfile.TemporaryDirectory() as folder:
        trace, big = f"{folder}/trace.dat", f"{folder}/big.dat"
        make(trace, image(200))
        make(big, image(12000))
        failed = sum(run_case(name, case, trace) for name, case in CASES.items())
        failed += run_case("a terminal: Ctrl-C and SIGTERM end it by the signal, nothing is left",
                           interrupted, big)
    return failed > 0


sys.exit(main())
