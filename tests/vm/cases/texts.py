# SPDX-License-Identifier: GPL-2.0-or-later
"""Cases: what is listed, counted, shown and dumped is what the guest said."""

import concurrent.futures
import json
import os
import re
import subprocess

import report
import same
import tracedat
from bench import HANGS, TOP, Failure, Skip, in_root, read, run_to_file, want
from bench import same as equal
from same import BARE_POINTER

LIST_COLUMNS = ("name", "kind", "cpus", "subbuf", "events", "overrun", "lost", "first",
                "last", "clock")


# Systems of every kind of event: in the image, the tracers' own, with fields found by
# a function, of a module, probes, made of others.
ALL_KINDS = {"sched", "ftrace", "syscalls", "watchdog", "probes", "uprobes", "eprobes",
             "synthetic"}


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
    if "users" in guest.buffers:
        commands += [f"pstore_rb show -y -b users > {out}/users.objects",
                     f"pstore_rb show -yj -b users > {out}/users.json"]
    commands.append(f"pstore_rb formats > {out}/formats")
    commands.append(f"pstore_rb dump {out}/trace.dat > {out}/dump.said")
    crash.session("collect", guest.vmcore, commands)


def nothing_complained(crash):
    """What crash itself says when it starts stands before the first command."""
    _, _, said = read(f"{crash.work}/collect.log").partition("@@0\n")
    want("shared object loaded" in said, "the extension did not load")
    lines = [line for line in said.splitlines()
             if not line.startswith("@@") and "shared object loaded" not in line]
    want(not lines, f"{len(lines)} lines, the first: {lines[:2]}")


# What libtraceevent is left with on the kernels tested: %pI4, %c and the like.
LEFT_AT_MOST = 0.125


def both_ways_are_equal(crash, guest, extension, out):
    """Compiled print formats print what libtraceevent prints: all events of the dump,
    and made-up records of all events of the kernel."""
    if not os.path.exists(extension):
        raise Skip(f"there is no {extension}: make {os.path.relpath(extension)}")
    crash.session("two-ways", guest.vmcore,
                  [f"extend {extension}", f"two_ways > {out}/two-ways"])
    text = read(f"{out}/two-ways")
    counts = re.findall(r"^(?:events|made up): compiled (\d+), left to libtraceevent (\d+), "
                        r"different (\d+)$", text, re.M)
    want(len(counts) == 2, f"it did not get to the end: {text[-300:]}")
    for compiled, left, different in counts:
        want(different == "0", f"{different} differ: {text[:1000]}")
        want(int(compiled) > 0 and int(left) <= LEFT_AT_MOST * int(compiled),
             f"{compiled} were printed by compiled formats, {left} were not")


# ---- the guest ---------------------------------------------------------------

# What the guest is for must have happened in it.
TRACES_HAVE = {
    "odd": (": latency: us=", ": openat: (", ": opened: (", ": # 1 buf: ", ": watchdog_start: ",
            ": tracing_mark_write: 0000000", "without its newline"),
    "names": ("<...>-", "I live on", "I shall end", "comm=short-lived"),
    "stacks": ("<stack trace>", "<user stack trace>", ": sched_process_fork: "),
    "functions": (": vfs_read <-", ": do_sys_openat2 <-"),
    "args": (": do_sys_openat2(dfd=", ": schedule_timeout(timeout=", ", item=", "=(STRUCT)[0x"),
    "snap": ("after the snapshot, cpu 0",),
    # (the first of these may be overwritten again)
    "snap/snapshot": ("before the snapshot, cpu ",),
    "big": (": softirq_entry: ", ": rcu_utilization: "),
    "boot_map": ("last words, cpu 0",),
    "lastwords": ("last words, cpu 0", "last words, cpu 1"),
    "quiet": ("quiet words, cpu 1",),
    "graph": ("();\n", "() {\n", "|  }\n", "} /* schedule */", "/* last words, cpu ",
              "/* sched_process_fork: "),
}
# What some kernels have not.
MAY_LACK = {
    "args": "what functions are called with is recorded since 6.15",
    "boot_map": "persistent instances came with 6.12",
    "graph": "the tracer function_graph is not for instances, as before 6.12",
    "snap/snapshot": "this kernel has no snapshots",
}


