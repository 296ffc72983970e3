#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Is `trace-cmd report -t -N` of a dumped trace.dat what pstore_rb shows?

Usage: report.py REPORT KALLSYMS BUFFER:CLOCK:OUR-TEXT[:CPU=COUNT,...]...

trace-cmd sorts all buffers together, by time whatever their clocks, so its
lines are told apart by the buffer's name and compared buffer by buffer, in
order. The rules, by which a line of trace-cmd becomes a line of ours:
  columns    blanks between columns do not count; trace-cmd 3.1.6 prints no
             flags (d..2.), so they are compared only where they are; it has
             no letter for "bottom halves off": "b" is ".", "D" is "d"; of the
             second column it knows "N" and ".", and where that is lazy "." before
             it is "X"; libtraceevent 1.9 has "L" there, and no "X"
  time       -t prints nanoseconds: rounded to microseconds as the kernel does;
             COUNTED_CLOCKS have no such unit: the number itself. A discarded event that
             came 0 ns behind the one before has 1 for it, as 0 would end the sub-buffer, and
             trace-cmd adds that: up to LATE such nanoseconds may be taken off again
  name       events the kernel prints without their name (function, print,
             stacks, raw_data) lose it, syscalls get the kernel's form; of
             raw_data trace-cmd prints the first byte, so only that is compared
  values     kernels since 6.19 record what system calls' pointers to user memory
             point to, and print 0x; then the arguments' numbers and O_ names are
             compared, not what is pointed to, which old trace-cmd cannot parse
  symbol     trace-cmd prints no "/size" behind an offset and no " [module]" behind a
             name; of an address without a name it takes the symbol before it, of
             several names of a function's address it may take another, and so it may in
             init sections of modules that lay at one place in turn, whose names the
             guest's table does not all have any more; it takes a label of the compiler's
             (.L) for a name, which the kernel passes over
  stacks     trace-cmd prints the first eight entries, with 0x0 for what is not
             there; of several names of one address it may take another
  calls      the print formats of the function_graph tracer's events become our
             columns; the exit of a call that is one line of ours has none; it
             prints no arguments
  beyond     page= of mm_page_* is computed from a kernel variable's value, which
             is in no file: not compared. Neither is fragmenting= of files that trace-cmd
             recorded: libtraceevent up to 1.9 forgets parentheses, see libmerge/format_parens.h
  dropped    [N EVENTS DROPPED] stands before the first event of a CPU, with the COUNT
             given; where none are given it may stand there. N is not there when the
             sub-buffer has no room for it
