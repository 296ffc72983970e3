# SPDX-License-Identifier: GPL-2.0-or-later
"""Cases: pstore-rb, with what a running guest gave: raw sub-buffers and their description,
and what its trace-cmd recorded."""

import glob
import json
import os
import re
import subprocess

import jsons
import readers
import report
import same
from bench import HANGS, TOP, Failure, Skip, read, run_to_file, want
from bench import same as equal
from filters import ENTER, IRQ, SWITCH, between, both, everything, gap, matching, on_cpus
from guest import read_stats

TOOL = f"{TOP}/build/pstore-rb"
BUFFERS = ("many", "near", "alike", "far")
LOST = re.compile(r"CPU:(\d+) \[LOST (?:(\d+) )?EVENTS\]$")


class Raw:
    """What guest.sh's raw_files left: the directory trace/, and NAME.trace."""

    def __init__(self, guest, out):
        self.directory, self.out = f"{out}/raw", out
        self.made = set()
        tar = f"{guest.directory}/raw.tar"
        if not os.path.exists(tar):
            raise Skip("this guest was made by an older guest.sh: it brought out no raw.tar")
        os.makedirs(self.directory, exist_ok=True)
        subprocess.run(["tar", "-C", self.directory, "-xf", tar], check=True,
                       stdin=subprocess.DEVNULL)
        self.trace = f"{self.directory}/trace"

    def text(self, name):
        """Where its report is."""
        return f"{self.out}/tool.{name}.show"

    def is_new(self, path):
        """Whether this run has yet to make it: of an earlier one there may be another."""
        new = path not in self.made
        self.made.add(path)
        return new

    def stats(self, name):
        """By CPU, as the guest had them before anything was read."""
        found = {}
        for path in glob.glob(f"{self.trace}/instances/{name}/per_cpu/cpu*/stats"):
            lines = f"{self.out}/stats"
            cpu = path.split("/")[-2]
            with open(lines, "w") as out:
                out.writelines(f"{cpu} {line}\n" for line in read(path).splitlines())
            found |= read_stats(lines)
        return found


def tool(*arguments, path, timeout=HANGS):
    """Standard output into a file; all must be well."""
    status = run_to_file([TOOL, *arguments], path, timeout, errors=f"{path}.err")
    said = read(f"{path}.err")
    want(status == 0 and not said, f"status {status} of pstore-rb {' '.join(arguments)}: "
         f"{said.strip()[:300]}")
    os.unlink(f"{path}.err")


def event_lines(path):
    """Without the marks of what is lost."""
    return [line for line in same.events(path) if not LOST.match(line)]


def same_lines(got, wanted, what):
    if got != wanted:
        at = next((i for i, pair in enumerate(zip(got, wanted)) if pair[0] != pair[1]),
                  min(len(got), len(wanted)))
        raise Failure(f"{what}: {len(got)} lines where {len(wanted)} are wanted, the first wrong "
                      f"one is number {at + 1}: {got[at:at + 1]} for {wanted[at:at + 1]}")


# ---- the description -----------------------------------------------------------

def captured_all(guest, raw):
    """By the tool's word, and by what the guest's shell copied."""
    said = re.fullmatch(r"/tmp/raw/trace: (\d+) files\nstatus 0\n", read(f"{raw.directory}/said"))
    want(said, f"capture-metadata said {read(f'{raw.directory}/said')!r}")
    files = [f for f in glob.glob(f"{raw.trace}/**", recursive=True)
             if os.path.isfile(f) and not f.endswith("_raw")]
    equal(len(files), int(said.group(1)), "files")
    count = 0
    for folder, _, names in os.walk(f"{guest.word}/events"):
        for name in names:
            path = os.path.relpath(f"{folder}/{name}", guest.word)
            want(os.path.exists(f"{raw.trace}/{path}"), f"there is no {path}")
            equal(read(f"{raw.trace}/{path}"), guest.text(path), path)
            count += 1
    want(count > 1000, f"only {count} files below events/")
    captured = set(read(f"{raw.trace}/kallsyms").splitlines())
    missing = [line for line in guest.text("kallsyms").splitlines()
               if line not in captured and "[__builtin__" not in line and "[bpf]" not in line]
    want(not missing, f"{len(missing)} symbols are missing, the first: {missing[:3]}")
    equal(set(read(f"{raw.trace}/printk_formats").splitlines()),
          set(guest.text("printk_formats").splitlines()), "printk formats")
    kernel = dict(line.split(": ", 1) for line in read(f"{raw.trace}/uname").splitlines())
    equal([kernel[name] for name in ("sysname", "nodename", "release", "machine")],
          guest.text("uname").split(), "uname")


