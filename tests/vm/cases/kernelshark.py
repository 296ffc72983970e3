# SPDX-License-Identifier: GPL-2.0-or-later
"""Cases: libkshark, which KernelShark loads files with, finds in the dumped file the
events, CPUs and tasks the guest told of."""

import re
import subprocess

from bench import HANGS, TOP, Failure, read, run_to_file, want
from bench import same as equal
from same import EVENT_LINE, events

LOADER = f"{TOP}/build/kshark-load"
LINE = re.compile(r"(?P<name>\S+) cpus (?P<cpus>\d+) rows (?P<rows>\d+) events(?P<events>.*?)"
                  r" pids(?P<pids>.*)")


def load(out):
    """What the loader says of each buffer, by name."""
    built = subprocess.run(["make", "-s", "-C", TOP, "build/kshark-load"],
                           stdin=subprocess.DEVNULL, capture_output=True, text=True)
    want(built.returncode == 0, f"the loader does not build: {built.stderr[-300:]}")
    done = subprocess.run([LOADER, f"{out}/trace.dat"], timeout=HANGS,
                          stdin=subprocess.DEVNULL, capture_output=True, text=True)
    equal(done.returncode, 0, f"exit status ({done.stderr.strip()[-300:]})")
    matches = [LINE.fullmatch(line) for line in done.stdout.splitlines()]
    want(all(matches), f"the loader says {done.stdout[:300]!r}")
    return {match.group("name"): match for match in matches}


def counts(match):
    """Events by CPU, of CPUs that have any."""
    pairs = (pair.split("=") for pair in match.group("events").split())
    return {int(cpu): int(count) for cpu, count in pairs}


def pids_of(buffer):
    found = (EVENT_LINE.match(line) for line in events(buffer.trace))
    return {int(match.group("pid")) for match in found if match}


def buffers_are_there(guest, loaded):
    equal(sorted(loaded), sorted(buffer.file_name for buffer in guest.buffers.values()),
          "buffers")


def buffer_is_loaded(guest, buffer, loaded):
    match = loaded.get(buffer.file_name)
    if not match:
        raise Failure("it is not among the streams")
    wanted = {cpu: count for cpu, count in buffer.entries().items() if count}
    equal(counts(match), wanted, "events by CPU")
    equal(int(match.group("cpus")), max(guest.cpus) + 1, "CPUs")
    want(int(match.group("rows")) >= sum(wanted.values()), f"{match.group('rows')} rows")
    shown = {int(pid) for pid in match.group("pids").split()}
    missing = pids_of(buffer) - shown
    want(not missing, f"tasks missing: {sorted(missing)[:10]}")


def window_shows_it(crash, guest, out):
    """Buffers of one clock: docs/trace.dat.md. The script says why when no window comes up,
    or one without the file, or no plots are drawn."""
    log = f"{out}/kernelshark.log"
    crash.session("window", guest.vmcore, [f"extend {crash.extension}",
                                           f"pstore_rb dump -b top,big {out}/window.dat"])
    status = run_to_file([f"{TOP}/tests/kernelshark-screenshot", f"{out}/window.dat",
                          f"{out}/kernelshark.png"], log, 120)
    equal(status, 0, f"exit status ({read(log).strip()[-300:]})")
    want("trace.dat)" in read(log), read(log))


def cases(bench):
    results, crash, guest, out = bench.parts()
    loaded = {}
    if not results.case("libkshark opens the dumped file", lambda: loaded.update(load(out))):
        return
    results.case("libkshark has a stream for each buffer", buffers_are_there, guest, loaded)
    for buffer in guest.buffers.values():
        results.case(f"{buffer.name}: libkshark has all events, CPUs and tasks",
                     buffer_is_loaded, guest, buffer, loaded)
    if bench.long:
        results.case("the KernelShark window shows buffers of a dumped file", window_shows_it,
                     crash, guest, out)
