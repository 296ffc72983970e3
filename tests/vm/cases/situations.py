# SPDX-License-Identifier: GPL-2.0-or-later
"""Cases: crashes out of the ordinary, each with a guest of its own.

The guests of running.sh count, on every CPU, into instance `seq` and then into
`ring`: what is there at the crash must be a run of numbers without a gap, as long as
the guest says. Those of modules.sh stop and tell all, like guest.sh.
"""

import os
import re
import shutil
import subprocess

import crashes
import report
import same
import texts
from bench import HANGS, HERE, TOP, VM, Failure, Skip, in_root, read, run, run_to_file, want
from bench import same as equal
from guest import Guest
from same import EVENT_LINE, events

SECONDS = HANGS
COUNTING = ("seq", "ring")
# What crash says by itself of the ring of one CPU: is a writer between reserve and
# commit, how far has it written and committed, what stands behind the commit mark.
RING = (
    'gdb set $offset = (unsigned long)&((struct trace_array *)0)->list',
    'gdb set $tr = (struct trace_array *)((char *)ftrace_trace_arrays.{way} - $offset)',
    'gdb set $cpu = $tr->array_buffer.buffer->buffers[{cpu}]',
    'gdb set $page = $cpu->commit_page->page',
    'gdb set $at = $page->commit.a.counter & 0xfffff',
    'gdb printf "%s: committing %ld, commit page %d, commit %ld, write %ld\\n", $tr->name, '
    '$cpu->committing.a.counter, $cpu->commit_page == $cpu->tail_page, $at, '
    '$cpu->commit_page->write.a.counter & 0xfffff',
    # an event is a header of 4 bytes, or after a time extend of 12, and struct print_entry
    'gdb printf "%s\\n", (char *)$page->data + $at + 4 + 16',
    'gdb printf "%s\\n", (char *)$page->data + $at + 12 + 16',
)


def boot(bench, name, script, *options):
    """Run a guest of one of the scripts beside this one; its directory."""
    directory = f"{bench.out}/{name}"
    shutil.rmtree(directory, ignore_errors=True)
    log = f"{bench.out}/{name}.log"
    with open(log, "wb") as out:
        status = run(
            [f"{VM}/run", "--kernel", bench.kernel, "--script", f"{HERE}/{script}",
             "--file", f"{HERE}/lib.sh", "--out", directory, "--kdump", "elf",
             "--timeout", str(SECONDS), *options],
            SECONDS + 120, stdout=out, stderr=subprocess.STDOUT, cwd=TOP)
    want(status == 0, f"the guest ended with {status}; see {log}")
    return directory


# ---- dumps of a kernel that was writing ------------------------------------------