def guest_did_it_all(guest):
    for name, words in TRACES_HAVE.items():
        if name not in guest.buffers and name in MAY_LACK:
            continue
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
    for clock in ("local", "global", "counter", "mono", "boot", "tai", "x86-tsc"):
        want(f"clock-{clock}" in guest.buffers, f"the kernel has no clock {clock}")
    want("[watchdog]" in guest.text("kallsyms") or not guest.text("modules"),
         "no module has symbols")
    want("nokaslr" not in guest.text("cmdline"), "KASLR is off")


# ---- lists and counts --------------------------------------------------------

def list_is_right(guest, out):
    rows = {row[0]: dict(zip(LIST_COLUMNS, row)) for row in table(read(f"{out}/list"))}
    equal(sorted(rows), sorted(guest.buffers), "names")
    for buffer in guest.buffers.values():
        row = rows[buffer.name]
        # of the function_graph tracer the kernel does not tell when the last exit was
        first, last = buffer.edge_times() or (row["first"], row["last"])
        # of a snapshot it tells the text alone
        overrun = buffer.total("overrun") if buffer.stats else int(row["overrun"])
        truth = (buffer.kind, guest.cpu_text(), buffer.subbuf_kb, sum(buffer.entries().values()),
                 overrun, first, last, buffer.clock)
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


# What the guest must have said of processes: one from another mount with a name that has
# a newline, one whose file is gone, the shell that ran it all, libraries; one that ended.
USERS_HAVE = ("=> /tmp/mounted/two\\012lines here/elsewhere[+0x", "=> /tmp/removed (deleted)[+0x",
              "/bash[+0x", "/libc.so.6[+0x", "\n =>  <0000")


def has_users(guest):
    if "users" not in guest.buffers:
        raise Skip("this guest was made before guest.sh had the buffer users")


def user_stacks_are_the_kernels(boot, guest, out):
    """By files, as the guest printed them with its option sym-userobj."""
    has_users(guest)
    kernels, path = f"{guest.word}/users/symbols", f"{out}/users.objects"
    text = read(kernels)
    equal([word for word in USERS_HAVE if word not in text], [], "what the guest did not say")
    want("[+0x" not in read(guest.buffers["users"].trace), "the guest said so without being asked")
    try:
        same.compare(boot, kernels, path)
    except same.Different as difference:
        raise Failure(difference) from None
    want("# warning: " not in read(path), "a warning about an undamaged dump")


def user_stacks_are_in_json(guest, out):
    """The same text, event by event."""
    has_users(guest)
    lines = [json.loads(line) for line in read(f"{out}/users.json").splitlines()]
    texts = [line["text"] for line in lines if line.get("name") == "user_stack"]
    blocks = re.findall(r": (<user stack trace>(?:\n => .*)*)$", read(f"{out}/users.objects"), re.M)
    equal(texts, blocks, "texts of user stacks")
    want(any("[+0x" in text for text in texts), "no text has a file")


def read_tail(path):
    with open(path, "rb") as source:
        source.seek(max(0, os.path.getsize(path) - 1000))
        lines = source.read().decode(errors="replace").splitlines()
    return lines[-1] if lines else ""


def rules_were_needed(boot, guest):
    """A guest in which no rule applies would not test what they are for."""
    idle = {name for name, count in boot.used.items() if not count}
    if "graph" not in guest.buffers:
        idle.discard("calls")
    want(not idle, f"never used: {sorted(idle)}")


def is_lacking(name):
    raise Skip(MAY_LACK[name])


def trace_cmds(out):
    """trace-cmd of the trixie root, and of this machine."""
    return {"trixie": in_root("trixie", "trace-cmd", binds=[out]),
            "here": ["trace-cmd"]}


def report_of(which, out):
    path = f"{out}/report.{which}"
    status = run_to_file([*trace_cmds(out)[which], "report", "-t", "-N", f"{out}/trace.dat"],
                         path, HANGS, errors=f"{path}.err")
    equal(status, 0, "exit status")
    equal(read(f"{path}.err"), "", "on standard error")
    return path