def info_is_the_kernels(raw):
    """Events by CPU, which every kind of event has a format, buffers and clocks."""
    path = f"{raw.out}/tool.info"
    tool("info", "--json", raw.trace, path=path)
    told = json.loads(read(path))
    description = told["description"]
    equal({name: buffer["clock"] for buffer in told["buffers"]
           for name in [buffer["name"].removeprefix("instances/")]},
          {name: "mono" if name == "far" else "local" for name in BUFFERS}, "buffers and clocks")
    for buffer in told["buffers"]:
        stats = raw.stats(buffer["name"].removeprefix("instances/"))
        equal({cpu["cpu"]: cpu["events"] for cpu in buffer["cpus"]},
              {cpu["cpu"]: stats[cpu["cpu"]]["entries"] for cpu in buffer["cpus"]},
              f"events of {buffer['name']}")
    want(description["event_types"] > 50, f"only {description['event_types']} kinds of events")
    equal(description.get("unknown_types", []), [], "events without a format")


# ---- texts -----------------------------------------------------------------------

def names_of(raw):
    """What the tasks were called by the word of that moment."""
    boot = same.load_boot(raw.trace)
    boot.names.files = glob.glob(f"{raw.directory}/*.trace")
    return boot


def text_is_the_kernels(raw, boot, name):
    """The guest's own `cat trace`, before anything was read, by the rules of docs/text.md;
    a mark of what is lost stands before a CPU's first event where it is overwritten."""
    tool("report", "-b", name, raw.trace, path=raw.text(name))
    plain, seen, stats = f"{raw.text(name)}.plain", set(), raw.stats(name)
    with open(plain, "w", errors="surrogateescape") as out:
        for line in same.events(raw.text(name)):
            lost = LOST.match(line)
            if not lost:
                out.write(f"{line}\n")
                event = same.EVENT_LINE.match(line)
                seen.add(int(event.group("cpu")) if event else None)
                continue
            cpu, count = int(lost.group(1)), lost.group(2)
            want(cpu not in seen, f"events are lost amid those of CPU {cpu}")
            want(stats[cpu]["overrun"] and int(count or stats[cpu]["overrun"]) ==
                 stats[cpu]["overrun"], f"{line} where {stats[cpu]['overrun']} are overwritten")
            stats[cpu]["told"] = True
    for cpu, of in stats.items():
        want(of.get("told") or not of["overrun"], f"no word of what CPU {cpu} has overwritten")
    try:
        same.compare(boot, f"{raw.directory}/{name}.trace", plain)
    except same.Different as difference:
        raise Failure(difference) from None
    want("damaged sub-buffers: 0, " in read(raw.text(name)).splitlines()[-1], "damage")


def guest_did_it_all(raw):
    many = read(f"{raw.directory}/many.trace")
    for words in (": sched_switch: ", ": openat: (", ": kmem_cache_alloc", ": hrtimer_start: ",
                  "many words, cpu 0", ": sys_write("):
        want(words in many, f"many has no {words}")
    want(any(of["overrun"] for of in raw.stats("many").values()), "no CPU of many is wrapped")


# ---- to other files and back -------------------------------------------------------

CONVERSIONS = {"version 7": [], "version 6": ["-V", "6"], "zstd": ["--compress", "zstd"],
               "zlib": ["--compress", "zlib"]}


# The first two of them; without that flag ".l" is "X."
FLAGS = re.compile(r"(?<=\] )\S{2}(?=\S{3} +\d+\.\d+: )")
WITHOUT_LAZY = str.maketrans("XBblL", ".Nn.p")
CPUS = re.compile(r"(?<=: )\d+ CPUs(?=,)|, counters of \d+ CPUs unknown$")


def comparable(path):
    """By docs/trace.dat.md: a CPU without a sub-buffer is in no file of version 7, and of version 6
    all are in it; no file tells that a flag stands for a lazy reschedule."""
    return [CPUS.sub("", line) if line.startswith("# buffer: ") else
            FLAGS.sub(lambda flag: flag.group().translate(WITHOUT_LAZY), line, count=1)
            for line in read(path).splitlines()]


def converted_is_the_same(raw, name, options):
    whole, dat, back = raw.text("whole"), f"{raw.out}/tool.dat", raw.text("back")
    if raw.is_new(whole):
        tool("report", raw.trace, path=whole)
    tool("convert", raw.trace, "-o", dat, *options, path=f"{dat}.said")
    tool("report", dat, path=back)
    same_lines(comparable(back), comparable(whole), f"the text after {name}")
    os.unlink(dat)
    os.unlink(back)


def text_file_is_the_same(raw):
    path = raw.text("convert")
    tool("convert", raw.trace, "-o", path, "--format", "text", path=f"{path}.said")
    same_lines(read(path).splitlines(), read(raw.text("whole")).splitlines(), "the text")


