# SPDX-License-Identifier: GPL-2.0-or-later
"""Cases: the kernel's own tests of tracing come to the same with the series and without."""

import os
import re
import subprocess

import intree_zones
import persist
from bench import HERE, VM, read, run, want
from bench import same as equal

# map_batch_test wants an instance in memory, too
APPEND = f"{persist.APPEND} reserve_mem=4M:4096:boot trace_instance=boot@boot"
# And the command line of each
KERNELS = {"unpatched": "", "patched": APPEND,
           "patched-tests": f"{APPEND} ramoops.trace_generations=2"}
OURS = "Test the tracer pstore within one boot"
BATCH = re.compile(r"^#  +RUN +ring\.(\w+)\.(\w+) \.\.\.$", re.M)
RESULT = re.compile(r"^\[\d+\] (.*?)\s*\[(\w+)\]$", re.M)
COLOURS = re.compile(r"\x1b\[[0-9;]*m")
HOURS = 3 * 3600
COMPLAINT = re.compile(r"^.*(?:WARNING: |BUG: |Oops|stall|FAILED).*$", re.M)


def boot(directory, _, log):
    """A guest for each."""
    for kernel in KERNELS:
        boot_one(kernel, f"{directory}.{kernel}", log)
    intree_zones.boot(f"{directory}.zones", tests_of("patched", log), log)


def tests_of(kernel, log):
    """The kernel's directory has its tests beside it."""
    where = subprocess.run([f"{VM}/kernel", kernel], check=True, text=True,
                           stdin=subprocess.DEVNULL, stdout=subprocess.PIPE).stdout.strip()
    tests = f"{os.path.dirname(log)}/selftests.tar"
    want(run(["tar", "-C", f"{where}/selftests", "-cf", tests, "."], 60) == 0, "tar fails")
    return tests


def boot_one(kernel, directory, log):
    tests, append = tests_of(kernel, log), KERNELS[kernel]
    with open(log, "w") as out:
        status = run([f"{VM}/run", "--kernel", kernel, "--script", f"{HERE}/intree.sh", "--file",
                      tests, "--out", directory, "--timeout", str(HOURS), "--append", append,
                      "--boots", "2" if append else "1"],
                     HOURS + 60, stdout=out, stderr=subprocess.STDOUT)
    want(status == 0, f"exit status {status} of tests/vm/run; see {log}: {read(log)[-300:]}")


def results_of(directory):
    """By description; some are of several tests."""
    found = {}
    for name, verdict in RESULT.findall(COLOURS.sub("", read(f"{directory}/ftracetest"))):
        found.setdefault(name, []).append(verdict)
    return found


def came_to_the_same(plain, patched):
    before, after = results_of(plain), results_of(patched)
    new = {name: after.pop(name) for name in set(after) - set(before)}
    equal(new, {f"{where}{OURS}": ["PASS"] for where in ("", "(instance)  ")},
          "tests of the series")
    differ = {name: (verdict, after.get(name)) for name, verdict in before.items()
              if verdict != after.get(name)}
    want(not differ, f"unpatched and patched: {differ}")
    want(sum(map(len, before.values())) > 80, f"there are only {len(before)} tests")


def maps_the_same(plain, patched):
    said = read(f"{plain}/map_test.said")
    want("exit status 0" in said and "# Totals:" in said, f"without the series: {said}")
    equal(read(f"{patched}/map_test.said"), said, "map_test")


def maps_in_batches(directory):
    """Each test of each kind of ring, and none of them skipped."""
    said = read(f"{directory}/map_batch_test.said")
    want("exit status 0" in said and " fail:0 xfail:0 xpass:0 skip:0 error:0" in said, said[-2000:])
    tests = {}
    for ring, test in BATCH.findall(said):
        tests.setdefault(ring, set()).add(test)
    equal(set(tests), {"subbuf_size_4k", "subbuf_size_16k", "pstore", "boot"}, "kinds of rings")
    want(all(len(of_ring) >= 20 for of_ring in tests.values()), f"tests: {tests}")


def outlives_a_crash(directory):
    """sysrq's panic leaves no mark of an oops: tests of that one fail with any kernel."""
    before, after = read(f"{directory}/pstore.before"), read(f"{directory}/pstore.after")
    for text, line in ((before, "Recording unique string with the tracer pstore ... ok"),
                       (after, "Checking trace file keeps the event recorded before crash ... ok"),
                       (after, "Checking pmsg file properly keeps the content written before "
                               "crash ... ok")):
        want(line in text, f"there is no line {line!r} in {text}")
    equal(read(f"{directory}/pstore.left"), "", "files in pstore when all are removed")


def complains_of_nothing(directory):
    found = COMPLAINT.findall(read(f"{directory}/dmesg.after"))
    want(not found, f"the log has {found[:5]}")


def startup_tests_pass(directory):
    log = read(f"{directory}/dmesg")
    for words in ("Testing tracer function: PASSED", "Testing tracer function_graph: PASSED",
                  "Ring buffer PASSED!", "# Totals: pass:9 fail:0 skip:0 total:9",
                  "# pstore_ftrace: pass:7 fail:0 skip:0 total:7",
                  "# pstore_ram: pass:7 fail:0 skip:0 total:7"):
        want(words in log, f"the log of the boot has no {words!r}")


def cases(results, directory, _, __):
    case, guest = results.case, directory
    directories = [f"{guest}.{kernel}" for kernel in KERNELS]
    plain, patched, tests = directories
    case("in the tree: ftracetest with the series, and without: the same", came_to_the_same, plain,
         patched)
    case("in the tree: ring-buffer/map_test: the same", maps_the_same, plain, patched)
    case("in the tree: startup tests and KUnit pass", startup_tests_pass, tests)
    case("in the tree: ftracetest with lockdep and without: the same", came_to_the_same, plain,
         tests)
    for name, directory in zip(list(KERNELS)[1:], directories[1:]):
        case(f"in the tree: ring-buffer/map_batch_test, {name}", maps_in_batches, directory)
        case(f"in the tree: pstore's tests over a crash, {name}", outlives_a_crash, directory)
        case(f"in the tree: {name} complains of nothing", complains_of_nothing, directory)
    intree_zones.cases(results, f"{guest}.zones")