def report_word(buffer, text):
    """What report.py is to know of a buffer."""
    word, lost = f"{buffer.file_name}:{buffer.clock}:{text}", buffer.overwritten()
    if lost is None:
        return word
    return word + ":" + ",".join(f"{cpu}={count}" for cpu, count in lost.items())


def compare_report(which, guest, out):
    """In a process of its own: it takes half a minute of a CPU."""
    path = report_of(which, out)
    words = [report_word(buffer, f"{out}/{buffer.file_name}.show")
             for buffer in guest.buffers.values()]
    done = subprocess.run(["python3", report.__file__, path, f"{guest.word}/kallsyms",
                           *words], timeout=HANGS,
                          stdin=subprocess.DEVNULL, capture_output=True, text=True)
    os.unlink(path)
    want(done.returncode == 0, done.stderr.strip())


def reports_are_the_same(results, guest, out):
    """Both versions at once."""
    with concurrent.futures.ThreadPoolExecutor() as pool:
        for which in trace_cmds(out):
            pool.submit(results.case, f"trace-cmd report ({which}) of the dumped file has "
                        "the events we show", compare_report, which, guest, out)


# ---- the file ----------------------------------------------------------------

def open_dat(out):
    try:
        return tracedat.open_dat(f"{out}/trace.dat")
    except tracedat.Malformed as reason:
        raise Failure(reason) from None


def file_is_well_formed(guest, out):
    dat = open_dat(out)
    equal(sorted(buffer.name or "top" for buffer in dat.buffers),
          sorted(buffer.file_name for buffer in guest.buffers.values()), "buffers")
    sysname, nodename, release, machine = guest.text("uname").split()
    equal(dat.option_text(5), f"{sysname} {nodename} {release} {machine}", "UNAME")
    equal(dat.option_text(4), f"[{guest.buffers['top'].clock}]", "TRACECLOCK")
    equal(int.from_bytes(dat.option(8), "little"), guest.possible, "CPUCOUNT")
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


