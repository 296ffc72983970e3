# SPDX-License-Identifier: GPL-2.0-or-later
"""Cases: the region of the tracer pstore in a crash dump, as crash shows it."""

import os
import re
import subprocess

import crashes
import dumps
import filters
import persist
import same
from bench import OPTIONS, TOP, VM, Crash, Failure, Skip, read, want
from bench import same as equal
from guest import Guest
from same import EVENT_LINE
from texts import table
from tool import same_lines, tool
from vmcore import Core

SUITES = ("trixie", "sid")
# Of the patched kernel, too, the config begins with tinyconfig
OPTION = OPTIONS["bare"]
CRASHED = 2
PLACE = re.compile(r"^# the tracer pstore has a region of (\d+) bytes at physical address "
                   r"(0x[0-9a-f]+), and a copy of what an earlier boot left there: see -R and -B$", re.M)


def boot(directory, ram, log):
    """The guest of persist-dump.sh."""
    persist.boot_all(directory, ram, log, "persist-dump.sh", CRASHED, ("--kdump", "elf"))
    want(os.path.exists(f"{directory}/vmcore"), "the guest left no vmcore")


class Word:
    """What a boot said of itself."""

    def __init__(self, directory, boot):
        self.guest = Guest(f"{directory}/{boot}")
        self.truth = f"{self.guest.directory}/top.trace"


class Dumped:
    """The dump, what its two boots said, and how crash looks at it."""

    def __init__(self, directory, ram, out):
        self.out, self.ram = out, ram
        self.vmcore = f"{directory}/vmcore"
        self.directory = directory
        self.before, self.last = Word(directory, 1), Word(directory, CRASHED)
        kernel = subprocess.run([f"{VM}/kernel", "patched"], check=True, text=True,
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE).stdout.strip()
        self.crash = Crash(f"{kernel}/vmlinux", f"{TOP}/build/pstore_rb.so", out, SUITES[0],
                           OPTION)

    def at(self, name):
        return f"{self.out}/{name}"

    def look(self, name, commands, crash=None, vmcore=None):
        """{NAME: COMMAND}: what each says is in out/NAME; what was said on the terminal."""
        crash = crash or self.crash
        said = crash.session(name, vmcore or self.vmcore, [
            f"extend {crash.extension}",
            *(f"pstore_rb {command} > {self.at(what)}" for what, command in commands.items())])
        return "".join(said[1:]).strip()

    def place(self):
        found = PLACE.search(read(self.at("list")))
        want(found, f"list tells of no region: {read(self.at('list'))}")
        return int(found[2], 0), int(found[1])


def is_opened(dumped):
    said = dumped.look("look", {
        "list": "list", "list.R": "-R", "list.B": "list -B", "stat.R": "stat -R",
        "live": "show -b top", "show.R": "show -R", "show.B": "show -B",
        "tail.R": "show -R -n 20 -e sched -c 1", "json.R": "show -R -j",
        "said.dat": f"dump -R {dumped.at('dat.R')}"})
    equal(said, "", "messages")
    start, size = dumped.place()
    equal(size, 24 << 20, "size of the region")
    equal(start % 4096, 0, "its address in a page")


def is_the_kernels(dumped, word, name):
    try:
        same.compare(same.load_boot(word.guest.word), word.truth, dumped.at(name))
    except same.Different as difference:
        raise Failure(difference) from None


def lines(path):
    return list(same.events(path))


def is_the_ram(dumped):
    if not dumped.ram:
        raise Skip("the RAM of this guest was not kept")
    tool("report", dumped.ram, path=dumped.at("ram"))
    same_lines(lines(dumped.at("show.R")), lines(dumped.at("ram")), "show -R, and of the RAM")


def is_the_file(dumped):
    """Of the boot before there is the file that this boot found in pstore."""
    tool("report", f"{dumped.before.guest.directory}/{persist.REGION}", path=dumped.at("file"))
    same_lines(lines(dumped.at("show.B")), lines(dumped.at("file")), "show -B, and of the file")


def is_live_too(dumped):
    """The ring of the instance lies in the region: once in a default show, not twice."""
    same_lines(lines(dumped.at("live")), lines(dumped.at("show.R")), "the live ring")
    equal([row[0] for row in table(read(dumped.at("list"))) if row[0] != "#"], ["top"],
          "buffers beside")


def is_listed(dumped, name, word):
    top = word.guest.buffers["top"]
    row, *remarks = [line for line in read(dumped.at(name)).splitlines()[1:] if line]
    words = row.split()
    equal(words[:2] + words[4:5] + words[-1:],
          ["top", "persistent", str(sum(top.entries().values())), top.clock], "the row")
    boot_id = word.guest.text("boot_id").strip().replace("-", "")
    want(any(f"# boot {boot_id}, " in line for line in remarks), f"not its boot: {remarks}")


