# SPDX-License-Identifier: GPL-2.0-or-later
"""Cases: with room for two recordings the one before the newest is still there."""

import re

import persist
import same
from bench import HANGS, read, run_to_file, want
from bench import same as equal
from tool import TOOL, tool

OTHER = re.compile(r"another recording, generation \d+ by Linux \S+, is left out: (region@0x[0-9a-f]+)")


def boot(directory, ram, log):
    persist.run_guest("patched", "older.sh", directory, ram, log, "--boots", "2", "--timeout",
                      "400", "--append", f"{persist.APPEND} ramoops.trace_generations=2")


def numbers_of(path):
    """By their word"""
    found = {}
    for line in same.events(path):
        if ": tracing_mark_write: " in line:
            word, number = line.split()[-2:]
            found.setdefault(word, []).append(int(number))
    return found


def newest_is_read(region, out):
    path = f"{out}/newest"
    status = run_to_file([TOOL, "report", region], path, HANGS, errors=f"{path}.err")
    equal(status, 1, "status, as one recording is left out")
    equal(numbers_of(path), {"third": list(range(1, 201))}, "markers of the newest")


def older_is_read(region, out):
    path = f"{out}/older"
    run_to_file([TOOL, "info", region], f"{path}.info", HANGS, errors=f"{path}.err")
    told = OTHER.findall(read(f"{path}.info") + read(f"{path}.err"))
    equal(len(told), 1, f"other recordings of {read(f'{path}.info')}")
    tool("report", "-S", told[0], region, path=path)
    equal(numbers_of(path), {"second": list(range(1, 201))}, "markers of the older one")
    want(" <-" in read(path), "no functions")


def cases(results, directory, _, out):
    region = f"{directory}/{persist.REGION}"
    results.case("generations: the newest is read",
                 newest_is_read, region, out)
    results.case("generations: the one before is whole, by where it begins", older_is_read, region,
                 out)