"""

import functools
import re
import sys

from same import Different, events

LATE = 9
COUNTED_CLOCKS = ("counter", "uptime", "x86-tsc")
LINE = re.compile(r" *(.+)-(-?\d+) +\[(\d+)\] ([^\s\d]\S{4})? *(\d+)\.?(\d*): (\S+): *(.*)$")
OURS = re.compile(r" *(.+)-(-?\d+) +\[(\d+)\] (\S{5}) +([\d.]+): (.*)$")
PADDED_HEX = re.compile(r"0x0*([0-9a-f]+)")
SYMBOL_SIZE = re.compile(r"(\+0x[0-9a-f]+)/0x[0-9a-f]+(?: \[\w+\])?|(?<=[\w.]) \[(?!ns\])[a-z]\w+\](?= |$)")
STACK_LINE = re.compile(r"\s*=> ")
IRQS_OFF = str.maketrans("bD", ".d")
RESCHED = str.maketrans("nbBplL", "NNN...")
RESCHED_WITH_LAZY = str.maketrans("nbBplL", "NNN.LL")
LAZY = "lLbB"
BARE_ADDRESS = re.compile(r"\b0x[0-9a-f]{16}\b")
# what ftrace puts where a stack goes through code it made, FTRACE_TRAMPOLINE_MARKER
TRAMPOLINE = ("[FTRACE TRAMPOLINE]", "0x7fffffff")
NAME = re.compile(r"[a-z_]\w+")
UNNAMED = re.compile(r"(?:0x)?[0-9a-f]{16}")
BEYOND = re.compile(r"page=[0-9a-f]+ |fragmenting=\d+ ")
CALL = re.compile(r"--> (.+) \((\d+)\)")
CALL_END = re.compile(r"<-- (.+) \((\d+)\) \(start: (\w+)  end: (\w+)\) over: \d+")
OUR_LEAF = re.compile(r"(.{14})\|  ( *)([^(]+)\(.*\);")
OUR_CALL = re.compile(r"(.{17} *[^(]+)\(.*\) \{")
OUR_ARGS = re.compile(r"\(.*\)")
OUR_END = re.compile(r"(.{17} *\}) /\* .+ \*/")
VALUE = re.compile(r"(\w+): (0x[0-9a-f]+|\d+|O_[\w|]+)(?=[ ,)]|$)")
UNPARSED = re.compile(r"(\w+)=(0x[0-9a-f]+|\d+)")
# ' "text"', ' (68:69) "hi"...', ' ({0x68,0x69})'
POINTED_TO = re.compile(r""" \([0-9a-f:, .]*\)(?: ".*"(?:\.\.\.)?)?| \(\{[0-9a-fx,]*\}\)| ".*?"(?=[,)]|$)""")
EVENT = re.compile(r" *(?:\S+: +)?(?:.+-\d+ +\[\d+\] |CPU:\d+ \[)")
DROPPED = re.compile(r" *CPU:(\d+) \[(?:(\d+) )?EVENTS DROPPED\]$")
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


def duration(start, end):
    """The kernel's column of ten characters and a bar."""
    ns = int(end, 16) - int(start, 16)
    limits = (10 ** 9, 10 ** 8, 10 ** 7, 10 ** 6, 10 ** 5, 10 ** 4)
    mark = next((m for m, limit in zip("$@*#!+", limits) if ns > limit), " ")
    number = f"{ns // 1000}"
    if len(number) < 7:
        number += f".{ns % 1000:03}"[:max(8 - len(number), 0)]
    return f"{mark} {number} us ".ljust(14) + "|  "


def call(_, text):
    function, depth = CALL.fullmatch(text).groups()
    return f"{'|':>15}  {'  ' * int(depth)}{function}() {{"


def call_end(_, text):
    _, depth, start, end = CALL_END.fullmatch(text).groups()
    return f"{duration(start, end)}{'  ' * int(depth)}}}"


def values(text):
    """Names and values of a system call's arguments, without strings and bytes."""
    return VALUE.findall(POINTED_TO.sub("", text))


def numbers(pairs):
    return [(name, int(value, 16 if value.startswith("0x") else 10)
             if value[0].isdigit() else value) for name, value in pairs]


def same_values(event, theirs, ours):
    """openat() has its mode only where it matters."""
    if theirs.startswith("[FAILED TO PARSE]"):
        theirs = UNPARSED.findall(theirs.partition("_val=")[0])[1:]
    else:
        theirs = values(theirs)
    ours = values(ours)
    if event == "sys_enter_openat" and ours and ours[-1][0] != "mode":
        theirs = theirs[:-1]
    return bool(ours) and numbers(theirs) == numbers(ours)


FORMS = {
    "funcgraph_entry": call, "funcgraph_exit": call_end,
    "function": function, "print": marker, "bprint": marker, "bputs": marker,
    "kernel_stack": stack_start("stack trace"),
    "user_stack": stack_start("user stack trace"), "raw_data": raw_data,
}


def page(event, text):
    return f"{event}: {BEYOND.sub('', text)}"


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


@functools.lru_cache
def their_flags(ours):
    """What an old and a new libtraceevent make of them."""
    irqs, resched, *rest = ours
    irqs = irqs.translate(IRQS_OFF)
    new = "".join((irqs, resched.translate(RESCHED_WITH_LAZY), *rest))
    if irqs == "." and resched in LAZY:
        irqs = "X"
    return "".join((irqs, resched.translate(RESCHED), *rest)), new