def is_filtered(dumped):
    wanted = [line for line in lines(dumped.at("show.R"))
              if filters.matching(": sched_")(line) and EVENT_LINE.match(line)["cpu"] == "001"]
    want(len(wanted) > 20, f"{len(wanted)} events to choose of")
    same_lines(lines(dumped.at("tail.R")), wanted[-20:], "show -R -n 20 -e sched -c 1")


def is_dumped(dumped):
    tool("report", dumped.at("dat.R"), path=dumped.at("dat.text"))
    same_lines(lines(dumped.at("dat.text")), lines(dumped.at("show.R")), "of dump -R")


def is_filtered_by_makedumpfile(dumped):
    path = dumps.make(dumped.crash, dumped, dumped.out, "filtered", dumps.FORMATS["filtered"])
    equal(dumped.look("d31", {"d31.R": "show -R", "d31.B": "show -B"}, vmcore=path), "",
          "messages")
    for name in "RB":
        equal(read(dumped.at(f"d31.{name}")), read(dumped.at(f"show.{name}")), f"show -{name}")


def is_the_same_in(dumped, suite):
    other = dumped.crash.other(suite)
    crashes.opens(other, dumped.vmcore, f"opens-{suite}")
    dumped.look(suite, {f"{suite}.R": "show -R", f"{suite}.B": "show -B"}, crash=other)
    for name in "RB":
        equal(read(dumped.at(f"{suite}.{name}")), read(dumped.at(f"show.{name}")),
              f"show -{name}")


def copy_of(dumped, name):
    copy = dumped.at(name)
    subprocess.run(["cp", "--reflink=auto", "--sparse=always", dumped.vmcore, copy], check=True)
    return copy, Core(copy)


def needs_no_list(dumped):
    """Zeros in the place of the list of instances, with which all else begins."""
    said, = dumped.crash.session("sym", dumped.vmcore, ["sym ftrace_trace_arrays"])
    copy, core = copy_of(dumped, "vmcore.broken")
    core.write(int(said.split()[0], 16), bytes(16))
    core.file.close()
    dumped.look("broken", {"broken": "show", "broken.R": "show -R", "broken.B": "show -B"},
                vmcore=copy)
    os.unlink(copy)
    want(not any(map(EVENT_LINE.match, lines(dumped.at("broken")))), "the list is whole still")
    for name in "RB":
        equal(read(dumped.at(f"broken.{name}")), read(dumped.at(f"show.{name}")),
              f"show -{name}")


def absence_is_told(dumped):
    """All pages of it go; what else the dump has is shown as before."""
    start, size = dumped.place()
    copy, core = copy_of(dumped, "vmcore.without")
    core.drop([core.direct_map() + page for page in range(start, start + size, 4096)])
    core.file.close()
    said = dumped.look("without", {"without.R": "show -R", "without.B": "show -B",
                                   "without.list": "list"}, vmcore=copy)
    os.unlink(copy)
    shown = said + read(dumped.at("without.R"))
    want(f"the persistent trace region, {size:#x} bytes at physical address {start:#x}, is not in "
         "this dump: " in shown and len(shown.splitlines()) <= 3, f"it says: {shown[:500]}")
    equal(read(dumped.at("without.B")), read(dumped.at("show.B")), "show -B")
    want(PLACE.search(read(dumped.at("without.list"))), "list does not tell of it")


def cases(results, directory, ram, out):
    case = results.case
    try:
        dumped = Dumped(directory, ram, out)
    except Failure as why:
        results.say("not ok", f"region: the dump is read: {why}")
        return
    if not case("region: crash lists it, with its address and the copy", is_opened, dumped):
        return
    case("region: -R: the text is the guest's own", is_the_kernels, dumped, dumped.last, "show.R")
    case("region: -R: the text is that of the RAM, line by line", is_the_ram, dumped)
    case("region: without -R: the same events, once", is_live_too, dumped)
    case("region: -B: the text is the guest's own of the boot before", is_the_kernels, dumped,
         dumped.before, "show.B")
    case("region: -B: the text is that of the file in pstore", is_the_file, dumped)
    case("region: -R: list: events, clock and boot", is_listed, dumped, "list.R", dumped.last)
    case("region: -B: list: events, clock and boot", is_listed, dumped, "list.B", dumped.before)
    case("region: -R: filters", is_filtered, dumped)
    case("region: -R: the trace.dat gives the same text", is_dumped, dumped)
    case("region: makedumpfile -d 31 keeps it", is_filtered_by_makedumpfile, dumped)
    case("region: -R and -B: the same when the kernel's list of instances is broken",
         needs_no_list, dumped)
    case("region: a dump without it is told in one message, with its address", absence_is_told,
         dumped)
    for suite in SUITES[1:]:
        case(f"region: crash {crashes.version(suite)} ({suite}): the same", is_the_same_in,
             dumped, suite)
