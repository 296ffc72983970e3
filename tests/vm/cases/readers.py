# SPDX-License-Identifier: GPL-2.0-or-later
"""Cases: every trace-cmd reads what dump writes: both versions, whole and filtered."""

import concurrent.futures
import os
import re
import subprocess

import report
import texts
import tracedat
from bench import HANGS, Failure, Skip, in_root, read, run_to_file, want
from bench import same as equal
from filters import gap
from guest import read_stats

# Reports of the large ones take half a minute each: the group texts makes two.
BUFFERS = ("odd", "stacks", "snap", "snap/snapshot", "big", "quiet", "full", "lastwords")
OLD = "this guest was made by an older guest.sh: it brought out no"


def trace_cmds(out, guest):
    """By version."""
    found = {}
    for command in (["trace-cmd"], in_root("trixie", "trace-cmd", binds=[out, guest.directory]),
                    in_root("sid", "trace-cmd", binds=[out, guest.directory])):
        path = f"{out}/trace-cmd.version"
        run_to_file([*command, "--version"], path, HANGS)
        match = re.search(r"trace-cmd version (\S+)", read(path))
        if match:
            found[match.group(1)] = command
    return found


# ---- what the guest's own trace-cmd made -------------------------------------

def theirs(guest, name):
    path = f"{guest.directory}/{name}"
    if not os.path.exists(path):
        raise Skip(f"{OLD} {name}")
    return path


def report_of(command, dat, path):
    status = run_to_file([*command, "report", "-t", "-N", dat], path, HANGS, errors=f"{path}.err")
    equal(status, 0, "exit status")
    return set(read(f"{path}.err").splitlines())


def complaints(command, guest, at):
    """What this trace-cmd says on standard error of files that trace-cmd made; `at`: where
    no other thread writes."""
    found = set()
    for name in ("record.dat", "extract.dat"):
        path = f"{at}.{name}"
        if os.path.exists(f"{guest.directory}/{name}"):
            found |= report_of(command, f"{guest.directory}/{name}", path)
            os.unlink(path)
    return found


def extract_is_the_kernels(version, command, guest, out):
    """Marks included: the kernel's reader gives what report.py wants of our files."""
    path = f"{out}/extract.{version}"
    theirs(guest, "extract.trace")
    stats = read_stats(f"{guest.directory}/extract.stats")
    lost = ",".join(f"{cpu}={of['overrun']}" for cpu, of in stats.items() if of["overrun"])
    want(lost, "nothing was overwritten")
    report_of(command, theirs(guest, "extract.dat"), path)
    compare(path, guest, [f"extracted:local:{guest.directory}/extract.trace:{lost}"])


# ---- reports -----------------------------------------------------------------

