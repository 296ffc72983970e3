#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Read a trace.dat of version 6 or 7, strictly: written from trace-cmd's
Documentation/trace-cmd/trace-cmd.dat.v{6,7}.5.txt, and not from our writer.

Usage: tracedat.py FILE
"""

import struct
import sys

MAGIC = b"\x17\x08\x44tracing"
OPTIONS, BUFFER_DATA = 0, 3
HEADER_INFO, FTRACE_EVENTS, EVENT_FORMATS = 16, 17, 18
KALLSYMS, PRINTK, CMDLINES = 19, 20, 21
OPTION_NAMES = {
    0: "DONE", 2: "CPUSTAT", 3: "BUFFER", 4: "TRACECLOCK", 5: "UNAME", 8: "CPUCOUNT",
    9: "VERSION", 11: "TRACEID", 16: "HEADER_INFO", 17: "FTRACE_EVENTS",
    18: "EVENT_FORMATS", 19: "KALLSYMS", 20: "PRINTK", 21: "CMDLINES",
}
COMMIT_MASK = (1 << 27) - 1
PADDING, TIME_EXTEND, TIME_STAMP = 29, 30, 31


class Malformed(Exception):
    """The file breaks its own rules."""


class Cursor:
    """Numbers and strings out of bytes, little-endian."""

    def __init__(self, data, at=0):
        self.data, self.at = data, at

    def take(self, size):
        piece = self.data[self.at:self.at + size]
        if len(piece) != size:
            raise Malformed(f"{size} bytes wanted at {self.at}, {len(piece)} there")
        self.at += size
        return piece

    def number(self, size):
        return int.from_bytes(self.take(size), "little")

    def text(self):
        end = self.data.find(b"\0", self.at)
        if end < 0:
            raise Malformed(f"no end of the string at {self.at}")
        return self.take(end + 1 - self.at)[:-1].decode(errors="surrogateescape")

    def sized(self, width):
        return self.take(self.number(width)).decode(errors="surrogateescape")

    def end(self, what):
        if self.at != len(self.data):
            raise Malformed(f"{len(self.data) - self.at} bytes behind {what}")


class Buffer:
    def __init__(self, cursor):
        self.section = cursor.number(8)
        self.name = cursor.text()
        self.clock = cursor.text()
        self.page_size = cursor.number(4)
        self.cpus = {}
        for _ in range(cursor.number(4)):
            cpu, offset, size = (cursor.number(width) for width in (4, 8, 8))
            if cpu in self.cpus:
                raise Malformed(f"buffer {self.name} has CPU {cpu} twice")
            self.cpus[cpu] = (offset, size)
        cursor.end(f"the option of buffer {self.name}")


class Table:
    """A buffer of version 6: a name, where each CPU's data are, and its clock."""

    def __init__(self, cursor, name, page_size, nr_cpus):
        self.name, self.page_size = name, page_size
        if cursor.take(10) != b"flyrecord\0":
            raise Malformed(f"no table of buffer {name}")
        places = ((cpu, cursor.number(8), cursor.number(8)) for cpu in range(nr_cpus))
        self.cpus = {cpu: (offset, size) for cpu, offset, size in places if size}
        self.clock = cursor.sized(8)
        if self.clock[0] + self.clock[-1] != "[]":
            raise Malformed(f"clock {self.clock} of buffer {name}")
        self.clock = self.clock.strip("[]")


def open_dat(path):
    """A TraceDat or a TraceDat6."""
    with open(path, "rb") as source:
        data = source.read()
    kinds = {MAGIC + b"6\0": TraceDat6, MAGIC + b"7\0": TraceDat}
    if data[:len(MAGIC) + 2] not in kinds:
        raise Malformed("no magic of version 6 or 7")
    return kinds[data[:len(MAGIC) + 2]](data)