def json_is_valid(raw):
    tool("report", "--json", "-b", "many", raw.trace, path=f"{raw.out}/tool.many.json")
    told = jsons.check(raw.out, "tool.many", 10)
    entries = {cpu: of["entries"] for cpu, of in raw.stats("many").items() if of["entries"]}
    equal({cpu: count for _, cpu, count in told["counts"]}, entries, "events by CPU")
    equal(told["end"]["events"], len(event_lines(raw.text("many"))), "events, and lines of text")


# ---- filters -----------------------------------------------------------------------

def selections(raw):
    """(options, what a line must satisfy, how many of the last), of many"""
    first, last = gap(f"{raw.text('many')}.plain", 0.4), gap(f"{raw.text('many')}.plain", 0.6)
    return [
        (("-n", "20"), everything, 20),
        (("-n", "1000000"), everything, 1000000),
        (("-c", "3"), on_cpus({3}), 0),
        (("-c", "0-1,4"), on_cpus({0, 1, 4}), 0),
        (("-e", "sched:sched_switch"), matching(SWITCH), 0),
        (("-e", ":sched_switch"), matching(SWITCH), 0),
        (("-e", "irq"), matching(IRQ), 0),
        (("-e", "irq:*,sched:sched_switch"), matching(f"{SWITCH}|{IRQ}"), 0),
        (("-e", "syscalls:sys_enter_*"), matching(ENTER), 0),
        (("-f", first, "-t", last), between(first, last), 0),
        (("-f", first), between(first, "1e9"), 0),
        (("-t", last, "-n", "30"), between("0", last), 30),
        (("-c", "1,4", "-e", "sched:*", "-f", first), both(on_cpus({1, 4}), matching(": sched_"),
                                                           between(first, "1e9")), 0),
    ]


def filter_is_right(raw, options, test, last):
    path = raw.text("filtered")
    wanted = list(filter(test, event_lines(raw.text("many"))))
    want(wanted, "nothing to select")
    tool("report", "-b", "many", *options, raw.trace, path=path)
    same_lines(event_lines(path), wanted[-last:], f"report {' '.join(options)}")
    os.unlink(path)


# ---- merging -----------------------------------------------------------------------

def record(raw, name):
    """The recording of one instance, as a file of its own."""
    path = f"{raw.out}/tool.{name}.dat"
    if raw.is_new(path):
        tool("convert", "-b", name, raw.trace, "-o", path, path=f"{path}.said")
    return path


def numbers(path, word):
    return [int(number) for number in
            re.findall(rf"tracing_mark_write: {word} (\d+)$", read(path), re.M)]


def clocks_of(path):
    return re.findall(r"^# clock: (\S+)", read(path), re.M)


def merged(raw, names, *options):
    """What is shown of the merged file, and of both files at once."""
    dat, text = f"{raw.out}/tool.merged.dat", raw.text("merged")
    files = [f"{name}={record(raw, name)}" for name in names]
    tool("merge", "-o", dat, *files, *options, path=f"{dat}.said")
    tool("report", dat, path=text)
    tool("report", *files, *options, path=f"{text}.both")
    # in a file the name of a buffer has no slash
    both = [re.sub(r"^(\w+)/(\w+): ", r"\1.\2: ", line) for line in same.events(f"{text}.both")]
    same_lines(list(same.events(text)), both, "merge, then report")
    return text


def one_clock_is_merged(raw):
    """Two instances were written in turn, as fast as a shell does."""
    text = merged(raw, ("near", "alike"))
    equal(numbers(text, "number"), list(range(100)), "the numbers")
    equal(len(event_lines(text)),
          sum(len(event_lines(raw.text(name))) for name in ("near", "alike")), "events")


def marks(path, word):
    return {int(number): float(time) for time, number in
            re.findall(rf"(\d+\.\d+): tracing_mark_write: {word} (\d+)$", read(path), re.M)}


def offset(raw):
    """What to add to far's times: its mark lies between two of near's, the closest ones."""
    before, behind = marks(raw.text("near"), "before"), marks(raw.text("near"), "behind")
    between_them = marks(raw.text("far"), "between")
    best = min(before, key=lambda n: behind[n] - before[n])
    return (before[best] + behind[best]) / 2 - between_them[best]


def two_clocks_are_merged(raw):
    """By their distance; with another one the order is wrong, so that it can be seen."""
    names, distance = ("near", "far"), offset(raw)
    text = merged(raw, names, "-O", f"far={distance:+.6f}")
    equal(clocks_of(text), ["local"], "clocks")
    equal(numbers(text, "turn"), list(range(20)), "the numbers")
    text = merged(raw, names, "-O", f"far={distance + 3:+.6f}")
    want(numbers(text, "turn") != list(range(20)), "no distance is wrong")
    text = merged(raw, names)
    equal(clocks_of(text), ["local", "mono"], "clocks without their distance")