def compare(path, guest, words):
    done = subprocess.run(["python3", report.__file__, path, f"{guest.word}/kallsyms", *words],
                          timeout=HANGS, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    os.unlink(path)
    want(done.returncode == 0, done.stderr.strip())


def check(version, command, guest, out, name, words):
    """The report of out/name.dat has the events of the texts in `words`, and no complaint."""
    path = f"{out}/{name}.{version}.report"
    said = report_of(command, f"{out}/{name}.dat", path)
    more = said - complaints(command, guest, f"{path}.own") if said else said
    want(not more, f"on standard error: {sorted(more)}")
    compare(path, guest, words)


# ---- what is dumped ----------------------------------------------------------

class Part:
    """A selection, by show buffer by buffer and by dump at once."""

    def __init__(self, number, guest, names, options, marks):
        self.number = number
        self.buffers = [guest.buffers[name] for name in names if name in guest.buffers]
        self.options = options
        self.marks = marks

    def text(self, out, buffer):
        return f"{out}/part.{self.number}.{buffer.file_name}.show"

    def commands(self, out):
        names = ",".join(buffer.name for buffer in self.buffers)
        shows = [f"pstore_rb show -b {buffer.name} {self.options} > {self.text(out, buffer)}"
                 for buffer in self.buffers]
        dumps = [f"pstore_rb dump {six} -b {names} {self.options} {out}/part.{self.number}.{name}.dat"
                 for six, name in (("-6", "6"), ("", "7"))]
        return shows + dumps

    def words(self, out):
        """Filtered by time or number the first events are not there to tell of a loss."""
        for buffer in self.buffers:
            word = texts.report_word(buffer, self.text(out, buffer))
            yield word if self.marks else ":".join(word.split(":")[:3])

    def name(self):
        return re.sub(r"\d+\.\d+", "TIME", self.options)


def parts_of(guest, out):
    first, last = gap(f"{out}/big.show", 0.45), gap(f"{out}/big.show", 0.55)
    rows = [
        (("big", "snap", "consumed", "quiet"), "-e sched:sched_process_*,print,ftrace", True),
        (("top", ), "-e sched:sched_process_exit,sched:sched_process_fork", True),
        (("big", "boot_map"), f"-f {first} -t {last}", False),
        (("consumed", ), "-c 0,3 -n 700", False),
        (("stacks", ), "-n 100", False),
        (("clock-counter", ), "-f 100 -t 1000", False),
    ]
    return [Part(number, guest, *row) for number, row in enumerate(rows)]


def dump_all(crash, guest, out, parts):
    names = ",".join(name for name in BUFFERS if name in guest.buffers)
    commands = [f"extend {crash.extension}", f"pstore_rb dump -6 {out}/six.dat",
                f"pstore_rb dump -6 -b {names} {out}/some.6.dat",
                f"pstore_rb dump -b {names} {out}/some.7.dat"]
    for part in parts:
        commands += part.commands(out)
    said = crash.session("readers", guest.vmcore, commands)
    for command, text in list(zip(commands, said))[1:]:
        wanted = "read it with" if " dump " in command else ""
        want(wanted in text and bool(wanted) == bool(text.strip()), f"{command}: {text.strip()}")


def whole_file_is_the_same(guest, out):
    """Version 6 of everything, by another decoder: blocks, and the events of all but top."""
    six, seven = (tracedat.open_dat(f"{out}/{name}.dat") for name in ("six", "trace"))
    equal(six.version, 6, "version")
    equal(six.nr_cpus, max(guest.cpus) + 1, "CPUs")
    equal(six.page_size, max(buffer.page_size for buffer in seven.buffers), "page size")
    equal(six.formats(), seven.formats(), "formats")
    for what in ("kallsyms", "printk", "cmdlines", "stats"):
        want(getattr(six, what)() == getattr(seven, what)(), f"{what} differ")
    equal(sorted((buffer.name, buffer.clock) for buffer in six.buffers),
          sorted((buffer.name, buffer.clock) for buffer in seven.buffers), "buffers and clocks")
    for number in (4, 5, 8, 9):
        equal(six.option(number), seven.option(number), f"option {number}")
    for buffer in six.buffers:
        if buffer.name:
            truth = guest.buffers[buffer.name.replace(".", "/")].entries()
            counts = {cpu: sum(1 for _ in six.events(buffer, cpu)) if cpu in buffer.cpus else 0
                      for cpu in guest.cpus}
            equal(counts, truth, buffer.name)


def options_are_shown(version, command, guest, out, name):
    """What trace-cmd makes of UNAME, VERSION, CPUSTAT, TRACECLOCK, CPUCOUNT and TRACEID."""
    dat, path = f"{out}/some.{name}.dat", f"{out}/options.{version}.{name}"
    oldest = guest.buffers["quiet"].edge_times()[0]
    for options, wanted in (
            (("report", "--uname"), re.escape(guest.text("uname").strip())),
            (("report", "--version"), "libmerge"),
            (("report", "--stat"), r"oldest event ts:\s+" + re.escape(oldest)),
            (("report", "--stat"), "Buffer: snap.snapshot"),
            (("report", ), f"^cpus={max(guest.cpus) + 1}$"),
            (("dump", "--options"), r"TRACECLOCK, \d+ bytes.*CPUCOUNT, 4 bytes.*TRACEID, 8 bytes"),
            (("dump", "--clock"), r"\[(mono|local)\]")):
        status = run_to_file([*command, *options, dat], path, HANGS)
        said = read(path)
        equal(status, 0, f"status of trace-cmd {' '.join(options)}: {said[-200:]}")
        want(re.search(wanted, said, re.M | re.S), f"{' '.join(options)} does not say {wanted}")


def only_wanted_formats(out, part):
    found = {system for system, _ in tracedat.open_dat(f"{out}/part.{part.number}.7.dat").formats()}
    equal(found, {"sched"}, "systems")


def read_back(results, guest, out, parts):
    whole = [texts.report_word(guest.buffers[name], f"{out}/{guest.buffers[name].file_name}.show")
             for name in BUFFERS if name in guest.buffers]
    jobs = [(f"some.{number}", f"some buffers, version {number}", whole) for number in "67"]
    jobs += [(f"part.{part.number}.{number}",
              f"dump {part.name()} of {part.buffers[0].name}, version {number}",
              list(part.words(out))) for part in parts if part.buffers for number in "67"]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for version, command in trace_cmds(out, guest).items():
            pool.submit(results.case, f"trace-cmd {version} reads what extract made of a buffer: "
                        "the kernel's events and counts of lost ones", extract_is_the_kernels,
                        version, command, guest, out)
            for number in "67":
                pool.submit(results.case, f"trace-cmd {version} shows the options of version "
                            f"{number}", options_are_shown, version, command, guest, out, number)
            for name, what, words in jobs:
                pool.submit(results.case, f"trace-cmd {version} reads {what}: the events we show",
                            check, version, command, guest, out, name, words)


def cases(bench):
    results, crash, guest, out = bench.parts()
    parts = parts_of(guest, out)
    if not results.case("crash dumps whole, partly and filtered, in both versions", dump_all,
                        crash, guest, out, parts):
        return
    results.case("a whole file of version 6 has what version 7 has", whole_file_is_the_same,
                 guest, out)
    results.case("a filtered file has only the formats of its events", only_wanted_formats, out,
                 parts[1])
    results.note("reading all of it with each trace-cmd")
    read_back(results, guest, out, parts)
    if len(trace_cmds(out, guest)) < 3:
        raise Failure(f"only trace-cmd {', '.join(trace_cmds(out, guest))}")