def same_text(theirs, ours):
    """Where we have a bare address they may have the symbol before it."""
    if theirs == ours:
        return True
    parts = BARE_ADDRESS.split(ours)
    return len(parts) > 1 and bool(
        re.fullmatch(r"\S+".join(map(re.escape, parts)), theirs))


def stack_entries(lines):
    """Names and addresses of "=> " lines, as many as trace-cmd prints."""
    entries = [STACK_LINE.sub("", line).replace(*TRAMPOLINE).strip(" <>")
               .removeprefix("0x").lstrip("0") for line in lines]
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
        self.addresses, self.of_kernel = {}, set()
        with open(path) as source:
            for line in source:
                address, _, name, *module = line.split()
                self.addresses.setdefault(name, set()).add(address)
                if not module:
                    self.of_kernel.add(name)

    def are_gone(self, names):
        """Functions of modules, of which one at least has no address any more."""
        return all(map(NAME.fullmatch, names)) and not self.of_kernel & set(names) and any(
            name not in self.addresses for name in names)

    def is_passed_over(self, name, other):
        """The kernel's is the one before it."""
        return name.startswith(".L") and any(
            before < label for before in self.addresses.get(other, ())
            for label in self.addresses.get(name, ()))

    def same(self, name, other):
        return name == other or UNNAMED.fullmatch(other) or bool(
            self.addresses.get(name, set()) & self.addresses.get(other, set())
        ) or self.are_gone((name, other)) or self.is_passed_over(name, other)

    def same_call(self, text, other):
        """Of the function tracer: NAME <-CALLER"""
        return self.same_stack(text.rstrip().split(" <-"), other.split(" <-"))

    def same_stack(self, names, others):
        return len(names) == len(others) and all(map(self.same, names, others))


def as_kernel_rounds(nanoseconds):
    micros = (nanoseconds + 500) // 1000
    return f"{micros // 1000000}.{micros % 1000000:06d}"