class Look:
    """What crash and pstore_rb say about one dump of a guest of running.sh."""

    def __init__(self, bench, directory, vmcore, word):
        self.directory = directory
        self.word = word
        self.path = f"{bench.out}/{os.path.basename(directory)}.{word}"
        self.cpus = [int(cpu) for cpu in read(f"{directory}/cpus").split()]
        self.crash = self.first_that_opens(bench, f"{directory}/{vmcore}")
        self.rings = {}

    def first_that_opens(self, bench, vmcore):
        whys = []
        for suite in bench.suites:
            crash = bench.crash.other(suite)
            name = f"{os.path.basename(self.path)}-{suite}"
            try:
                self.collect(crash, vmcore, name)
            except Failure as why:
                whys.append(f"{suite}: {why}")
            else:
                self.opened_by = crashes.version(suite)
                self.refused_by = whys
                return crash
        raise Failure("; ".join(whys))

    def collect(self, crash, vmcore, name):
        commands = [f"extend {crash.extension}", f"pstore_rb > {self.path}.list",
                    f"pstore_rb stat > {self.path}.stat"]
        commands += [f"pstore_rb show -b {name} > {self.path}.{name}.show"
                     for name in ("top", *COUNTING)]
        commands += [f"pstore_rb show -u > {self.path}.apart",
                     f"pstore_rb dump {self.path}.dat > {self.path}.said"]
        words = [self.ring_commands(name, cpu) for name in COUNTING for cpu in self.cpus]
        said = crash.session(name, vmcore, [*commands, "log", *sum(words, [])])
        self.said = "".join(said[1:len(commands)]).strip()
        self.log = said[len(commands)]
        self.ring_words = said[len(commands) + 1:]

    @staticmethod
    def ring_commands(name, cpu):
        # the list has the newest first
        way = "next" if name == "ring" else "next->next"
        return [line.replace("{way}", way).replace("{cpu}", str(cpu)) for line in RING]

    def ring(self, name, cpu):
        """committing, bytes written behind the commit mark, the texts that may be there."""
        at = (COUNTING.index(name) * len(self.cpus) + self.cpus.index(cpu)) * len(RING)
        line, *behind = self.ring_words[at + len(RING) - 3:at + len(RING)]
        found = re.match(r"(\w+): committing (\d+), commit page (\d), commit (\d+), write (\d+)",
                         line.strip())
        want(found and found[1] == name, f"crash's word of {name}, CPU {cpu}: {line.strip()}")
        _, committing, same_page, commit, write = found.groups()
        size = int(write) - int(commit) if same_page == "1" else None
        return int(committing), size, behind

    def numbers(self, name):
        """By CPU what its writer wrote into `name`."""
        numbers = {cpu: [] for cpu in self.cpus}
        for line in events(f"{self.path}.{name}.show"):
            match = EVENT_LINE.match(line)
            want(match and match["event"] == "tracing_mark_write", f"{name} has: {line}")
            numbers[int(match["cpu"])].append(int(line.rpartition("number ")[2]))
        return numbers

    def uncommitted(self, name, cpu):
        """What show -u has of one ring; alone in a group its lines do not name it."""
        for group in read(f"{self.path}.apart").split("# clock: ")[1:]:
            alone = re.search(r"^# buffer: (\S+)/uncommitted:", group, re.M)[1]
            for line in group.splitlines()[1:]:
                buffer, colon, rest = line.partition("/uncommitted: ")
                match = EVENT_LINE.match(rest if colon else line)
                if match and (buffer if colon else alone) == name and int(match["cpu"]) == cpu:
                    yield line.partition(": tracing_mark_write: ")[2]

    def stat(self, name):
        """By CPU: decoded, counted, and the state."""
        rows = [row for row in texts.table(read(f"{self.path}.stat")) if row[0] == name]
        return {int(row[1]): (int(row[2]), int(row[3]), row[-1]) for row in rows}

    def said_by_guest(self, name):
        path = f"{self.directory}/{name}.{self.word}"
        if not os.path.exists(path):
            return None
        return {int(cpu): int(number) for cpu, number in
                (line.split() for line in read(path).splitlines())}


def nothing_is_damaged(look):
    equal(look.said, "", "messages")
    for name in ("top", *COUNTING):
        for cpu, (_, _, state) in look.stat(name).items():
            want(state != "damaged", f"{name}, CPU {cpu} is damaged")
        last = texts.read_tail(f"{look.path}.{name}.show")
        want("damaged sub-buffers: 0, " in last and "corrupt records: 0, unknown types: 0"
             in last, f"the last line of {name} is: {last}")


def want_run(numbers, first, what):
    """Each is one more than the one before."""
    for wanted, number in enumerate(numbers, first):
        want(number == wanted, f"{what}: {number} where {wanted} is wanted")


def numbers_have_no_gap(look):
    numbers = {name: look.numbers(name) for name in COUNTING}
    floor, ceiling = look.said_by_guest("floor"), look.said_by_guest("ceiling")
    for cpu in look.cpus:
        seq, ring = (numbers[name][cpu] for name in COUNTING)
        want(seq and ring, f"CPU {cpu} has nothing")
        want_run(seq, 1, f"seq of CPU {cpu}")
        want_run(ring, ring[0], f"ring of CPU {cpu}")
        want(ring[0] > 1, f"ring of CPU {cpu} is not wrapped")
        want(seq[-1] - ring[-1] in (0, 1), f"CPU {cpu}: seq ends with {seq[-1]}, ring with "
             f"{ring[-1]}")
        want(ring[-1] >= floor[cpu], f"CPU {cpu}: {ring[-1]} where the guest had {floor[cpu]}")
        if ceiling:
            want(seq[-1] <= ceiling[cpu], f"CPU {cpu}: {seq[-1]} where the guest did not get "
                 f"beyond {ceiling[cpu]}")


def counts_are_the_kernels(look):
    """The kernel counts an event a moment before it moves the commit mark."""
    for name in COUNTING:
        stat = look.stat(name)
        equal(sorted(stat), look.cpus, "CPUs")
        for cpu, (decoded, counted, _) in stat.items():
            committing, _, _ = look.ring(name, cpu)
            want(decoded == counted or (committing and decoded + 1 == counted),
                 f"{name}, CPU {cpu}: {decoded} decoded, {counted} counted by the kernel")