class TraceDat:
    version = 7

    def __init__(self, data):
        self.data = data
        self.covered = []
        self.options = []
        self.read_all()

    def read_all(self):
        self.read_head()
        self.read_options(self.options_at)
        self.buffers = [Buffer(Cursor(data)) for number, data in self.options
                        if number == BUFFER_DATA]
        for buffer in self.buffers:
            self.check_buffer(buffer)
        self.check_coverage()

    def begin(self):
        """The part of the head that both versions have."""
        cursor = Cursor(self.data, len(MAGIC) + 2)
        if cursor.number(1) != 0:
            raise Malformed("not little-endian")
        self.long_size = cursor.number(1)
        self.page_size = cursor.number(4)
        return cursor

    def read_head(self):
        cursor = self.begin()
        compression = cursor.text(), cursor.text()
        if compression != ("none", ""):
            raise Malformed(f"compression {compression}")
        self.options_at = cursor.number(8)
        self.covered.append((0, cursor.at))

    def section(self, at, number):
        """The content of the section at `at`, which must be of type `number`."""
        cursor = Cursor(self.data, at)
        found, flags, _, size = (cursor.number(width) for width in (2, 2, 4, 8))
        if found != number or flags:
            raise Malformed(f"section {found}, flags {flags} at {at}, wanted {number}")
        content = cursor.take(size)
        self.covered.append((at, cursor.at))
        return content

    def read_options(self, at):
        while at:
            cursor = Cursor(self.section(at, OPTIONS))
            number = None
            while number != 0:
                number = cursor.number(2)
                self.options.append((number, cursor.take(cursor.number(4))))
            cursor.end("the last option")
            _, following = self.options.pop()
            at = int.from_bytes(following, "little")

    def option(self, number):
        found = [data for which, data in self.options if which == number]
        if len(found) != 1:
            raise Malformed(f"{len(found)} options {OPTION_NAMES.get(number, number)}")
        return found[0]

    def option_text(self, number):
        return self.option(number).rstrip(b"\0").decode()

    def meta(self, number):
        at = int.from_bytes(self.option(number), "little")
        return Cursor(self.section(at, number))

    def check_buffer(self, buffer):
        content = self.section(buffer.section, BUFFER_DATA)
        start = buffer.section + 16
        for cpu, (offset, size) in buffer.cpus.items():
            where = f"buffer {buffer.name}, CPU {cpu}"
            if offset < start or offset + size > start + len(content):
                raise Malformed(f"{where} lies outside its section")
            if offset % buffer.page_size or size % buffer.page_size or not size:
                raise Malformed(f"{where}: {size} bytes at {offset}")

    def check_coverage(self):
        """Every byte belongs to one section."""
        for number in (HEADER_INFO, FTRACE_EVENTS, EVENT_FORMATS, KALLSYMS, PRINTK,
                       CMDLINES):
            self.meta(number)
        at = 0
        for start, end in sorted(set(self.covered)):
            if start != at:
                raise Malformed(f"bytes {at} to {start} belong to no section")
            at = end
        if at != len(self.data):
            raise Malformed(f"the file goes on behind {at}")

    def headers(self):
        cursor = self.meta(HEADER_INFO)
        texts = {}
        for name in ("header_page", "header_event"):
            if cursor.text() != name:
                raise Malformed(f"no {name}")
            texts[name] = cursor.sized(8)
        cursor.end("the headers")
        return texts

    def formats(self):
        """Texts of event formats by (system, event)."""
        cursor, found = self.meta(FTRACE_EVENTS), {}
        for _ in range(cursor.number(4)):
            add_format(found, "ftrace", cursor.sized(8))
        cursor.end("the formats of ftrace")
        cursor = self.meta(EVENT_FORMATS)
        for _ in range(cursor.number(4)):
            system = cursor.text()
            for _ in range(cursor.number(4)):
                add_format(found, system, cursor.sized(8))
        cursor.end("the formats")
        return found

    def kallsyms(self):
        return self.meta(KALLSYMS).sized(4)

    def printk(self):
        return self.meta(PRINTK).sized(4)

    def cmdlines(self):
        return self.meta(CMDLINES).sized(8)

    def stats(self):
        """CPUSTAT: {buffer: {cpu: {name: text}}}"""
        buffer, cpu, found = "top", None, {}
        texts = [data.rstrip(b"\0").decode() for number, data in self.options
                 if number == 2]
        for line in "\n".join(texts).splitlines():
            name, _, value = line.partition(":")
            if name == "Buffer":
                buffer = value.strip()
            elif name == "CPU":
                cpu = found.setdefault(buffer, {}).setdefault(int(value), {})
            elif value:
                cpu[name] = value.strip()
        return found

    def pages(self, buffer, cpu):
        offset, size = buffer.cpus[cpu]
        for at in range(offset, offset + size, buffer.page_size):
            yield self.data[at:at + buffer.page_size]

    def events(self, buffer, cpu):
        """Every event's record, header excluded."""
        for page in self.pages(buffer, cpu):
            yield from page_events(page)


