# SPDX-License-Identifier: GPL-2.0-or-later
"""Cases: thirteen ways in which a reader of trace buffers is known to go wrong.

Each was seen with crash-trace (2106a9d) on such a guest; the comment at each case
says what it did.
"""

import re
import subprocess

import damaged
import same
import tracedat
from bench import HANGS, VM, Skip, in_root, read, run_to_file, want
from bench import same as equal

REPORT_CPU = re.compile(r"^.{16,}-\d+ +\[(\d+)\]", re.M)


def lines_by_cpu(path):
    counts = {}
    for line in same.events(path):
        match = same.EVENT_LINE.match(line)
        if match:
            cpu = int(match.group("cpu"))
            counts[cpu] = counts.get(cpu, 0) + 1
    return counts


def entries(buffer):
    return {cpu: count for cpu, count in buffer.entries().items() if count}


def report(out, name, *options):
    """What trace-cmd of the trixie root makes of out/faults.NAME.dat."""
    path = f"{out}/faults.{name}.report"
    status = run_to_file(in_root("trixie", "trace-cmd", "report", *options,
                                 f"{out}/faults.{name}.dat", binds=[out]), path, HANGS,
                         errors=f"{path}.err")
    equal((status, read(f"{path}.err")), (0, ""), "trace-cmd's exit status and complaints")
    return read(path)


def loads(said, guest, out):
    """It demanded a member that it did not use: nothing was registered."""
    rows = [line.split()[0] for line in read(f"{out}/faults.list").splitlines()[1:]]
    equal(sorted(rows), sorted(guest.buffers), "buffers")
    if "struct trace_buffer {" in said["member"]:
        raise Skip("this kernel's struct trace_buffer has a member cpus")


def reader_page_is_read(said, guest, out):
    """It left out the reader page where the writer was on it: the last words."""
    buffer = guest.buffers["lastwords"]
    equal(entries(buffer), dict.fromkeys(guest.cpus, 1), "entries")
    want(all(buffer.stats[cpu]["read events"] for cpu in guest.cpus), "nothing was consumed")
    equal(list(same.events(f"{out}/faults.lastwords")), list(same.events(buffer.trace)), "text")


def large_subbufs(said, guest, out):
    """It wrote a page of each; trace-cmd died of the file."""
    buffer = guest.buffers["big"]
    if buffer.subbuf_kb == 4:
        raise Skip("this kernel has no sub-buffers of other sizes")
    equal(buffer.subbuf_kb, 64, "KiB of a sub-buffer")
    equal(lines_by_cpu(f"{out}/faults.big"), entries(buffer), "events shown by CPU")
    equal(len(REPORT_CPU.findall(report(out, "big"))), sum(entries(buffer).values()),
          "events trace-cmd reports")


def snapshot_is_there(said, guest, out):
    """It had none of it."""
    if "snap/snapshot" not in guest.buffers:
        raise Skip("this kernel has no snapshots")
    buffer = guest.buffers["snap/snapshot"]
    equal(lines_by_cpu(f"{out}/faults.snapshot"), entries(buffer), "events by CPU")
    want(sum(entries(buffer).values()) > 1000, "the snapshot is small")


def cpu_numbers(said, guest, out):
    """It counted the CPUs that have a ring: events of CPU 3 were printed as [002]."""
    missing = set(range(max(guest.cpus))) - set(guest.cpus)
    want(missing, "no CPU below the last one stayed down")
    equal(lines_by_cpu(f"{out}/faults.quiet"), dict.fromkeys(guest.cpus, 1), "shown")
    reported = [int(cpu) for cpu in REPORT_CPU.findall(report(out, "quiet"))]
    equal(sorted(reported), guest.cpus, "CPUs of the events trace-cmd reports")


def consumed_is_not_replayed(said, guest, out):
    """It showed what a reader had consumed of the reader page again."""
    buffer = guest.buffers["consumed"]
    want(sum(stats["read events"] for stats in buffer.stats.values()) > 100, "little was read")
    equal(lines_by_cpu(f"{out}/faults.consumed"), entries(buffer), "events by CPU")


def exited_tasks_have_names(said, guest, out):
    """It took names from the tasks alive: those that had exited were <...>."""
    alive = {line.split()[0] for line in guest.text("tasks").splitlines()}
    want(len(alive) > 20, "the guest tells of no tasks")
    saved = dict(line.split(" ", 1) for line in guest.text("saved_cmdlines").splitlines())
    gone, wrong = 0, []
    for line in same.events(f"{out}/faults.consumed"):
        match = same.EVENT_LINE.match(line)
        if not match or match.group("pid") in alive or match.group("pid") not in saved:
            continue
        gone += 1
        if match.group("comm").strip() != saved[match.group("pid")].strip():
            wrong.append(line)
    want(gone > 1000, f"only {gone} events are of tasks that have exited")
    want(not wrong, f"{len(wrong)} of {gone} have another name, the first: {wrong[:1]}")


def open_dat(out, name):
    return tracedat.open_dat(f"{out}/faults.{name}.dat")