def top_is_in_order(look):
    shown, latest = dict.fromkeys(look.cpus, 0), 0.0
    for line in events(f"{look.path}.top.show"):
        match = EVENT_LINE.match(line)
        want(match, f"not an event: {line}")
        want(float(match["time"]) >= latest, f"out of order: {line}")
        latest = float(match["time"])
        shown[int(match["cpu"])] += 1
    decoded = {cpu: row[0] for cpu, row in look.stat("top").items() if row[0]}
    equal({cpu: count for cpu, count in shown.items() if count}, decoded, "events")
    want(sum(shown.values()) > 1000, f"top has only {shown}")


def trace_cmd_reads_as_many(look):
    path = f"{look.path}.report"
    status = run_to_file(in_root("trixie", "trace-cmd", "report", "-t", "-N",
                                 f"{look.path}.dat", binds=[os.path.dirname(path)]),
                         path, HANGS, errors=f"{path}.err")
    equal((status, read(f"{path}.err")), (0, ""), "status and standard error")
    # behind a line about dropped events a buffer's name is not repeated: count all
    got = sum(1 for line in events(path)
              if report.EVENT.match(line) and not line.endswith("EVENTS DROPPED]"))
    decoded = sum(row[0] for name in ("top", *COUNTING) for row in look.stat(name).values())
    equal(got, decoded, "events")


def look_at(bench, directory, vmcore, word, title):
    """The cases about one dump; the look at it."""
    results, found = bench.results, []

    def opened():
        found.append(Look(bench, directory, vmcore, word))

    if not results.case(f"{title}: crash opens the dump, pstore_rb lists, shows and dumps",
                        opened):
        return None
    look, = found
    results.note(f"{title}: opened by crash {look.opened_by}" +
                 "".join(f"; not by {why}" for why in look.refused_by))
    for what, function in (
            ("nothing is damaged and nobody complains", nothing_is_damaged),
            ("each CPU's numbers have no gap and end where the guest was", numbers_have_no_gap),
            ("counts are the kernel's, but for what was not committed", counts_are_the_kernels),
            ("the top-level buffer's events are in order, as many as counted", top_is_in_order),
            ("trace-cmd reads as many events", trace_cmd_reads_as_many)):
        results.case(f"{title}: {what}", function, look)
    return look


def guest_case(bench, sentence, *arguments):
    """Boot a guest; its directory, or None when it failed."""
    found = []
    bench.results.case(sentence, lambda: found.append(boot(bench, *arguments)))
    return found[0] if found else None


def page_table_case(bench, directory, levels, flag):
    bench.results.case(f"{levels}-level page tables are in use there", lambda: equal(
        read(f"{directory}/la57").strip(), flag, "la57 in /proc/cpuinfo"))


def live(bench):
    directory = guest_case(
        bench, "a guest that never stops tracing is dumped twice and panics", "live",
        "running.sh", "--cpus", "4", "--mem", "640M", "--cpu", "max,la57=off",
        "--append", "situation=live")
    if not directory:
        return
    page_table_case(bench, directory, "four", "")
    look_at(bench, directory, "live.elf", "live", "a dump amid writers (QEMU, ELF)")
    look_at(bench, directory, "live.kdump", "kdump", "a dump amid writers (QEMU, kdump-zlib)")
    look_at(bench, directory, "vmcore", "panic", "a panic amid writers on other CPUs")


# ---- panics inside an NMI --------------------------------------------------------

def panicked_in_nmi(look, instruction=""):
    """The console is not written to inside an NMI, the kernel's log is."""
    last = look.log[look.log.rfind("Kernel panic - not syncing: "):]
    want(last.startswith("Kernel panic - not syncing: NMI"), f"the panic is {last[:100]!r}")
    want("exc_nmi+0x" in last, f"the panic is in no NMI's handler: {last}")
    # (one that hits user space is handled on the task's stack)
    inside = last.partition("<NMI>")[2].partition("</NMI>")[0]
    want(not instruction or f"RIP: 0010:{instruction}" in inside,
         f"CPU 0 was not stopped at {instruction}: {last}")


