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

# The series lets reserve_mem= say where: each boot is to find it there
APPEND = ("reserve_mem=32M@0x20000000:4096:oops ramoops.mem_name=oops "
          f"ramoops.trace_size={24 << 20}")
REGION = "trace-ramoops-0"
SUBBUFS = re.compile(r"(\d+) sealed, 0 of them restored, (\d+) unsealed, 0 corrupt, 0 missing, ")

# How persist.sh ends each boot, and what the region says of it
ENDS = {1: ("a panic", "ended by a panic"),
        2: ("a restart by sysrq", "not stopped in order"),
        3: ("a reset of the machine", "not stopped in order"),
        4: ("another tracer and a restart", "stopped in order")}


# What is booted in that RAM then: a kernel, its command line, whether it has the region in
# pstore, and what tells that it is the boot it should be: a file, and words in it
LATER = {"one CPU": ("patched", f"{APPEND} nr_cpus=1", True, ("nproc", "1\n")),
         "another build": ("patched-tests", APPEND, True, ("cmdline", "trace_size")),
         "lockdown": ("patched-tests", f"{APPEND} lockdown=confidentiality", False,
                      ("lockdown", "[confidentiality]")),
         "Debian's kernel": ("6.12", "memmap=32M$0x20000000", False,
                             ("iomem", "20000000-21ffffff : Reserved"))}


def run_guest(kernel, script, directory, ram, log, *options):
    files = [word for name in ("lib.sh", "persist-lib.sh")
             for word in ("--file", f"{HERE}/{name}")]
    with open(log, "w") as out:
        status = subprocess.run(
            [f"{VM}/run", "--kernel", kernel, "--script", f"{HERE}/{script}", *files,
             "--out", directory, "--ram-file", ram, *options],
            check=False, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT).returncode
    want(status == 0, f"exit status {status} of tests/vm/run; see {log}: {read(log)[-300:]}")


def boot_all(directory, ram, log, script="persist.sh", boots=len(ENDS) + 1, options=()):
    """The guest of a script. What is about boot N goes into a directory N."""
    run_guest("patched", script, directory, ram, log, "--boots", str(boots), "--timeout",
              str(SECONDS), "--module", "softdog", "--append", APPEND, *options)
    for name in os.listdir(directory):
        boot, _, rest = name.partition(".")
        if boot.isdigit():
            os.makedirs(f"{directory}/{boot}", exist_ok=True)
            os.rename(f"{directory}/{name}", f"{directory}/{boot}/{rest}")


class Left:
    """What a boot left, and what was made of it in the directory `out`."""

    def __init__(self, directory, boot, out):
        self.boot, self.out = boot, out
        self.guest = guest = Guest(f"{directory}/{boot}")
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
    for words in (f"boot {left.boot} begins", f"boot {left.boot} ends", ": sched_switch: ",
                  ": sched_process_exec: ", ": vfs_read <-", ": vfs_write <-",
                  ": softdog_ping <-"):
        want(words in text, f"the guest's trace has no {words}")
    for cpu, stats in left.guest.buffers["top"].stats.items():
        want(stats["entries"] > 500 and not stats["overrun"], f"CPU {cpu} has {stats}")


def text_is_the_kernels(left):
    try:
        same.compare(same.load_boot(left.guest.word), left.truth, left.text)
    except same.Different as difference:
        raise Failure(difference) from None


def ram_is_the_same(left, ram):
    if not ram:
        raise Skip("the RAM of this guest was not kept")
    path = f"{left.out}/persist.ram"
    tool("report", ram, path=path)
    want(filecmp.cmp(path, left.text, shallow=False),
         f"the RAM file gives another text: {path} and {left.text} differ")
    os.unlink(path)


def kernel_leaves_it(left, ram, name):
    """Booted in the same RAM, it has it in pstore if it is to, and does not write to it."""
    if not ram:
        raise Skip("the RAM of this guest was not kept")
    kernel, append, sees, (told, words) = LATER[name]
    directory = f"{left.out}/{kernel}"
    run_guest(kernel, "persist-look.sh", directory, ram, f"{directory}.log", "--append", append)
    want(words in read(f"{directory}/{told}"), f"no {words} in {directory}/{told}")
    equal(os.path.exists(f"{directory}/{REGION}"), sees, "whether it is in pstore")
    if sees:
        want(filecmp.cmp(f"{directory}/{REGION}", left.region, shallow=False),
             f"{directory}/{REGION} and {left.region} differ")
    ram_is_the_same(left, ram)


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
    want(first != read(f"{left.guest.directory}/next.boot_id").strip(), "it started once only")
    want(f"boot {first.replace('-', '')}, " in remarks, f"not the boot {first}: {remarks}")
    want(f" UTC, {ENDS[left.boot][1]}" in remarks, f"not the end it had: {remarks}")
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


def of_one_boot(results, left):
    case, how = results.case, ENDS[left.boot][0]
    case(f"persist: the region is in pstore after {how}, readable by root and its group",
         pstore_lists_it, left)
    case(f"persist: functions, events and markers of all CPUs were recorded before {how}",
         guest_did_it_all, left)
    case(f"persist: the text is the guest's own after {how}", text_is_the_kernels, left)
    case(f"persist: info: events by CPU, kernel, boot, its end after {how}", info_is_the_kernels,
         left)


def as_files(results, left, out):
    case = results.case
    if not case("persist: convert: the trace.dat gives the same text", converted_is_the_same, left):
        return
    for version, command in readers.trace_cmds(out, left.guest).items():
        case(f"persist: the trace.dat as trace-cmd {version} reports it", trace_cmd_reads_it,
             left, version, command)


def cases(results, directory, ram, out):
    left = None
    for boot, (how, _) in ENDS.items():
        try:
            left = Left(directory, boot, out)
        except Failure as why:  # what other boots left is read all the same
            results.say("not ok", f"persist: the region is read after {how}: {why}")
            left = None
        else:
            of_one_boot(results, left)
    if not left:  # the RAM is the last one's
        return
    results.case("persist: the RAM gives the same text", ram_is_the_same, left, ram)
    for name in LATER:
        results.case(f"persist: so it does after a boot with {name}", kernel_leaves_it, left, ram,
                     name)
    as_files(results, left, out)
