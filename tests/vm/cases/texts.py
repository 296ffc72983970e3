# SPDX-License-Identifier: GPL-2.0-or-later
"""Cases: what is listed, counted, shown and dumped is what the guest said."""

import concurrent.futures
import os
import re
import subprocess

import report
import same
import tracedat
from bench import Failure, in_root, read, run_to_file, want
from bench import same as equal
from same import BARE_POINTER

LIST_COLUMNS = ("name", "kind", "cpus", "subbuf", "events", "overrun", "lost", "first",
                "last", "clock")


def table(text):
    """Rows of words by the first one or two words, header left out."""
    return [line.split() for line in text.splitlines()[1:] if line]


def collect(crash, guest, out):
    """One session of crash with all there is to see; kept as files in `out`."""
    os.makedirs(out, exist_ok=True)
    commands = [f"extend {crash.extension}", f"pstore_rb > {out}/list",
                f"pstore_rb stat > {out}/stat"]
    commands += [f"pstore_rb show -b {buffer.name} > {out}/{buffer.file_name}.show"
                 for buffer in guest.buffers.values()]
    commands.append(f"pstore_rb dump {out}/trace.dat > {out}/dump.said")
    crash.session("collect", guest.vmcore, commands)


def nothing_complained(crash):
    lines = [line for line in read(f"{crash.work}/collect.log").splitlines()
             if not line.startswith("@@") and "shared object loaded" not in line]
    want(not lines, f"{len(lines)} lines, the first: {lines[:2]}")


# ---- the guest ---------------------------------------------------------------

# What the guest is for must have happened in it.
TRACES_HAVE = {
    "odd": (": latency: us=", ": openat: (", ": opened: (", ": # 1 buf: ", ": fuse_request_send",
            ": tracing_mark_write: 0000000", "without its newline"),
    "stacks": ("<stack trace>", "<user stack trace>", ": sched_process_fork: "),
    "functions": (": vfs_read <-", ": do_sys_openat2 <-"),
    "snap": ("after the snapshot, cpu 0",),
    "snap/snapshot": ("before the snapshot, cpu 0",),
    "big": (": softirq_entry: ", ": rcu_utilization: "),
    "boot_map": ("last words, cpu 0",),
    "quiet": ("quiet words, cpu 1",),
}


def guest_did_it_all(guest):
    for name, words in TRACES_HAVE.items():
        text = read(guest.buffers[name].trace)
        missing = [word for word in words if word not in text]
        want(not missing, f"{name} has no {missing}")
    for name in ("top", "consumed", "functions"):
        for cpu in guest.cpus:
            want(guest.buffers[name].stats[cpu]["overrun"], f"{name}, CPU {cpu} is not wrapped")
    for cpu in guest.cpus[:4]:
        want(guest.buffers["consumed"].stats[cpu]["read events"], f"nothing read of CPU {cpu}")
    want(guest.buffers["full"].total("dropped events"), "nothing was dropped of full")
    want(guest.buffers["top"].total("entries") > 1500000, "top is small")
    clocks = sum(name.startswith("clock-") for name in guest.buffers)
    want(clocks >= 8, f"only {clocks} clocks")
    want("nokaslr" not in guest.text("cmdline"), "KASLR is off")


# ---- lists and counts --------------------------------------------------------

def list_is_right(guest, out):
    rows = {row[0]: dict(zip(LIST_COLUMNS, row)) for row in table(read(f"{out}/list"))}
    equal(sorted(rows), sorted(guest.buffers), "names")
    for buffer in guest.buffers.values():
        row = rows[buffer.name]
        first, last = buffer.edge_times()
        truth = (buffer.kind, guest.cpu_text(), buffer.subbuf_kb, sum(buffer.entries().values()),
                 buffer.total("overrun"), first, last, buffer.clock)
        equal((row["kind"], row["cpus"], int(row["subbuf"]), int(row["events"]),
               int(row["overrun"]), row["first"], row["last"], row["clock"]), truth,
              buffer.name)
        equal(int(row["lost"]), buffer.total("dropped events") +
              buffer.total("commit overrun"), f"lost of {buffer.name}")


def counts_are_the_kernels(buffer, out):
    rows = {int(row[1]): row[2:] for row in table(read(f"{out}/stat"))
            if row[0] == buffer.name}
    equal(sorted(rows), buffer.cpus, "CPUs")
    for cpu, entries in buffer.entries().items():
        decoded, counted, overrun, lost, _, damaged, *state = rows[cpu]
        equal((int(decoded), int(counted)), (entries, entries), f"CPU {cpu}")
        equal((damaged, state), ("0", ["complete"]), f"CPU {cpu}")
        if buffer.stats:
            stats = buffer.stats[cpu]
            equal((int(overrun), int(lost)),
                  (stats["overrun"], stats["dropped events"] + stats["commit overrun"]),
                  f"overrun and lost of CPU {cpu}")


