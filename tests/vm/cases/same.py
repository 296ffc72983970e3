#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Is what pstore_rb shows the kernel's own text, and trace-cmd's?

Usage: same.py WORD-DIRECTORY KERNEL-TEXT OUR-TEXT

Lines that are equal are equal. A line that is not is compared by these rules,
and only by those that its event's print format calls for. docs/text.md tells
them too.

The kernel's trace file:
  comment    lines that begin with "#" and a blank, or are "#" alone, or
             "##### CPU n buffer started" are not events
  pointer    %p: the kernel prints 16 digits, a hash; we print the address.
             Over all texts of a boot one hash must go with one address
             and one address with one hash, and zero with zero
  beyond     what libtraceevent cannot evaluate is not compared: the table BEYOND
"""

import os
import re
import sys

# What only the kernel can work out, by what stands in the print format: this
# part of a line is not compared.
BEYOND = {
    # the address of a page by the value of a variable; the frame number is compared
    "vmemmap_base": re.compile(r"page=\S+"),
}

EVENT_LINE = re.compile(
    r" *(?P<comm>.+)-(?P<pid>-?\d+) +\[(?P<cpu>\d+)\] (?P<flags>\S{5}) +"
    r"(?P<time>\d[\d.]*): (?P<event>[^:( ]+)")
POINTER = re.compile(r"\b[0-9a-f]{16}\b")
BARE_POINTER = re.compile(r"%p(?![A-Za-z])")


def is_comment(line):
    return line.startswith("#")


def events(path):
    """The lines of a text that are not comments."""
    with open(path, errors="surrogateescape") as source:
        for line in source:
            if not is_comment(line):
                yield line.rstrip("\n")


class Different(Exception):
    """Two texts are not the same."""


class Boot:
    """What the rules need to know of the boot that was traced."""

    def __init__(self, formats):
        self.formats = formats
        self.hash_of = {}
        self.address_of = {}
        self.used = dict.fromkeys(("pointer", "beyond"), 0)

    def pointer(self, word, ours):
        """Can the kernel's hash `word` stand for our address?"""
        digits, address = int(word, 16), int(ours, 16)
        if not digits or not address:
            return digits == address
        return (self.hash_of.setdefault(address, digits) == digits and
                self.address_of.setdefault(digits, address) == address)

    def pointers(self, kernel, ours, most):
        """The lines with pointers made equal, if at most `most` differ."""
        words, addresses = POINTER.findall(kernel), POINTER.findall(ours)
        if len(words) != len(addresses):
            return kernel, ours
        differ = [(w, a) for w, a in zip(words, addresses) if w != a]
        if len(differ) > most or not all(self.pointer(w, a) for w, a in differ):
            return kernel, ours
        self.used["pointer"] += 1
        return POINTER.sub("PTR", kernel), POINTER.sub("PTR", ours)

    def translated(self, event, kernel, ours):
        fmt = self.formats.get(event, "")
        for reason, pattern in BEYOND.items():
            if reason in fmt:
                self.used["beyond"] += 1
                kernel, ours = pattern.sub("", kernel), pattern.sub("", ours)
        bare = len(BARE_POINTER.findall(fmt))
        if kernel != ours and bare:
            kernel, ours = self.pointers(kernel, ours, bare)
        return kernel, ours

    def line(self, kernel, ours):
        """Is our line the kernel's, by the rules?"""
        match = EVENT_LINE.match(kernel)
        if not match or not ours.startswith(match.group(0)):
            return False
        kernel, ours = self.translated(match.group("event"), kernel[match.end():],
                                       ours[match.end():])
        return kernel == ours


def load_boot(word):
    """From the guest's own files."""
    formats = {}
    for folder, _, files in os.walk(f"{word}/events"):
        if "format" in files:
            with open(f"{folder}/format") as source:
                _, _, fmt = source.read().partition("print fmt: ")
            formats[os.path.basename(folder)] = fmt
    return Boot(formats)


def compare(boot, kernel_path, our_path):
    """The number of lines; Different when they are not the same text."""
    ours, count = events(our_path), 0
    for count, line in enumerate(events(kernel_path), 1):
        mine = next(ours, None)
        if line != mine and not (mine and boot.line(line, mine)):
            raise Different(f"line {count}: the kernel has\n  {line}\nwe have\n  {mine}")
    mine = next(ours, None)
    if mine is not None:
        raise Different(f"line {count + 1}: the kernel has no more, we have\n  {mine}")
    return count


def main():
    boot = load_boot(sys.argv[1])
    try:
        count = compare(boot, sys.argv[2], sys.argv[3])
    except Different as difference:
        sys.exit(str(difference))
    print(f"{count} lines are the same; by rule: {boot.used}")


if __name__ == "__main__":
    main()