# ---- what trace-cmd recorded -------------------------------------------------------

NAMELESS = re.compile(r"<\.\.\.>-(\d+) ")


def without_names(ours, theirs):
    """Our lines with trace-cmd's <...> where we have a name that the events tell."""
    nameless = set(map(int, NAMELESS.findall(read(theirs))))
    names = same.Names.__new__(same.Names)
    names.files, names.alive, names.told = [ours], {}, {}
    for line in event_lines(ours):
        match = same.EVENT_LINE.match(line)
        pid = int(match.group("pid")) if match else None
        if pid in nameless and match.group("comm") != same.NOBODY:
            want(names.has(pid, match.group("comm")), f"no event tells the name in {line}")
            line = same.NOBODY + line[match.end("comm"):]
        yield f"{line}\n"


def own_file_is_reported(version, command, guest, raw_out, name, buffer):
    """record.dat or extract.dat: our report beside trace-cmd's."""
    path, dat = f"{raw_out}/own.{name}.{version}", readers.theirs(guest, f"{name}.dat")
    ours, plain = f"{path}.ours", f"{path}.plain"
    tool("report", "-b", buffer, dat, path=ours)
    readers.report_of(command, dat, path)
    lost = {}
    for line in same.events(ours):
        mark = LOST.match(line)
        if mark:
            lost[mark.group(1)] = mark.group(2)
    with open(plain, "w", errors="surrogateescape") as out:
        out.writelines(without_names(ours, path))
    if name == "extract":
        # (a sub-buffer that is full has no room for the number)
        stats = read_stats(f"{guest.directory}/extract.stats")
        equal({int(cpu): int(count or stats[int(cpu)]["overrun"]) for cpu, count in lost.items()},
              {cpu: of["overrun"] for cpu, of in stats.items() if of["overrun"]}, "overwritten")
    events = len(event_lines(ours))
    want(events, "no event")
    tool("info", dat, path=f"{path}.info")
    info = read(f"{path}.info")
    equal(re.findall(rf"^{buffer} +live +\S+ +\d+ +(\d+) ", info, re.M), [str(events)],
          "the events that info counts")
    states = re.findall(rf"^{buffer} +\d+ .* ([a-zA-Z]+)$", info, re.M)
    # (trace-cmd asks for the counts while it may still be reading)
    want(states and set(states) <= {"complete", "unproven"}, f"info calls its CPUs {states}: {info}")
    word = f"{buffer}:local:{plain}:" + ",".join(f"{cpu}={count or 0}"
                                                 for cpu, count in lost.items())
    readers.compare(path, guest, [word])


# ---- all ---------------------------------------------------------------------------

def raw_cases(bench, raw):
    case, boot = bench.results.case, names_of(raw)
    case("the guest recorded what its raw sub-buffers are for", guest_did_it_all, raw)
    case("capture-metadata copies what the guest says of itself", captured_all, bench.guest, raw)
    case("info of raw sub-buffers: buffers, clocks, counts of each CPU are the kernel's",
         info_is_the_kernels, raw)
    whole = [case(f"raw sub-buffers of {name}: the text is the kernel's", text_is_the_kernels, raw,
                  boot, name) for name in BUFFERS]
    if not all(whole):
        return
    for name, options in CONVERSIONS.items():
        case(f"raw sub-buffers, converted ({name}): the same text", converted_is_the_same, raw, name,
             options)
    case("raw sub-buffers, converted to text: that of report", text_file_is_the_same, raw)
    if case("the checker of JSON Lines runs", jsons.has_jsonschema):
        case("JSON Lines of raw sub-buffers are valid and say what the text says", json_is_valid, raw)
    for options, test, last in selections(raw):
        shown = re.sub(r"\d+\.\d+", "TIME", " ".join(options))
        case(f"report {shown} selects what a search in the text does", filter_is_right, raw, options,
             test, last)
    case("recordings of one clock are merged in the order their events prove", one_clock_is_merged,
         raw)
    case("recordings of two clocks are merged, by their distance, in the order their events prove",
         two_clocks_are_merged, raw)


def cases(bench):
    results, _, guest, out = bench.parts()
    found = []
    if results.case("the guest left raw sub-buffers with their description",
                    lambda: found.append(Raw(guest, out))):
        raw_cases(bench, found[0])
    for version, command in readers.trace_cmds(out, guest).items():
        for name, buffer in ("record", "top"), ("extract", "extracted"):
            results.case(f"report of what trace-cmd {name} made: the events trace-cmd {version} "
                         "reports", own_file_is_reported, version, command, guest, out, name, buffer)