# ---- texts -------------------------------------------------------------------

def text_is_the_kernels(boot, buffer, out):
    path = f"{out}/{buffer.file_name}.show"
    try:
        same.compare(boot, buffer.trace, path)
    except same.Different as difference:
        raise Failure(difference) from None
    last = read_tail(path)
    want("damaged sub-buffers: 0, " in last and "corrupt records: 0, unknown types: 0"
         in last, f"the last line is: {last}")


def read_tail(path):
    with open(path, "rb") as source:
        source.seek(max(0, os.path.getsize(path) - 1000))
        lines = source.read().decode(errors="replace").splitlines()
    return lines[-1] if lines else ""


def rules_were_needed(boot):
    """A guest in which no rule applies would not test what they are for."""
    idle = [name for name, count in boot.used.items() if not count]
    want(not idle, f"never used: {idle}")


def trace_cmds():
    """trace-cmd of the trixie root, and of this machine."""
    return {"trixie": in_root("trace-cmd"), "here": ["trace-cmd"]}


def report_of(which, out):
    path = f"{out}/report.{which}"
    status = run_to_file([*trace_cmds()[which], "report", "-t", "-N", f"{out}/trace.dat"],
                         path, 120, errors=f"{path}.err")
    equal(status, 0, "exit status")
    equal(read(f"{path}.err"), "", "on standard error")
    return path


def compare_report(which, guest, out):
    """In a process of its own: it takes half a minute of a CPU."""
    path = report_of(which, out)
    words = [f"{buffer.file_name}:{buffer.clock}:{out}/{buffer.file_name}.show"
             for buffer in guest.buffers.values()]
    done = subprocess.run(["python3", report.__file__, path, f"{guest.word}/kallsyms",
                           *words], timeout=240,
                          stdin=subprocess.DEVNULL, capture_output=True, text=True)
    os.unlink(path)
    want(done.returncode == 0, done.stderr.strip())


def reports_are_the_same(results, guest, out):
    """Both versions at once."""
    with concurrent.futures.ThreadPoolExecutor() as pool:
        for which in trace_cmds():
            pool.submit(results.case, f"trace-cmd report ({which}) of the dumped file has "
                        "the events we show", compare_report, which, guest, out)


# ---- the file ----------------------------------------------------------------

def open_dat(out):
    try:
        return tracedat.TraceDat(f"{out}/trace.dat")
    except tracedat.Malformed as reason:
        raise Failure(reason) from None


def file_is_well_formed(guest, out):
    dat = open_dat(out)
    equal(sorted(buffer.name or "top" for buffer in dat.buffers),
          sorted(buffer.file_name for buffer in guest.buffers.values()), "buffers")
    sysname, nodename, release, machine = guest.text("uname").split()
    equal(dat.option_text(5), f"{sysname} {nodename} {release} {machine}", "UNAME")
    equal(dat.option_text(4), f"[{guest.buffers['top'].clock}]", "TRACECLOCK")
    equal(int.from_bytes(dat.option(8), "little"), max(guest.cpus) + 1, "CPUCOUNT")
    for buffer in dat.buffers:
        truth = guest.buffers[(buffer.name or "top").replace(".", "/")]
        equal((buffer.clock, buffer.page_size), (truth.clock, truth.subbuf_kb << 10),
              f"clock and sub-buffer size of {truth.name}")


def file_has_all_events(guest, out):
    """Counted by another decoder. The top-level buffer's 1.8 million are trace-cmd's."""
    dat = open_dat(out)
    for buffer in dat.buffers:
        if not buffer.name:
            continue
        truth = guest.buffers[buffer.name.replace(".", "/")].entries()
        counts = {cpu: sum(1 for _ in dat.events(buffer, cpu)) if cpu in buffer.cpus else 0
                  for cpu in guest.cpus}
        equal(counts, truth, buffer.name)


def statistics_are_the_kernels(guest, out):
    stats = open_dat(out).stats()
    for buffer in guest.buffers.values():
        for cpu in guest.cpus if buffer.stats else ():
            written = stats[buffer.name][cpu]
            for name, value in buffer.stats[cpu].items():
                equal(int(written[name]), value, f"{name} of {buffer.name}, CPU {cpu}")


