# SPDX-License-Identifier: GPL-2.0-or-later
"""Cases: damaged dumps. What is wrong is named, what is left comes out."""

import concurrent.futures
import json
import os
import re
import subprocess

import same
from bench import HANGS, VM, Failure, Skip, read, run, run_to_file, want
from bench import same as equal

# One dump with all of these: (name of the case, what tests/vm/damage does, what
# the message says). Each CPU of a buffer is damaged by one of them at most.
# the buffers that seeds damage: a few pages of these, and two CPUs of one wholly
NOISY = ("snap", "consumed", "wide")
RUINED = "functions"
# what may break a list: it is checked as a whole
BROKEN_LIST = ("link", "struct")
PAGES_LOST = "# damaged: buffer {buffer} cpu {cpu} sub-buffer {page} "
LIST_BROKEN = "buffer {buffer}, cpu {cpu}: ring at 0x"
DAMAGE = [
    ("a page list that runs into itself", "loop consumed 0 100", LIST_BROKEN),
    ("a next pointer into another CPU's ring", "cross functions 3 50", LIST_BROKEN),
    ("list pointers with flipped bits", "link functions 1 60 61 90", LIST_BROKEN),
    ("commit words beyond the page", "commit top 4 17 500 4000", PAGES_LOST),
    ("zeroed data pages", "zero snap/snapshot 1 3 4 9", PAGES_LOST),
    ("data pages that are not in the dump", "hole consumed 3 7 8 200", PAGES_LOST),
    ("pointers to data pages that are no addresses", "page clock-tai 0 2 5", PAGES_LOST),
    ("event headers with flipped bits",
     "header top 3 " + " ".join(str(page) for page in range(100, 4000, 200)), None),
    ("anything with flipped bits", "noise snap 0 1 5 9 13 17", None),
]


def copy(guest, path):
    run(["cp", "--reflink=auto", "--sparse=always", guest.vmcore, path], HANGS)


def describe(crash, guest, path):
    """What the damager and docs/example.c need to know of the kernel."""
    dump = f"{os.path.realpath(guest.vmcore)} {os.path.getmtime(guest.vmcore)}"
    if not os.path.exists(f"{path}.of") or read(f"{path}.of") != dump:
        status = run_to_file([f"{VM}/describe-kernel", "--suite", crash.suite, *crash.options,
                              crash.vmlinux, guest.vmcore], f"{path}.new", HANGS,
                             errors=f"{path}.err")
        want(status == 0, f"describe-kernel: {read(f'{path}.err')}")
        os.rename(f"{path}.new", path)
        with open(f"{path}.of", "w") as out:
            out.write(dump)


