# SPDX-License-Identifier: GPL-2.0-or-later
"""Cases: kernels that look for mistakes of their own, under all that can happen to the tracer."""

import re

import intree
import persist
from bench import TOP, read, want
from bench import same as equal

# And what tells that the kernel looks
KERNELS = {"patched-tests": "Lock dependency validator",
           "patched-kasan": "KernelAddressSanitizer initialized",
           "patched-kcsan": "kcsan: enabled early"}
# Of each; tests/vm/persist has others when asked
SECONDS = 1200
CPUS = 4
# What a slow guest does at least, of each thing, a minute: KASAN takes long over instances
ROUNDS_A_MINUTE = 0.25
COMPLAINT = re.compile(r"^.*(?:WARNING: |BUG: |Oops|INFO: |stall|FAILED|kcsan: race|"
                       r"general protection|possible .* detected).*$", re.M)
APPEND = (f"{persist.APPEND} ramoops.trace_generations=2 "
          "reserve_mem=4M:4096:boot trace_instance=boot@boot")


def boot(directory, ram, log):
    for kernel in KERNELS:
        persist.run_guest(kernel, "stress.sh", f"{directory}.{kernel}", ram, log, "--cpus",
                          str(CPUS), "--mem", "2G", "--timeout", str(SECONDS + 7200),
                          "--file", intree.tests_of(kernel, log), "--file",
                          f"{TOP}/build/pstore-rb", "--append", f"{APPEND} seconds={SECONDS}")


def kernel_looks(directory, words):
    log = read(f"{directory}/dmesg.boot")
    want(words in log, f"the log has no {words!r}")


def each_went_round(directory):
    rounds = dict(line.split() for line in read(f"{directory}/rounds").splitlines())
    want(len(rounds) == 8, f"rounds: {rounds}")
    few = {what: n for what, n in rounds.items() if int(n) < ROUNDS_A_MINUTE * SECONDS / 60}
    want(not few, f"too seldom: {few} of {rounds}")


def complains_of_nothing(directory):
    found = COMPLAINT.findall(read(f"{directory}/dmesg"))
    want(not found, f"{len(found)} complaints: {found[:5]}")


def lockdep_is_on(directory):
    """It ends with its first complaint."""
    said = read(f"{directory}/lockdep_stats")
    want(re.search(r"debug_locks:\s+1$", said, re.M), said)


def maps(directory):
    for test in ("map_test", "map_batch_test"):
        said = read(f"{directory}/{test}.said")
        want(" fail:0 xfail:0 xpass:0 skip:0 error:0" in said, f"{test}: {said[-1000:]}")


def tracers_pass(directory):
    results = intree.results_of(directory)
    failed = [name for name, verdicts in results.items() if set(verdicts) & {"FAIL", "XPASS"}]
    equal(failed, [], "failed of ftracetest")
    want(len(results) > 20, f"only {len(results)} tests")


def cases(results, directory, _, __):
    case = results.case
    for kernel, words in KERNELS.items():
        guest = f"{directory}.{kernel}"
        case(f"stress: {kernel} looks for mistakes", kernel_looks, guest, words)
        case(f"stress: {kernel}: each thing went round and round", each_went_round, guest)
        case(f"stress: {kernel}: map_test and map_batch_test pass", maps, guest)
        case(f"stress: {kernel}: ftracetest passes", tracers_pass, guest)
        case(f"stress: {kernel} complains of nothing", complains_of_nothing, guest)
        if kernel != "patched-kcsan":
            case(f"stress: {kernel}: lockdep has been on to the end", lockdep_is_on, guest)
