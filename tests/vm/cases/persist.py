# SPDX-License-Identifier: GPL-2.0-or-later
"""Cases: what the tracer pstore left in memory, told by pstore-rb, is the guest's own word."""

import filecmp
import json
import os
import re
import subprocess

import readers
import same
from bench import HERE, VM, Failure, Skip, read, want
from bench import same as equal
from guest import SECONDS, Guest
from tool import same_lines, tool

# Placed by hand: learning an address is the kernel series' own affair
APPEND = ("reserve_mem=32M@0x20000000:4096:oops ramoops.mem_name=oops "
          f"ramoops.trace_size={24 << 20}")
REGION = "trace-ramoops-0"
SUBBUFS = re.compile(r"(\d+) sealed, 0 of them restored, (\d+) unsealed, 0 corrupt, 0 missing, ")


def boot_twice(directory, ram, log):
    """The guest of persist.sh: recorded, panicked, started again in the same RAM."""
    with open(log, "w") as out:
        status = subprocess.run(
            [f"{VM}/run", "--kernel", "patched", "--script", f"{HERE}/persist.sh", "--file",
             f"{HERE}/lib.sh", "--out", directory, "--boots", "2", "--ram-file", ram, "--timeout",
             str(SECONDS), "--append", APPEND],
            check=False, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT).returncode
    want(status == 0, f"exit status {status} of tests/vm/run; see {log}: {read(log)[-300:]}")
    return Guest(directory)


class Left:
    """What a guest left, and what was made of it in the directory `out`."""

    def __init__(self, guest, ram, out):
        self.guest, self.ram, self.out = guest, ram, out
        self.region = f"{guest.directory}/{REGION}"
        self.truth = f"{guest.directory}/top.trace"
        self.text = f"{out}/persist.show"
        tool("report", self.region, path=self.text)


def pstore_lists_it(left):
    line = next((line.split() for line in read(f"{left.guest.directory}/pstore.ls").splitlines()
                 if line.endswith(f" {REGION}")), None)
    want(line, f"no {REGION} in /sys/fs/pstore")
    equal(line[0], "-r--r-----", "mode")
    equal(int(line[4]), os.path.getsize(left.region), "size of the file, and of what was read")


def guest_did_it_all(left):
    text = read(left.truth)
    for words in ("boot 1 begins", "boot 1 ends", ": sched_switch: ", ": sched_process_exec: ",
                  ": vfs_read <-", ": vfs_write <-"):
        want(words in text, f"the guest's trace has no {words}")
    for cpu, stats in left.guest.buffers["top"].stats.items():
        want(stats["entries"] > 500 and not stats["overrun"], f"CPU {cpu} has {stats}")


def text_is_the_kernels(left):
    try:
        same.compare(same.load_boot(left.guest.word), left.truth, left.text)
    except same.Different as difference:
        raise Failure(difference) from None


def ram_is_the_same(left):
    if not left.ram:
        raise Skip("the RAM of this guest was not kept")
    path = f"{left.out}/persist.ram"
    tool("report", left.ram, path=path)
    want(filecmp.cmp(path, left.text, shallow=False),
         f"the RAM file gives another text: {path} and {left.text} differ")
    os.unlink(path)


def info_is_the_kernels(left):
    path = f"{left.out}/persist.info"
    tool("info", "--json", left.region, path=path)
    told = json.loads(read(path))
    top = left.guest.buffers["top"]
    (buffer,) = told["buffers"]
    equal({cpu["cpu"]: cpu["events"] for cpu in buffer["cpus"]}, top.entries(), "events by CPU")
    equal([buffer["name"], buffer["kind"], buffer["clock"]], ["top", "persistent", top.clock],
          "the buffer")
    equal([told["kernel"][name] for name in ("sysname", "nodename", "release", "machine")],
          left.guest.text("uname").split(), "the kernel")
    equal(told["description"]["without_format"], [], "events without a format")
    remarks = "\n".join(told["remarks"])
    first = left.guest.text("boot_id").strip()
    want(first != read(f"{left.guest.directory}/second.boot_id").strip(), "it started once only")
    want(f"boot {first.replace('-', '')}, " in remarks, f"not the boot {first}: {remarks}")
    want("ended by a panic" in remarks, f"no word of the panic: {remarks}")
    counts = [(int(sealed) + int(unsealed), int(unsealed))
              for sealed, unsealed in SUBBUFS.findall(remarks)]
    equal([subbufs for subbufs, _ in counts], [cpu["subbufs"] for cpu in buffer["cpus"]],
          "sub-buffers, sealed or not")
    want(all(unsealed <= 1 for _, unsealed in counts), f"more than one unsealed: {remarks}")


def converted_is_the_same(left):
    """To trace.dat and back."""
    dat, back = f"{left.out}/persist.dat", f"{left.out}/persist.back"
    tool("convert", left.region, "-o", dat, path=f"{dat}.said")
    tool("report", dat, path=back)
    same_lines(list(same.events(back)), list(same.events(left.text)), "the text of the trace.dat")


def trace_cmd_reads_it(left, version, command):
    path = f"{left.out}/persist.report.{version}"
    said = readers.report_of(command, f"{left.out}/persist.dat", path)
    equal(said, set(), "standard error")
    readers.compare(path, left.guest, [f"top:local:{left.text}"])


def cases(results, guest, ram, out):
    case = results.case
    left = Left(guest, ram, out)
    case("persist: the region is in pstore, readable by root and its group", pstore_lists_it, left)
    case("persist: functions, events and markers of all CPUs were recorded", guest_did_it_all, left)
    case("persist: the text is the guest's own", text_is_the_kernels, left)
    case("persist: the RAM gives the same text", ram_is_the_same, left)
    case("persist: info: events by CPU, kernel, boot, its end", info_is_the_kernels, left)
    if not case("persist: convert: the trace.dat gives the same text", converted_is_the_same, left):
        return
    for version, command in readers.trace_cmds(out, guest).items():
        case(f"persist: the trace.dat as trace-cmd {version} reports it", trace_cmd_reads_it,
             left, version, command)