def do_damage(path, description, actions, seed=1):
    words = [word for action in actions for word in [*action.split(), "--"]][:-1]
    done = subprocess.run([f"{VM}/damage", path, description, *words], check=True,
                          env={**os.environ, "SEED": str(seed)}, timeout=HANGS,
                          stdin=subprocess.DEVNULL, capture_output=True, text=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


# ---- what is left ------------------------------------------------------------

def by_cpu(path):
    """Lines by CPU; an event's stack is left out, and the task's name: where the
    kernel saved none it may be what is missing that told it."""
    lines = {}
    for line in same.events(path):
        match = same.EVENT_LINE.match(line)
        if match:
            lines.setdefault(int(match.group("cpu")), []).append(
                (match.group("time"), line[match.start("pid"):]))
    return lines


def spans_of(places):
    """Times in which events may be missing; text has microseconds.

    A list is walked from both ends: when it is broken in several places, what
    lies between the outermost cannot be found.
    """
    spans = [(place["from"], place["to"]) for place in places
             if place["action"] not in BROKEN_LIST]
    broken = [place for place in places if place["action"] in BROKEN_LIST]
    if broken:
        spans.append((min(place["from"] for place in broken),
                      max(place["to"] for place in broken)))
    return [(low / 1e9 - 2e-6, high / 1e9 + 2e-6) for low, high in spans]


def outside(lines, places):
    """Lines that are in none of the pages damaged."""
    spans = spans_of(places)
    return [line for time, line in lines
            if not any(low <= float(time) <= high for low, high in spans)]


def is_subsequence(wanted, got):
    """The first line of `wanted` that is not in `got`, in order; None."""
    rest = iter(got)
    return next((line for line in wanted if not any(line == other for other in rest)), None)


def check_rest(whole, shown, places):
    """All events outside the damaged pages are shown, in their order."""
    before, after = by_cpu(whole), by_cpu(shown)
    for cpu, lines in before.items():
        mine = [place for place in places if place["cpu"] == cpu]
        got = [line for _, line in after.get(cpu, [])]
        if not mine:
            want(got == [line for _, line in lines], f"CPU {cpu} is not as it was")
        missing = is_subsequence(outside(lines, mine), got)
        want(missing is None, f"CPU {cpu}: not shown though undamaged: {missing}")


def damage_is_told(places, message, texts, told):
    for place in places if message else ():
        text = message.format(**place)
        want(text in texts or text in told, f"nothing says {text!r}")


def one_damage(guest, out, places, message, told):
    name = guest.buffers[places[0]["buffer"]].file_name
    shown = f"{out}/damaged.{name}.show"
    damage_is_told(places, message, read(shown), told)
    check_rest(f"{out}/{name}.show", shown,
               [place for place in guest.damage if place["buffer"] == places[0]["buffer"]])


def session(crash, guest, out, vmcore):
    """What crash says of the damaged dump; the undamaged buffers too."""
    names = sorted({place["buffer"] for place in guest.damage} | {"quiet", "big"})
    commands = [f"extend {crash.extension}", f"pstore_rb > {out}/damaged.list",
                f"pstore_rb stat > {out}/damaged.stat"]
    commands += [f"pstore_rb show -b {name} > {out}/damaged.{guest.buffers[name].file_name}.show"
                 for name in names]
    commands += [f"pstore_rb show -b top -n 20 > {out}/damaged.tail",
                 f"pstore_rb dump {out}/damaged.dat"]
    return crash.session("damaged", vmcore, commands)


def undamaged_buffers(out):
    for name in ("quiet", "big"):
        equal(list(same.events(f"{out}/damaged.{name}.show")),
              list(same.events(f"{out}/{name}.show")), name)


def counts_show_it(guest, out):
    """stat calls no damaged ring complete that lost events."""
    rows = {(row[0], int(row[1])): row for row in
            (line.split() for line in read(f"{out}/damaged.stat").splitlines()[1:])
            if len(row) > 8 and row[1].isdigit()}
    lost = 0
    for (name, cpu), row in rows.items():
        want(row[2] == row[3] or row[8] != "complete",
             f"{name}, CPU {cpu}: {row[2]} of {row[3]} events are called complete")
        lost += row[8] != "complete"
    want(lost >= 5, f"only {lost} rings are called incomplete")


def damaged_file(guest, out):
    """trace-cmd opens what dump wrote, and shows all but what was damaged."""
    path = f"{out}/damaged.report"
    status = run_to_file(["trace-cmd", "report", "-N", f"{out}/damaged.dat"], path, HANGS,
                         errors=f"{path}.err")
    equal(status, 0, "trace-cmd's exit status")
    equal(read(f"{path}.err"), "", "on trace-cmd's standard error")
    events = sum(sum(buffer.entries().values()) for buffer in guest.buffers.values())
    with open(path, errors="surrogateescape") as report:
        lines = sum(1 for _ in report)
    want(lines > 0.9 * events, f"the report of {events} events has {lines} lines")
    for name in (path, f"{out}/damaged.dat"):
        os.unlink(name)


def named_damage(results, crash, guest, out):
    path = f"{out}/damaged.vmcore"
    copy(guest, path)
    places = [do_damage(path, f"{out}/kernel", [action]) for _, action, _ in DAMAGE]
    guest.damage = [place for some in places for place in some]
    told = "".join(session(crash, guest, out, path))
    os.unlink(path)
    for (name, _, message), some in zip(DAMAGE, places):
        results.case(f"{name}: told, and what is undamaged is shown", one_damage, guest, out,
                     some, message, told)
    results.case("undamaged buffers of a damaged dump are as they were", undamaged_buffers, out)
    results.case("stat of a damaged dump calls nothing complete that is not", counts_show_it,
                 guest, out)
    results.case("trace-cmd reads the file dumped from a damaged dump", damaged_file,
                 guest, out)


# ---- by many seeds, under AddressSanitizer -----------------------------------

def example(program, vmcore, description, path, name, *options):
    status = run_to_file([program, *options, "-n", "0", "-b", name, vmcore, description], path,
                         HANGS, errors=f"{path}.err")
    return status, read(f"{path}.err")


# The example knows the direct map only: what lies in modules' memory is beyond it.
IN_MODULES = re.compile(r"example: note: (the kernel's list of events breaks off|"
                        r"symbols of \d+ modules are unreadable|the list of modules breaks off)")


def example_is_whole(status, said):
    return status == 0 or (status == 1 and said and
                           all(IN_MODULES.match(line) for line in said.splitlines()))


STACK_ADDRESS = re.compile(r" => 0x([0-9a-f]{16})")


def module_symbols(guest):
    return {words[2]: int(words[0], 16) for words in
            (line.split() for line in guest.text("kallsyms").splitlines()) if words[3:]}


def is_in_module(line, wanted, symbols):
    """Whether an entry of a stack is an address where the symbol's function of a module is."""
    address, start = STACK_ADDRESS.fullmatch(line or ""), symbols.get(wanted.removeprefix(" => "))
    return bool(address and start) and 0 <= int(address[1], 16) - start < 1 << 16


def example_is_right(program, guest, out):
    """docs/example.c shows what the extension shows, but for names of modules' functions.

    What it is told of the kernel has no enumerators that print formats use:
    the other buffers have events that need some.
    """
    symbols = module_symbols(guest)
    for name in ("top", "functions", "stacks", "snap/snapshot", "clock-x86-tsc"):
        path = f"{out}/example.show"
        status, said = example(program, guest.vmcore, f"{out}/kernel", path, name)
        want(example_is_whole(status, said), f"{name}: exit status {status}: {said[:300]}")
        lines = same.events(path)
        for wanted in same.events(f"{out}/{guest.buffers[name].file_name}.show"):
            line = next(lines, None)
            want(line == wanted or is_in_module(line, wanted, symbols),
                 f"{name}: {line!r} where {wanted!r} is wanted")
        os.unlink(path)


def noise(seed):
    """A few pages and structs of some buffers, other ones for each seed."""
    for name in NOISY:
        pages = " ".join(map(str, range(seed % 10, 25, 10)))
        yield f"noise {name} 0 {pages}"
        yield f"struct {name} 3 {pages}"
    yield f"header {RUINED} 0 " + " ".join(map(str, range(1, 250)))
    yield f"noise {RUINED} 3 " + " ".join(map(str, range(1, 250)))


def check_json(program, vmcore, description, shown, name):
    """As JSON Lines it is as many events, each line an object."""
    shown_as_text = next(line for line in reversed(read(shown).splitlines())
                         if line.startswith("# events: "))
    status, said = example(program, vmcore, description, f"{shown}.json", name, "-j")
    want(status in (0, 1), f"{name}: -j: exit status {status}: {said[-1500:]}")
    with open(f"{shown}.json", encoding="utf-8") as source:
        lines = [json.loads(line) for line in source]
    count = sum(line["type"] == "event" for line in lines)
    want(shown_as_text.startswith(f"# events: {count},"), f"{name}: {count} events in JSON, "
         f"{shown_as_text}")


def one_seed(program, guest, out, seed):
    path, shown = f"{out}/seed.{seed}.vmcore", f"{out}/seed.{seed}.show"
    try:
        copy(guest, path)
        places = do_damage(path, f"{out}/kernel", noise(seed), seed)
        for name in (*NOISY, RUINED):
            status, said = example(program, path, f"{out}/kernel", shown, name)
            want(status in (0, 1), f"{name}: exit status {status}: {said[-1500:]}")
            check_rest(f"{out}/example.{name}", shown,
                       [place for place in places if place["buffer"] == name])
            check_json(program, path, f"{out}/kernel", shown, name)
    finally:
        for name in (path, shown, f"{shown}.err", f"{shown}.json", f"{shown}.json.err"):
            if os.path.exists(name):
                os.unlink(name)


def many_seeds(results, program, guest, out, seeds):
    for name in (*NOISY, RUINED):
        status, said = example(program, guest.vmcore, f"{out}/kernel",
                               f"{out}/example.{name}", name)
        want(example_is_whole(status, said),
             f"the undamaged dump: {name}: {status}: {said[-1500:]}")
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for seed in seeds:
            pool.submit(results.case, f"flipped bits, seed {seed}: no sanitizer complains, "
                        "what is undamaged is shown", one_seed, program, guest, out, seed)


# ---- cut dumps ---------------------------------------------------------------

def cut(crash, guest, out, source, shares):
    """Cut at the first share at which crash still opens the dump."""
    path, refusals = f"{out}/cut.vmcore", []
    for share in shares:
        run(["cp", "--reflink=auto", "--sparse=always", source, path], HANGS)
        os.truncate(path, int(os.path.getsize(source) * share))
        try:
            said = crash.session("cut", path, [
                f"extend {crash.extension}", "pstore_rb", f"pstore_rb show > {out}/cut.show",
                f"pstore_rb stat > {out}/cut.stat", "pstore_rb show -b quiet -n 1"])
            return share, said
        except Failure as why:
            refusals.append(f"at {share:.0%}: {last_line(crash)}")
    raise Skip(f"crash itself refuses: {'; '.join(refusals)}")


def last_line(crash):
    lines = [line for line in read(f"{crash.work}/cut.log").splitlines() if line.strip()]
    return lines[-1][:120] if lines else "nothing said"


def nothing_is_lost(guest, out):
    """By stat of a cut dump"""
    rows = [line.split() for line in read(f"{out}/cut.stat").splitlines()[1:]]
    decoded = {(row[0], int(row[1])): int(row[2]) for row in rows
               if len(row) > 8 and row[1].isdigit()}
    equal(decoded, {(buffer.name, cpu): count for buffer in guest.buffers.values()
                    for cpu, count in buffer.entries().items()}, "events, and nothing is said")


def cut_dump(crash, guest, out, source, shares):
    if not os.path.exists(source):
        raise Skip("the group dumps makes this dump, and did not run before")
    share, said = cut(crash, guest, out, source, shares)
    text = read(f"{out}/cut.show") + "".join(said)
    missing = any(word in text for word in ("# damaged: ", "ring at 0x", "unreadable"))
    lines = sum(1 for _ in same.events(f"{out}/cut.show"))
    for name in ("show", "vmcore"):
        os.unlink(f"{out}/cut.{name}")
    if not missing:
        nothing_is_lost(guest, out)
        raise Skip(f"cut at {share:.1%}, nothing of the buffers is missing")
    want(lines > 1000, f"cut at {share:.1%}, only {lines} events are shown")


def cases(bench):
    results, crash, guest, out = bench.parts()
    results.note("describing the kernel for the damager")
    describe(crash, guest, f"{out}/kernel")
    results.case("the example of docs/ shows what the extension shows", example_is_right,
                 bench.example, guest, out)
    results.note("damaging copies of the dump")
    named_damage(results, crash, guest, out)
    many_seeds(results, bench.sanitized_example, guest, out,
               range(1, 61 if bench.long else 4))
    results.case("an ELF dump cut short: told, and the rest is shown", cut_dump, crash, guest,
                 out, guest.vmcore, (0.6, 0.95, 0.98, 0.99, 0.997))
    results.case("a compressed dump cut short: told, and the rest is shown", cut_dump, crash,
                 guest, out, f"{out}/vmcore.compressed", (0.97, 0.99, 0.997, 0.999))
