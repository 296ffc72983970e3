#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Do JSON Lines say what the text of the same events says?

Usage: jsonlines.py SCHEMA EVERY JSON-LINES TEXT

Every line is parsed as JSON; those that are no events, and every EVERYth event,
are held against the schema. The lines of text are made anew out of the objects
and must be those of TEXT; fields of some events must be what their text says.
Prints a summary as JSON. Runs with Debian's Python, which has jsonschema.
"""

import collections
import json
import os
import re
import sys

import jsonschema

# Systems some of whose events go without their name
NAMELESS = {"ftrace", "syscalls"}


class Wrong(Exception):
    """Something is not as it should be."""


def want(truth, why):
    if not truth:
        raise Wrong(why)


def unique(pairs):
    found = dict(pairs)
    want(len(found) == len(pairs), f"a member twice: {[key for key, _ in pairs]}")
    return found


def refuse(word):
    raise Wrong(f"{word} is no JSON")


# Exact about what json.loads() lets pass, and slow: for the lines the schema sees
EXACT = {"object_pairs_hook": unique, "parse_constant": refuse}


def objects(path, every):
    """The lines of a file, as objects, and whether the schema is to see them."""
    with open(path, "rb") as lines:
        for number, line in enumerate(lines, 1):
            want(line.endswith(b"}\n"), f"the last line is cut off: {line[-80:]}")
            text = line.decode("utf-8", "strict")
            chosen = number % every == 0 or not text.startswith('{"type":"event",')
            yield json.loads(text, **(EXACT if chosen else {})), chosen


def lines_of(path):
    """The lines of a text that are not comments."""
    with open(path, encoding="utf-8", errors="replace", newline="\n") as source:
        for line in source:
            if not line.startswith("#"):
                yield line.rstrip("\n")


# ---- fields and their text ---------------------------------------------------

def number(value):
    return int(value, 0) if isinstance(value, str) else value


def check_by(pattern, *names):
    """The groups of `pattern` in the text are the fields of these names."""
    compiled = re.compile(pattern)

    def check(fields, text):
        match = compiled.fullmatch(text)
        want(match, f"{text!r} is not what {pattern} is for")
        for name, said in zip(names, match.groups()):
            value = fields[name]
            told = value if isinstance(value, str) and not value.startswith("0x") else str(value)
            want(said == told or said.isdigit() and int(said) == value,
                 f"{name} is {value!r} where the text has {said!r}")
    return check


def check_switch(fields, text):
    BY_PATTERN["sched_switch"](fields, text)
    state = re.search(r" prev_state=(\S+) ", text).group(1)
    number_of = fields["prev_state"] & 0xff
    want((number_of == 0) == state.startswith("R"), f"prev_state {number_of} is {state}")


COPIED = re.compile(r'sys_openat\(dfd: (\d+), filename: (\d+) "(.*)", flags: ([A-Z_|]+)'
                    r"(?:, mode: (0\d*))?\)")


def check_copied(fields, text):
    """As of 7.2: numbers are decimal, the path is in the record, flags have names."""
    dfd, filename, path, flags, mode = COPIED.fullmatch(text).groups()
    bits = sum(getattr(os, name) for name in flags.split("|"))
    got = [number(fields[name]) for name in ("dfd", "filename", "flags", "mode")]
    # O_RDONLY is no bit, O_LARGEFILE none where all files may be large
    got[2] &= ~0o100000
    want(got[:3] == [int(dfd), int(filename), bits] and fields["__filename_val"] == path and
         (mode is None or int(mode, 8) == got[3]), f"{fields} where the text has {text}")


def check_openat(fields, text):
    if COPIED.fullmatch(text):
        check_copied(fields, text)
        return
    words = re.findall(r"(\w+): (?:0x)?([0-9a-f]+)", text)
    want([name for name, _ in words] == ["dfd", "filename", "flags", "mode"], text)
    for name, digits in words:
        size = 1 << 4 * max(len(digits), 8)
        want(int(digits, 16) == number(fields[name]) % size,
             f"{name} is {fields[name]!r} where the text has {digits}")


def check_print(fields, text):
    want(text.partition(": ")[2] == fields["buf"].removesuffix("\n"),
         f"buf is {fields['buf']!r} where the text has {text!r}")


BY_PATTERN = {
    "sched_switch": check_by(
        r"prev_comm=(.*) prev_pid=(\d+) prev_prio=(-?\d+) prev_state=\S+ ==> "
        r"next_comm=(.*) next_pid=(\d+) next_prio=(-?\d+)", "prev_comm", "prev_pid",
        "prev_prio", "next_comm", "next_pid", "next_prio"),
    "sched_waking": check_by(r"comm=(.*) pid=(\d+) prio=(-?\d+) target_cpu=(\d+)",
                             "comm", "pid", "prio", "target_cpu"),
    "irq_handler_entry": check_by(r"irq=(\d+) name=(.*)", "irq", "name"),
    "openat": check_by(r"\(.*\) dfd=(-?\d+) name=\"(.*)\"", "dfd", "name"),
}
CHECKS = {**BY_PATTERN, "sched_switch": check_switch, "sys_enter_openat": check_openat,
          "print": check_print}


# ---- the text out of the objects ---------------------------------------------

# In text a call that calls nothing is one line, made of two events: these are
# compared with the kernel's by calls.py, and only counted here.
CALL_TEXT = r"[-+!#*@$. \d]*(us)? *\|  "
CALL = re.compile(rf"\] \S{{5}} +[\d.]+: (funcgraph_\w+: )?{CALL_TEXT}")

class Reader:
    """Goes through the objects; counts, and compares with the lines of text."""

    def __init__(self, schema, every, text):
        self.valid = jsonschema.Draft202012Validator(schema)
        self.every = every
        self.text = (line for line in lines_of(text) if not CALL.search(line))
        self.counts = collections.Counter()
        self.checked = collections.Counter()
        self.told = {"groups": []}
        self.prefixed = self.ticks = False
        self.number = 0

    def check_schema(self, item):
        for error in self.valid.iter_errors(item):
            raise Wrong(f"line {self.number}: {error.message[:300]}")

    def next_lines(self, made):
        """The text's next lines are those of `made`, or of its nameless form."""
        for line in made:
            if not line.startswith("#"):
                theirs = next(self.text, None)
                want(line == theirs, f"line {self.number} is\n  {line!r}\nand in the text\n"
                     f"  {theirs!r}")

    def time(self, event):
        if self.ticks:
            want(event["time"] == str(event["ts"]), f"time {event['time']}")
            return f"{event['ts']:>12}"
        seconds, nanoseconds = divmod(event["ts"], 1000000000)
        want(event["time"] == f"{seconds}.{nanoseconds:09}", f"time {event['time']}")
        seconds, microseconds = divmod((event["ts"] + 500) // 1000, 1000000)
        return f"{seconds:>5}.{microseconds:06}"

    def event(self, event):
        self.counts[event["buffer"], event["cpu"]] += 1
        prefix = f"{event['buffer']}: " if self.prefixed and event["buffer"] != "top" else ""
        if "lost" in event:
            count = "" if event["lost"] == "unknown" else f"{event['lost']} "
            self.next_lines([f"{prefix}CPU:{event['cpu']} [LOST {count}EVENTS]"])
        # the tracer's nested entries may be reserved longer than they are: what was
        # there before stands behind them
        rest = "rest" in event and not event["name"].startswith("funcgraph_")
        want("fault" not in event and not rest, f"of an undamaged dump: {event}")
        if event["name"].startswith("funcgraph_"):
            want(re.match(CALL_TEXT, event["text"]), f"no call: {event}")
            return
        head = (f"{prefix}{event['comm']:>16}-{event['pid']:<7} [{event['cpu']:03}] "
                f"{event['flags']} {self.time(event)}: ")
        first, *more = event["text"].split("\n")
        named = f"{head}{event['name']}: {first}"
        theirs = next(self.text, None)
        want(theirs == named or event["system"] in NAMELESS and theirs == head + first,
             f"line {self.number} is\n  {named!r}\nand in the text\n  {theirs!r}")
        self.next_lines(more)
        check = CHECKS.get(event["name"])
        if check:
            check(event["fields"], event["text"])
            self.checked[event["name"]] += 1

    def other(self, item):
        kind = item["type"]
        if kind == "group":
            self.told["groups"].append(item)
            self.prefixed = len(item["buffers"]) > 1
            self.ticks = item["unit"] == "ticks"
        else:
            want(kind not in self.told, f"{kind} twice: {item}")
            self.told[kind] = item

    def read(self, path):
        for self.number, (item, chosen) in enumerate(objects(path, self.every), 1):
            want((self.number == 1) == (item["type"] == "header"), "the header is not first")
            want("end" not in self.told, "the end is not last")
            if chosen:
                self.check_schema(item)
            (self.event if item["type"] == "event" else self.other)(item)
        want("end" in self.told, "there is no end")
        theirs = next(self.text, None)
        want(theirs is None, f"the text goes on: {theirs!r}")


def main():
    schema, every, path, text = sys.argv[1:]
    with open(schema) as source:
        schema = json.load(source)
    jsonschema.Draft202012Validator.check_schema(schema)
    reader = Reader(schema, int(every), text)
    try:
        reader.read(path)
    except (Wrong, ValueError) as why:
        sys.exit(f"{path}: {why}")
    counts = [[*place, count] for place, count in sorted(reader.counts.items())]
    print(json.dumps({"counts": counts, "checked": reader.checked, **reader.told}))


if __name__ == "__main__":
    main()