def file_says_what_it_is(said, guest, out):
    """It had none of these options, and no counts of what was lost."""
    dat = open_dat(out, "consumed")
    sysname, nodename, release, machine = guest.text("uname").split()
    equal(dat.option_text(5), f"{sysname} {nodename} {release} {machine}", "UNAME")
    equal(dat.option_text(4), "[local]", "TRACECLOCK")
    equal(int.from_bytes(dat.option(8), "little"), max(guest.cpus) + 1, "CPUCOUNT")
    want(dat.option_text(9) and any(dat.option(11)), "VERSION or TRACEID is empty")
    stats = dat.stats()["consumed"]
    for cpu in guest.cpus:
        truth = guest.buffers["consumed"].stats[cpu]
        equal(int(stats[cpu]["overrun"]), truth["overrun"], f"overrun of CPU {cpu}")
        equal(int(stats[cpu]["read events"]), truth["read events"], f"read on CPU {cpu}")
    statistics = report(out, "consumed", "--stat")
    for cpu in guest.cpus:
        overrun = guest.buffers["consumed"].stats[cpu]["overrun"]
        want(f"overrun: {overrun}\n" in statistics, "trace-cmd report --stat lacks it")


def one_page_is_one_page(crash, guest, out):
    """It gave up at the first page it could not read; crash died of a NULL pointer."""
    path, place = f"{out}/faults.vmcore", "hole consumed 0 4"
    damaged.describe(crash, guest, f"{out}/kernel")
    damaged.copy(guest, path)
    try:
        places = damaged.do_damage(path, f"{out}/kernel", [place])
        said = crash.session("faults.page", path, [
            f"extend {crash.extension}", f"pstore_rb show -b consumed > {out}/faults.hole",
            "pstore_rb show -b quiet"])
    finally:
        run_to_file(["rm", "-f", path], "/dev/null", HANGS)
    told = [line for line in read(f"{out}/faults.hole").splitlines()
            if line.startswith("# damaged: ")]
    equal(len(told), 1, "damaged sub-buffers told")
    want(f"buffer consumed cpu 0 sub-buffer {places[0]['page']} " in told[0], told[0])
    damaged.check_rest(f"{out}/faults.consumed", f"{out}/faults.hole", places)
    equal(said[2].count("quiet words"), len(guest.cpus), "events of the next command")


def bad_output_is_told(said, guest, out):
    """It did nothing, and said nothing, when the file could not be made."""
    want("No such file or directory" in said["no folder"], said["no folder"][:200])
    want("not a regular file" in said["folder"], said["folder"][:200])


def needs_no_other_program(said, guest, out):
    """It ran trace-cmd for every show, and had no filters."""
    want("trace-cmd" not in said["path"], f"trace-cmd is in the path: {said['path']}")
    want(sum(1 for _ in same.events(f"{out}/faults.big")) > 1000, "nothing is shown")
    wanted = [line for line in same.events(f"{out}/faults.big") if ": sched_switch: " in line]
    equal(list(same.events(f"{out}/faults.filtered")), wanted[-50:], "filtered events")


def persistent_is_there(said, guest, out):
    """It had no persistent buffers of earlier boots, and called none persistent."""
    if "boot_map" not in guest.buffers:
        raise Skip("this kernel has no persistent instances")
    kinds = dict(line.split()[:2] for line in read(f"{out}/faults.list").splitlines()[1:])
    equal(kinds["boot_map"], "persistent", "kind")
    equal(lines_by_cpu(f"{out}/faults.boot_map"), entries(guest.buffers["boot_map"]),
          "events by CPU")


CASES = [
    ("F1: a member that is gone does not matter", loads),
    ("F2: a reader page with the writer on it is read", reader_page_is_read),
    ("F3: sub-buffers larger than a page are whole", large_subbufs),
    ("F4: a snapshot is a buffer", snapshot_is_there),
    ("F5: CPUs keep their numbers", cpu_numbers),
    ("F6: what was consumed is not shown again", consumed_is_not_replayed),
    ("F7: tasks that have exited have names", exited_tasks_have_names),
    ("F9: the file says of what it is, and what was lost", file_says_what_it_is),
    ("F11: output that cannot be written is told", bad_output_is_told),
    ("F12: text and filters need no other program", needs_no_other_program),
    ("F13: persistent instances are there, and called so", persistent_is_there),
]


def without(program, suite):
    """For Crash.session(): in a mount namespace of its own, no such program."""
    root = subprocess.run([f"{VM}/root", suite], check=True, text=True,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE).stdout.strip()
    return ("unshare", "--mount", "sh", "-c", 'mount --bind /dev/null "$1" && shift && exec "$@"',
            "sh", f"{root}/usr/bin/{program}")


def session(crash, guest, out):
    """With no trace-cmd in the path; what each command says, by its key."""
    show = {name: f"pstore_rb show -b {name} > {out}/faults.{name}"
            for name in ("lastwords", "big", "quiet", "consumed", "boot_map")
            if name in guest.buffers}
    script = {
        "extend": f"extend {crash.extension}",
        "member": "struct trace_buffer.cpus",
        "path": "!command -v trace-cmd",
        "list": f"pstore_rb > {out}/faults.list",
        **show,
        "snapshot": f"pstore_rb show -b snap/snapshot > {out}/faults.snapshot",
        "filtered": f"pstore_rb show -b big -e sched:sched_switch -n 50 > {out}/faults.filtered",
        **{f"dump {name}": f"pstore_rb dump -b {name} {out}/faults.{name}.dat"
           for name in ("big", "quiet", "consumed")},
        "no folder": f"pstore_rb dump {out}/no/such/trace.dat",
        "folder": f"pstore_rb dump {out}",
    }
    return dict(zip(script, crash.session("faults", guest.vmcore, script.values(),
                                          wrap=without("trace-cmd", crash.suite))))


def cases(bench):
    results, crash, guest, out = bench.parts()
    said = session(crash, guest, out)
    for name, function in CASES:
        results.case(name, function, said, guest, out)
    results.case("F10: a page that cannot be read is one page", one_page_is_one_page, crash,
                 guest, out)