def reserved_is_not_shown(look):
    """What CPU 0 was writing is there, behind the commit mark, and is not shown."""
    last = {name: look.numbers(name)[0][-1] for name in COUNTING}
    rings = {name: look.ring(name, 0) for name in COUNTING}
    writing = [name for name in COUNTING if rings[name][0]]
    want(len(writing) == 1, f"CPU 0 is writing into {writing}")
    name, = writing
    equal(last["seq"] - last["ring"], COUNTING.index(name), f"seq before ring, amid {name}")
    _, size, behind = rings[name]
    if size is None:
        raise Skip("it is the first event of a new sub-buffer")
    want(size >= 20, f"only {size} bytes lie behind the commit mark")
    want(f"number {last[name] + 1}\n\n" in behind, f"behind the commit mark are {behind}, "
         f"shown is {last[name]}")
    equal(list(look.uncommitted(name, 0)), [f"number {last[name] + 1}"], "show -u")
    decoded, counted, state = look.stat(name)[0]
    equal((decoded, state), (counted, "complete"), "counts of the CPU that was writing")


def in_nmi(bench, situation, sentence, title, instruction=""):
    directory = guest_case(bench, sentence, situation, "running.sh", "--cpus", "4", "--mem",
                           "640M", "--append", f"situation={situation}")
    if directory:
        page_table_case(bench, directory, "five", "la57")
    look = directory and look_at(bench, directory, "vmcore", "panic", title)
    if not look:
        return None
    bench.results.case(f"{title}: that is where CPU 0 was", panicked_in_nmi, look, instruction)
    return look


def nmi(bench):
    in_nmi(bench, "nmi", "a guest panics inside an NMI amid writers", "a panic inside an NMI")


def reserve(bench):
    title = "a panic inside an NMI between reserve and commit"
    look = in_nmi(bench, "reserve", "a guest is stopped by an NMI between reserve and commit",
                  title, "ring_buffer_unlock_commit+0x0/")
    if look:
        bench.results.case(f"{title}: the event that was not committed is not shown, all "
                           "before it are", reserved_is_not_shown, look)


# ---- modules, and CPUs that are not there ----------------------------------------

def modules_came_and_went(guest):
    before, after = read(f"{guest.directory}/gone.before"), read(guest.buffers["gone"].trace)
    want(": watchdog_start: " in before, "the module's events did not occur")
    want("after it was unloaded" in after, "nothing follows the unloading")
    want("while it is loaded" not in after, "the kernel did not clear the buffer")
    ran, stays = (read(guest.buffers[name].trace) for name in ("ran", "stays"))
    for name, text in (("ran", ran), ("stays", stays)):
        want(" <-chrdev_open" in text and "=> chrdev_open" in text, f"{name} has no stacks")
    for word in (": softdog_ping <-", "=> watchdog_start"):
        want(word in stays, f"stays has no {word!r}")
    equal(guest.text("possible").strip(), "0-63", "possible CPUs")
    equal(guest.cpus, [0, 1, 3], "CPUs")


def modules(bench):
    if not os.path.isdir(f"{os.path.dirname(bench.crash.vmlinux)}/lib/modules"):
        bench.results.say("skip", f"modules: {bench.kernel} is built without them")
        return
    directory = guest_case(
        bench, "a guest loads and unloads modules, 3 of 64 possible CPUs come up", "modules",
        "modules.sh", "--cpus", "64", "--module", "softdog", "--append", "maxcpus=2")
    if not directory:
        return
    guest, out, case = Guest(directory), f"{bench.out}/modules.out", bench.results.case
    title = "modules, 64 possible CPUs"
    case(f"{title}: the guest did what it is for", modules_came_and_went, guest)
    if not case(f"{title}: crash runs list, stat, show and dump", texts.collect, bench.crash,
                guest, out):
        return
    case(f"{title}: nothing complains", texts.nothing_complained, bench.crash)
    case(f"{title}: the list is the kernel's", texts.list_is_right, guest, out)
    known = same.load_boot(guest.word)
    for name, what in (("top", "the top-level buffer"),
                       ("gone", "what the kernel left of an unloaded module's events"),
                       ("ran", "functions and stacks of unloaded modules"),
                       ("stays", "functions and stacks of loaded modules")):
        buffer = guest.buffers[name]
        case(f"{title}: {what}: counts are the kernel's", texts.counts_are_the_kernels, buffer,
             out)
        case(f"{title}: {what}: the text is the kernel's", texts.text_is_the_kernels, known,
             buffer, out)
    case(f"{title}: the dumped file is well formed, of 64 CPUs", texts.file_is_well_formed,
         guest, out)
    for which in texts.trace_cmds(out):
        case(f"{title}: trace-cmd report ({which}) has the events we show",
             texts.compare_report, which, guest, out)
    case(f"{title}: names and symbols in the file are the kernel's",
         texts.names_are_the_kernels, guest, out)


def cases(bench):
    live(bench)
    reserve(bench)
    modules(bench)
    if bench.long:
        nmi(bench)