class Buffer:
    """What we show of one buffer, handed out line by line."""

    def __init__(self, symbols, name, clock, path, lost=None):
        self.symbols = symbols
        self.name = name
        self.counted = clock in COUNTED_CLOCKS
        # of a print format with a newline at its end
        self.events = whole(filter(None, events(path)))
        self.count = 0
        self.leaves = {}
        self.lost = None if lost is None else dict(
            word.split("=") for word in lost.split(",") if word)
        self.told = {}
        self.seen = set()

    def drop(self, cpu, count):
        if cpu in self.seen:
            raise Different(f"{self.name}: trace-cmd has {count} events dropped in the midst of "
                            f"CPU {cpu}")
        self.told[cpu] = count

    def check_end(self):
        for cpu in self.leaves:
            raise Different(f"{self.name}: trace-cmd has no end of a call on CPU {cpu}")
        for line, *_ in self.events:
            raise Different(f"{self.name}: trace-cmd has no more, we have\n  {line}")
        if self.lost is None:
            return
        told = {cpu: count or self.lost.get(cpu) for cpu, count in self.told.items()}
        if self.lost != told:
            raise Different(f"{self.name}: trace-cmd has dropped {told} where the kernel "
                            f"has {self.lost}")

    def is_time(self, seconds, fraction, ours):
        if not fraction:    # the file has that clock only
            return ours == seconds
        nanoseconds = int(seconds) * 1000000000 + int(fraction)
        if self.counted:
            return ours == str(nanoseconds)
        return ours in map(as_kernel_rounds, (nanoseconds, nanoseconds - LATE))

    def is_same(self, match, stack, line, our_stack):
        ours = OURS.match(line)
        comm, pid, cpu, flags, seconds, fraction, event, theirs = match.groups()
        text, _, first = in_kernel_form(event, theirs).partition("\n")
        return ours and ours.group(1, 2, 3) == (comm, pid, cpu) and self.is_time(
            seconds, fraction, ours.group(5)
        ) and (not flags or flags in self.flags(ours)) and (
            same_text(text.rstrip(), self.text(event, ours)) or
            event == "function" and self.symbols.same_call(text, self.text(event, ours)) or
            event.startswith("sys_enter_") and same_values(event, theirs, ours.group(6))
        ) and self.symbols.same_stack(stack_entries([first, *stack]), stack_entries(our_stack))

    def is_end_of_leaf(self, match):
        """An exit that has no line of ours; what it says must be in its entry's."""
        _, _, cpu, _, _, _, event, text = match.groups()
        if event != "funcgraph_exit" or cpu not in self.leaves:
            return False
        return self.leaves.pop(cpu) == call_end(event, text)

    def check(self, match, stack):
        if self.is_end_of_leaf(match):
            return
        line, *our_stack = next(self.events, [None])
        self.count += 1
        self.seen.add(str(int(match.group(3))))
        if not line or not self.is_same(match, stack, line, our_stack):
            raise Different(f"{self.name}, event {self.count}: trace-cmd has\n"
                            f"  {match.string}\nwe have\n  {line}")

    def flags(self, ours):
        return their_flags(ours.group(4))

    def call(self, text, cpu):
        """As if it were no leaf; its exit is expected next on this CPU."""
        leaf = OUR_LEAF.fullmatch(text)
        if not leaf:
            return OUR_CALL.sub(r"\1() {", text)
        self.leaves[cpu] = f"{leaf.group(1)}|  {leaf.group(2)}}}"
        return f"{'|':>15}  {leaf.group(2)}{leaf.group(3)}() {{"

    def text(self, event, ours):
        text = ours.group(6).rstrip()
        if event == "funcgraph_entry":
            return self.call(text, ours.group(3))
        if event == "funcgraph_exit":
            return OUR_END.sub(r"\1", text)
        if event.startswith("sys_enter_"):
            return text.replace("0x", "")
        if event == "function":
            return OUR_ARGS.sub("", text)
        if event == "raw_data":
            raw = RAW_DATA.match(text)
            return raw.group(0) if raw else text
        if event not in FORMS and not event.startswith("sys_"):
            name, colon, rest = SYMBOL_SIZE.sub(lambda size: size.group(1) or "", text).partition(": ")
            rest = BEYOND.sub("", rest) if event.startswith("mm_page_") else rest
            return f"{name}{colon}{rest.lstrip()}"
        return text


def named(buffers):
    """How a line says which buffer it is from; the top-level one has no name."""
    names = "|".join(re.escape(name) for name in buffers if name != "top")
    return re.compile(rf" *({names}): ")


def lines_of(path):
    """What cannot be parsed may have newlines in it, and what follows them is left out."""
    unparsed = False
    with open(path, errors="surrogateescape") as source:
        for line in source:
            if line.startswith("cpus=") or unparsed and not EVENT.match(line):
                continue
            unparsed = "[FAILED TO PARSE]" in line
            yield line.rstrip("\n")


def compare(report_path, buffers):
    """The number of events; Different when something is not the same."""
    buffers = {buffer.name: buffer for buffer in buffers}
    prefix, after_drop = named(buffers), None
    for line, *stack in whole(lines_of(report_path)):
        which = None if after_drop else prefix.match(line)
        buffer = after_drop or buffers[which.group(1) if which else "top"]
        start = which.end() if which else 0
        dropped = DROPPED.match(line, start)
        # the event follows on a line of its own, without the buffer's name
        after_drop = buffer if dropped else None
        if dropped:
            buffer.drop(*dropped.groups())
            continue
        match = LINE.match(line, start)
        if not match:
            raise Different(f"trace-cmd has\n  {line}\nwhich is no event")
        buffer.check(match, stack)
    for buffer in buffers.values():
        buffer.check_end()
    return sum(buffer.count for buffer in buffers.values())


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
