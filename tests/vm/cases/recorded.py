# SPDX-License-Identifier: GPL-2.0-or-later
"""Cases: trace-cmd records through the tracer pstore, as through any other."""

import re

import persist
import same
from bench import HANGS, Failure, in_root, read, run_to_file, want
from bench import same as equal
from tool import tool

# Whose trace-cmd, and QEMU; that of bookworm fails at patching code on several CPUs
SUITES = {"bookworm": "1", "trixie": "4", "sid": "4"}


def boot(directory, ram, log):
    """A guest for each."""
    for suite, cpus in SUITES.items():
        persist.run_guest("patched", "recorded.sh", f"{directory}.{suite}", ram, log, "--suite",
                          suite, "--cpus", cpus, "--boots", "2", "--timeout", "600", "--append",
                          persist.APPEND)


def report(suite, directory, name, out):
    """By the trace-cmd that recorded it; what it is to say, and that it says no more."""
    path = f"{out}/{name}.{suite}.report"
    status = run_to_file(in_root(suite, "trace-cmd", "report", "-t", f"{directory}/{name}.dat",
                                 binds=[directory]), path, HANGS, errors=f"{path}.err")
    equal((status, read(f"{path}.err")), (0, ""), "status and standard error of trace-cmd report")
    text = read(path)
    for words in ("function:             vfs_read", "sched_switch: "):
        want(words in text, f"the report of {name} has no {words}: {text[:300]}")
    return text


def records(suite, directory, out):
    said = read(f"{directory}/said")
    want("rror" not in said and "annot" not in said, f"trace-cmd says {said}")
    text = report(suite, directory, "recorded", out)
    info = f"{out}/recorded.{suite}.info"
    tool("info", f"{directory}/recorded.dat", path=info)
    states = re.findall(r"^top +\d+ .* ([a-zA-Z]+)$", read(info), re.M)
    want(states and set(states) <= {"complete", "unproven"}, f"info says {read(info)}")
    want(len(text.splitlines()) > 5, f"there are only {text}")


def extracts(suite, directory, out):
    equal(read(f"{directory}/extracted.tracer"), "pstore\n", "current tracer after start")
    report(suite, directory, "extracted", out)
    text = f"{out}/extracted.{suite}.text"
    tool("report", f"{directory}/extracted.dat", path=text)
    kernels = [line for line in same.events(f"{directory}/extracted.trace")
               if re.match(r".+-\d+ +\[", line)]
    ours = list(same.events(text))
    want(kernels, "the kernel's trace has nothing")
    equal(len(ours), len(kernels), "events of extract, and of the kernel's trace before it")
    for mine, his in zip(ours, kernels):
        if his.lstrip().startswith(same.NOBODY):    # the file knows more names
            mine = re.sub(r"^ *.+?(?=-\d+ +\[)", same.NOBODY, mine)
        equal(mine.split(), his.split(), "a line of extract, and of the kernel")


def records_an_instance(suite, directory, out):
    equal(read(f"{directory}/apart.tracer"), "pstore\n", "tracer of the instance amid recording")
    report(suite, directory, "apart", out)


def crash_loses_nothing(suite, directory, out):
    """What the recorder took and what it did not, each number once and in order."""
    region, numbers = f"{directory}/{persist.REGION}", {"taken": []}
    path = f"{out}/region.{suite}"
    tool("info", region, path=path)
    # 3.1.6 has taken nothing by then
    taken = "top/consumed" in read(path) or suite != "bookworm"
    for name, options in (("left", []), ("taken", ["-C", "-b", "top/consumed"]))[:1 + taken]:
        path = f"{out}/{name}.{suite}"
        tool("report", *options, region, path=path)
        numbers[name] = [int(line.rpartition("number ")[2]) for line in same.events(path)
                         if "tracing_mark_write: number " in line]
    want(numbers["taken"] or not taken, "the recorder had taken nothing")
    both = numbers["taken"] + numbers["left"]
    equal(both, [*range(1, 3001), *range(1, 101)], "numbers that were read, and not read")


CASES = {"record gives a full trace.dat": records,
         "start, stop and extract give what the kernel's own trace has": extracts,
         "record -B has it in an instance": records_an_instance,
         "a panic amid record loses nothing, read or not": crash_loses_nothing}


def cases(results, directory, _, out):
    for suite in SUITES:
        at = f"{directory}.{suite}"
        version = re.search(r"trace-cmd version (\S+)", read(f"{at}/version"))
        if not version:
            raise Failure(f"no version: {read(f'{at}/version')}")
        for name, case in CASES.items():
            results.case(f"persist: trace-cmd {version[1]} -p pstore: {name}", case, suite, at, out)