def formats_are_the_kernels(guest, out):
    dat = open_dat(out)
    formats = dat.formats()
    for (system, event), text in formats.items():
        truth = guest.text(f"events/{system}/{event}/format")
        for ours, kernels in zip(parts_of(text), parts_of(truth)):
            want(ours == kernels, f"{system}:{event}: {first_difference(ours, kernels)}")
    for name, text in dat.headers().items():
        equal(text, guest.text(f"events/{name}"), name)
    ids = {int(re.search(r"^ID: (\d+)$", text, re.M).group(1)) for text in formats.values()}
    missing = {int.from_bytes(record[:2], "little")
               for buffer in dat.buffers if buffer.name for cpu in buffer.cpus
               for record in dat.events(buffer, cpu)} - ids
    want(not missing, f"no format of the events {sorted(missing)}")
    want(len(formats) > 100, f"only {len(formats)} event formats occur")


def parts_of(text):
    """Name, ID and fields; literal and members of the print format.

    libmerge/format.h tells what of a print format is made plain for readers:
    constants are numbers, %p is the number it is, probes and synthetic events are
    as the kernel prints them.
    """
    fields, _, fmt = text.partition("print fmt: ")
    literal = re.match(r'"(?:[^"\\]|\\.)*"', fmt)
    members = re.findall(r"REC->\w+|__get_\w+\(\w+", fmt)
    if "REC->__probe_" in fmt or not literal or is_synthetic(text):
        return fields, "", sorted(members)
    plain = BARE_POINTER.sub("%016lx", literal.group(0)).replace("\t", "\\t")
    return fields, plain, members


def is_synthetic(text):
    return text.startswith("name: latency\n")


def first_difference(text, truth):
    if isinstance(text, list):
        return f"uses {text} where the kernel uses {truth}"
    at = len(os.path.commonprefix([text, truth]))
    return f"has {text[at:at + 60]!r} where the kernel has {truth[at:at + 60]!r}"


def names_are_the_kernels(guest, out):
    dat = open_dat(out)
    equal(sorted(dat.cmdlines().splitlines()),
          sorted(guest.text("saved_cmdlines").splitlines()), "command names")
    equal(set(dat.printk().splitlines()), set(guest.text("printk_formats").splitlines()),
          "printk formats")
    ours = set(symbol_lines(dat.kallsyms()))
    missing = [line for line in symbol_lines(guest.text("kallsyms")) if line not in ours]
    want(not missing, f"{len(missing)} symbols are missing, the first: {missing[:3]}")


def symbol_lines(text):
    """Address, type and name of functions and data of kernel and modules."""
    for line in text.splitlines():
        words = line.split()
        if words[1] not in "aA" and words[3:] not in (["[bpf]"], ["[__builtin__ftrace]"],
                                                      ["[__builtin__kprobes]"]):
            yield tuple(words)


def dump_options_are_shown(out):
    path = f"{out}/trace-cmd.dump"
    run_to_file([*in_root("trace-cmd"), "dump", "--summary", "--options",
                 f"{out}/trace.dat"], path, 60)
    text = read(path)
    for word in ("[Option CPUSTAT", "[Option UNAME", "[Option TRACECLOCK"):
        want(word in text, f"trace-cmd dump does not show {word}")


def cases(bench):
    results, crash, guest, out = bench.parts()
    results.case("the guest recorded what its buffers are for", guest_did_it_all, guest)
    if not results.case("crash runs list, stat, show and dump of every buffer", collect,
                        crash, guest, out):
        return
    results.case("nothing complains about an undamaged dump", nothing_complained, crash)
    case, boot = results.case, same.load_boot(guest.word)
    results.note("comparing texts")
    case("the list has names, kinds, CPUs, sizes, counts, times and clocks",
         list_is_right, guest, out)
    for buffer in guest.buffers.values():
        case(f"{buffer.name}: counts are the kernel's, on each CPU",
             counts_are_the_kernels, buffer, out)
        case(f"{buffer.name}: the text is the kernel's", text_is_the_kernels, boot, buffer,
             out)
    case("every rule for comparing text was needed", rules_were_needed, boot)
    reports_are_the_same(results, guest, out)
    for name, function in (
            ("the dumped file is well formed, with CPU count, clocks and uname",
             file_is_well_formed),
            ("the dumped file has all events", file_has_all_events),
            ("the dumped file has the kernel's statistics", statistics_are_the_kernels),
            ("event formats in the dumped file are the kernel's, their fields byte for byte",
             formats_are_the_kernels),
            ("command names, printk formats and symbols in the dumped file are the "
             "kernel's", names_are_the_kernels)):
        case(name, function, guest, out)
    case("trace-cmd dump shows statistics, uname and clock", dump_options_are_shown, out)