def all_formats_are_the_kernels(guest, out):
    """Also of events that did not occur; not one byte may differ."""
    head, *parts = re.split(r"^# (events/\S+)\n", read(f"{out}/formats"), flags=re.M)
    equal(head, "", "before the first format")
    ours = dict(zip(parts[::2], parts[1::2]))
    equal(len(ours), len(parts) // 2, "formats with names of their own")
    kernels = {os.path.relpath(f"{folder}/format", guest.word)
               for folder, _, files in os.walk(f"{guest.word}/events") if "format" in files}
    equal(sorted(kernels - set(ours)), [], "missing")
    equal(sorted(set(ours) - kernels), [], "unknown to the kernel")
    for name, text in ours.items():
        truth = guest.text(name)
        want(text == truth, f"{name} {first_difference(text, truth)}")
    systems = {name.split("/")[1] for name in ours}
    want(len(ours) > 800 and systems >= ALL_KINDS,
         f"{len(ours)} formats, none of {sorted(ALL_KINDS - systems)}")


def parts_of(text):
    """Name, ID and fields; literal and members of the print format.

    libmerge/format.h tells what of a print format is made plain for readers:
    constants are numbers, %p is the number it is, probes and synthetic events are
    as the kernel prints them.
    """
    fields, _, fmt = text.partition("print fmt: ")
    literal = re.match(r'"(?:[^"\\]|\\.)*"', fmt)
    members = re.findall(r"REC->\w+|__get_\w+\(\w+", fmt.replace("cpumask(", "bitmask("))
    if "REC->__probe_" in fmt or not literal or is_synthetic(text):
        return fields, "", sorted(members)
    plain = BARE_POINTER.sub("%016lx", literal.group(0)).replace("\t", "\\t").replace("\n", "\\n")
    return fields, plain, members


# What of a print format is no name that a reader would take for zero: strings; fields,
# also as the argument of a function; numbers; types.
NO_NAMES = re.compile(r'"(?:[^"\\]|\\.)*"|REC\)? *-> *\w+|__print_\w+\((?: *__\w+_val)?|'
                      r"__get_\w+\( *\w+|\b\d\w*")
TYPES = set("REC u8 u16 u32 u64 s8 s16 s32 s64 unsigned signed long int short char void const "
            "struct bool loff_t gfp_t size_t".split())
# The place of the array of all pages, which same.py knows too; the compiler's.
NOBODY_KNOWS = {"page", "vmemmap_base", "__builtin_expect"}


def no_name_is_left(guest, out):
    left = {}
    for (system, event), text in open_dat(out).formats().items():
        fmt = NO_NAMES.sub(" ", text.partition("print fmt: ")[2])
        names = set(re.findall(r"[A-Za-z_]\w*", fmt))
        for name in names - TYPES - NOBODY_KNOWS:
            left[name] = f"{system}:{event}"
    equal(left, {}, "names left in print formats")


def is_synthetic(text):
    return text.startswith("name: latency\n")


def first_difference(text, truth):
    if isinstance(text, list):
        return f"uses {text} where the kernel uses {truth}"
    at = len(os.path.commonprefix([text, truth]))
    return f"has {text[at:at + 60]!r} where the kernel has {truth[at:at + 60]!r}"


def names_are_the_kernels(guest, out):
    dat = open_dat(out)
    ours, saved = (set(text.splitlines())
                   for text in (dat.cmdlines(), guest.text("saved_cmdlines")))
    equal(sorted(saved - ours), [], "saved command names that are missing")
    more = {int(pid): name for pid, _, name in (line.partition(" ") for line in ours - saved)}
    names = same.Names(guest.word)
    wrong = [(pid, name) for pid, name in more.items() if not names.has(pid, name)]
    equal(wrong, [], "command names that nobody tells")
    want("names" not in guest.buffers or {"long-lived", "short-lived"} <= set(more.values()),
         f"of what the kernel forgot only {sorted(more.values())[:5]}")
    equal(set(dat.printk().splitlines()), set(guest.text("printk_formats").splitlines()),
          "printk formats")
    ours = set(symbol_lines(dat.kallsyms()))
    missing = [line for line in symbol_lines(guest.text("kallsyms")) if line not in ours]
    want(not missing, f"{len(missing)} symbols are missing, the first: {missing[:3]}")


def symbol_lines(text):
    """Address, type and name of functions and data of kernel and modules.

    Of modules the kernel makes the letter of exported symbols a capital.
    """
    for line in text.splitlines():
        words = line.split()
        if words[3:]:
            words[1] = words[1].lower()
        if words[1] not in "aA" and words[3:] not in (["[bpf]"], ["[__builtin__ftrace]"],
                                                      ["[__builtin__kprobes]"]):
            yield tuple(words)


def dump_options_are_shown(out):
    path = f"{out}/trace-cmd.dump"
    run_to_file(in_root("trixie", "trace-cmd", "dump", "--summary", "--options",
                        f"{out}/trace.dat", binds=[out]), path, HANGS)
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
    case("users: stacks by files are the kernel's own, of processes that live on",
         user_stacks_are_the_kernels, boot, guest, out)
    case("users: JSON Lines have the same texts of stacks by files", user_stacks_are_in_json,
         guest, out)
    for name in MAY_LACK.keys() - guest.buffers.keys():
        case(f"{name}: the text is the kernel's", is_lacking, name)
    case("compiled print formats print what libtraceevent prints", both_ways_are_equal, crash,
         guest, f"{TOP}/build/two-ways.so", out)
    case("every rule for comparing text was needed", rules_were_needed, boot, guest)
    reports_are_the_same(results, guest, out)
    for name, function in (
            ("the dumped file is well formed, with CPU count, clocks and uname",
             file_is_well_formed),
            ("the dumped file has all events", file_has_all_events),
            ("the dumped file has the kernel's statistics", statistics_are_the_kernels),
            ("the formats of all events are the kernel's, byte for byte",
             all_formats_are_the_kernels),
            ("event formats in the dumped file are the kernel's, their fields byte for byte",
             formats_are_the_kernels),
            ("no name in the dumped print formats is left for readers to take for zero",
             no_name_is_left),
            ("command names, printk formats and symbols in the dumped file are the "
             "kernel's", names_are_the_kernels)):
        case(name, function, guest, out)
    case("trace-cmd dump shows statistics, uname and clock", dump_options_are_shown, out)