class TraceDat6(TraceDat):
    """Blocks in a fixed order; only the data are pointed at."""

    version = 6

    def read_all(self):
        cursor = self.begin()
        self.blocks = {}
        for number, skip in (
                (HEADER_INFO, self.skip_headers), (FTRACE_EVENTS, self.skip_formats),
                (EVENT_FORMATS, self.skip_systems), (KALLSYMS, lambda at: at.sized(4)),
                (PRINTK, lambda at: at.sized(4)), (CMDLINES, lambda at: at.sized(8))):
            start = cursor.at
            skip(cursor)
            self.blocks[number] = self.data[start:cursor.at]
        self.nr_cpus = cursor.number(4)
        self.read_options(cursor)
        self.read_tables(cursor)
        self.check_data(cursor.at)

    @staticmethod
    def skip_headers(cursor):
        for _ in range(2):
            cursor.text()
            cursor.sized(8)

    @staticmethod
    def skip_formats(cursor):
        for _ in range(cursor.number(4)):
            cursor.sized(8)

    def skip_systems(self, cursor):
        for _ in range(cursor.number(4)):
            cursor.text()
            self.skip_formats(cursor)

    def read_options(self, cursor):
        if cursor.take(10) != b"options  \0":
            raise Malformed("no options")
        while number := cursor.number(2):
            self.options.append((number, cursor.take(cursor.number(4))))

    def read_tables(self, cursor):
        """The top-level table, then the others, which options point at."""
        self.buffers = [Table(cursor, "", self.page_size, self.nr_cpus)]
        for number, data in self.options:
            if number != BUFFER_DATA:
                continue
            option = Cursor(data)
            if option.number(8) != cursor.at:
                raise Malformed(f"a table is not at {cursor.at}")
            name = option.text()
            option.end(f"the option of buffer {name}")
            self.buffers.append(Table(cursor, name, self.page_size, self.nr_cpus))

    def check_data(self, end):
        """All data behind the tables, aligned, with nothing but zeros between."""
        for at, size in sorted(place for buffer in self.buffers
                               for place in buffer.cpus.values()):
            if at < end or at % self.page_size or size % self.page_size:
                raise Malformed(f"{size} bytes at {at}, behind {end}")
            if self.data[end:at].strip(b"\0"):
                raise Malformed(f"something between {end} and {at}")
            end = at + size
        if end != len(self.data):
            raise Malformed(f"the file goes on behind {end}")

    def meta(self, number):
        return Cursor(self.blocks[number])


def add_format(found, system, text):
    name = text.split("\n", 1)[0].removeprefix("name: ")
    if (system, name) in found:
        raise Malformed(f"the format of {system}:{name} is there twice")
    found[system, name] = text


def page_events(page):
    at, end = 16, 16 + (struct.unpack_from("<Q", page, 8)[0] & COMMIT_MASK)
    if end > len(page):
        raise Malformed(f"commit {end - 16} in a page of {len(page)}")
    while at < end:
        word, first = struct.unpack_from("<II", page, at) if at + 8 <= end else (
            struct.unpack_from("<I", page, at)[0], 0)
        kind = word & 31
        size, data = (kind * 4 + 4, at + 4) if kind else (first + 4, at + 8)
        if kind == PADDING:
            if not word >> 5:
                break
            size = first + 4
        elif kind in (TIME_EXTEND, TIME_STAMP):
            size = 8
        else:
            yield page[data:at + size]
        if at + size > end:
            raise Malformed(f"an event of {size} bytes at {at} of {end}")
        at += size


def main():
    dat = open_dat(sys.argv[1])
    for number, data in dat.options:
        if number != BUFFER_DATA:
            print(f"{OPTION_NAMES.get(number, number)}: {data[:60]!r}")
    for buffer in dat.buffers:
        print(f"buffer {buffer.name!r}, clock {buffer.clock}, sub-buffers of "
              f"{buffer.page_size}, CPUs {list(buffer.cpus)}")
    print(f"{len(dat.formats())} event formats")


if __name__ == "__main__":
    main()
