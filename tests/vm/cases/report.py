#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Is `trace-cmd report -t -N` of a dumped trace.dat what pstore_rb shows?

Usage: report.py REPORT KALLSYMS BUFFER:CLOCK:OUR-TEXT...

trace-cmd sorts all buffers together, by time whatever their clocks, so its
lines are told apart by the buffer's name and compared buffer by buffer, in
order. The rules, by which a line of trace-cmd becomes a line of ours:
  columns    blanks between columns do not count; trace-cmd 3.1.6 prints no
             flags (d..2.), so they are compared only where they are; it has
             no letter for "bottom halves off": "b" is ".", "D" is "d"; "n" is "N"
  time       -t prints nanoseconds: rounded to microseconds as the kernel does;
             COUNTED_CLOCKS have no such unit: the number itself
  name       events the kernel prints without their name (function, print,
             stacks, raw_data) lose it, syscalls get the kernel's form; of
             raw_data trace-cmd prints the first byte, so only that is compared
  symbol     trace-cmd prints no "/size" and no " [module]" behind an offset
  stacks     trace-cmd prints the first eight entries, with 0x0 for what is not
             there; of several names of one address it may take another
  beyond     page= of mm_page_* is computed from a kernel variable's value, which
             is in no file: not compared
"""

import re
import sys

from same import Different, events

COUNTED_CLOCKS = ("counter", "uptime", "x86-tsc")
LINE = re.compile(r" *(.+)-(-?\d+) +\[(\d+)\] ([^\s\d]\S{4})? *(\d+)\.?(\d*): (\S+): *(.*)$")
OURS = re.compile(r" *(.+)-(-?\d+) +\[(\d+)\] (\S{5}) +([\d.]+): (.*)$")
PADDED_HEX = re.compile(r"0x0*([0-9a-f]+)")
SYMBOL_SIZE = re.compile(r"(\+0x[0-9a-f]+)/0x[0-9a-f]+(?: \[\w+\])?")
STACK_LINE = re.compile(r"\s*=> ")
THEIR_FLAGS = str.maketrans("bDn", ".dN")
PAGE = re.compile(r"page=[0-9a-f]+ ")
RAW_DATA = re.compile(r"# ([0-9a-f]+) buf: ([0-9a-f]{2})")


def function(_, text):
    return text.replace(" <-- ", " <-")


def marker(_, text):
    return text


def stack_start(name):
    def form(_, text):
        return f"<{name}>\n{text}"
    return form


def raw_data(_, text):
    number, byte = text.removeprefix("id:").split()
    return f"# {int(number, 16):x} buf: {byte[-2:]}"


def sys_enter(event, text):
    return f"sys_{event[10:]}({PADDED_HEX.sub(chr(92) + '1', text)})"


def sys_exit(event, text):
    return f"sys_{event[9:]} -> {text}"


FORMS = {
    "function": function, "print": marker, "bprint": marker, "bputs": marker,
    "kernel_stack": stack_start("stack trace"),
    "user_stack": stack_start("user stack trace"), "raw_data": raw_data,
}


def page(event, text):
    return f"{event}: {PAGE.sub('', text)}"


def form_of(event):
    if event in FORMS:
        return FORMS[event]
    if event.startswith("mm_page_"):
        return page
    if event.startswith("sys_enter_"):
        return sys_enter
    if event.startswith("sys_exit_"):
        return sys_exit
    return None


def in_kernel_form(event, text, forms={}):
    if event not in forms:
        forms[event] = form_of(event)
    form = forms[event]
    return form(event, text) if form else f"{event}: {text}"


def stack_entries(lines):
    """Names and addresses of "=> " lines, as many as trace-cmd prints."""
    entries = [STACK_LINE.sub("", line).strip(" <>").removeprefix("0x").lstrip("0")
               for line in lines]
    return [entry for entry in entries if entry][:8]


def whole(lines):
    """Lines with what belongs to them: an event and its stack are one list."""
    event = []
    for line in lines:
        if event and not STACK_LINE.match(line):
            yield event
            event = []
        event.append(line)
    if event:
        yield event


class Symbols:
    """Addresses by name."""

    def __init__(self, path):
        self.addresses = {}
        with open(path) as source:
            for line in source:
                address, _, name = line.split()[:3]
                self.addresses.setdefault(name, set()).add(address)

    def same(self, name, other):
        return name == other or bool(self.addresses.get(name, set()) &
                                     self.addresses.get(other, set()))

    def same_stack(self, names, others):
        return len(names) == len(others) and all(map(self.same, names, others))


class Buffer:
    """What we show of one buffer, handed out line by line."""

    def __init__(self, symbols, name, clock, path):
        self.symbols = symbols
        self.name = name
        self.counted = clock in COUNTED_CLOCKS
        self.events = whole(events(path))
        self.count = 0

    def time(self, seconds, fraction):
        nanoseconds = int(seconds) * 1000000000 + int(fraction or 0)
        if self.counted:
            return str(nanoseconds)
        micros = (nanoseconds + 500) // 1000
        return f"{micros // 1000000}.{micros % 1000000:06d}"

    def is_same(self, match, stack, line, our_stack):
        ours = OURS.match(line)
        comm, pid, cpu, flags, seconds, fraction, event, text = match.groups()
        text, _, first = in_kernel_form(event, text).partition("\n")
        return ours and self.columns(ours, event) == (
            comm, pid, cpu, flags or self.flags(ours),
            self.time(seconds, fraction), text.rstrip()
        ) and self.symbols.same_stack(stack_entries([first, *stack]), stack_entries(our_stack))

    def check(self, match, stack):
        line, *our_stack = next(self.events, [None])
        self.count += 1
        if not line or not self.is_same(match, stack, line, our_stack):
            raise Different(f"{self.name}, event {self.count}: trace-cmd has\n"
                            f"  {match.string}\nwe have\n  {line}")

    def flags(self, ours):
        return ours.group(4).translate(THEIR_FLAGS)

    def columns(self, ours, event):
        comm, pid, cpu, _, time, _ = ours.groups()
        return comm, pid, cpu, self.flags(ours), time, self.text(event, ours)

    def text(self, event, ours):
        text = ours.group(6).rstrip()
        if event == "raw_data":
            raw = RAW_DATA.match(text)
            return raw.group(0) if raw else text
        if event not in FORMS and not event.startswith("sys_"):
            name, colon, rest = SYMBOL_SIZE.sub(r"\1", text).partition(": ")
            rest = PAGE.sub("", rest) if event.startswith("mm_page_") else rest
            return f"{name}{colon}{rest.lstrip()}"
        return text


def named(buffers):
    """How a line says which buffer it is from; the top-level one has no name."""
    names = "|".join(re.escape(name) for name in buffers if name != "top")
    return re.compile(rf" *({names}): ")


def lines_of(path):
    with open(path, errors="surrogateescape") as source:
        for line in source:
            if not line.startswith("cpus="):
                yield line.rstrip("\n")


def compare(report_path, buffers):
    """The number of events; Different when something is not the same."""
    buffers = {buffer.name: buffer for buffer in buffers}
    prefix, count = named(buffers), 0
    for count, (line, *stack) in enumerate(whole(lines_of(report_path)), 1):
        which = prefix.match(line)
        match = LINE.match(line, which.end() if which else 0)
        if not match:
            raise Different(f"trace-cmd has\n  {line}\nwhich is no event")
        buffers[which.group(1) if which else "top"].check(match, stack)
    for buffer in buffers.values():
        for line, *_ in buffer.events:
            raise Different(f"{buffer.name}: trace-cmd has no more, we have\n  {line}")
    return count


def main():
    symbols = Symbols(sys.argv[2])
    triples = [word.split(":") for word in sys.argv[3:]]
    try:
        count = compare(sys.argv[1], [Buffer(symbols, *triple) for triple in triples])
        print(f"{count} events are the same")
    except Different as difference:
        sys.exit(str(difference))


if __name__ == "__main__":
    main()
