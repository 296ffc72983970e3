# SPDX-License-Identifier: GPL-2.0-or-later
"""A kdump ELF as the programs that spoil copies of it see it: memory and rings."""

import struct

FLAGS = 3
COMMIT_MASK = (1 << 27) - 1


def read_description(path):
    """Offsets of members by "struct.member", addresses of symbols by name.

    Under "struct" how far its known members reach.
    """
    found = {}
    with open(path) as source:
        for line in source:
            kind, *words = line.split()
            if kind == "member":
                found[f"{words[0]}.{words[1]}"] = int(words[2])
                found[words[0]] = max(found.get(words[0], 0), int(words[2]) + int(words[3]))
            elif kind == "symbol":
                found[words[0]] = int(words[1], 16)
            elif kind == "enumerator":
                found[words[0]] = int(words[1])
    return found


def parts_without(row, pages):
    """A program header as those of what is left when the physical pages are gone."""
    kind, flags, offset, address, physical, length, memory, align = row
    cuts = sorted(page - physical for page in pages
                  if kind == 1 and physical <= page < physical + length)
    begin = 0
    for cut, after in [(cut, cut + 4096) for cut in cuts] + [(length, None)]:
        if cut > begin:
            rest = memory - begin if after is None else cut - begin
            yield (kind, flags, offset + begin, address + begin, physical + begin, cut - begin,
                   rest, align)
        begin = after


class Core:
    """The memory of a kdump ELF by kernel virtual address."""

    def __init__(self, path):
        self.file = open(path, "r+b")
        head = self.file.read(64)
        start, = struct.unpack_from("<Q", head, 32)
        size, count = struct.unpack_from("<HH", head, 54)
        self.segments = []
        for number in range(count):
            self.file.seek(start + number * size)
            kind, _, offset, address, physical, length = struct.unpack(
                "<IIQQQQ", self.file.read(40))
            if kind == 1:
                self.segments.append((address, length, offset, physical))

    def place(self, address):
        for start, length, offset, _ in self.segments:
            if start <= address < start + length:
                return offset + address - start
        raise LookupError(f"{address:#x} is not in the dump")

    def read(self, address, size):
        self.file.seek(self.place(address))
        return self.file.read(size)

    def copies(self, address):
        """Where it is in the file: what was freed of the kernel image is there
        twice, in the image's segment and in the direct map's."""
        at = self.place(address)
        wanted = next(physical + at - offset for _, length, offset, physical in self.segments
                      if offset <= at < offset + length)
        return [offset + wanted - physical for _, length, offset, physical in self.segments
                if physical <= wanted < physical + length]

    def write(self, address, data):
        for place in self.copies(address):
            self.file.seek(place)
            self.file.write(data)

    def pointer(self, address):
        return struct.unpack("<Q", self.read(address, 8))[0]

    def set_pointer(self, address, value):
        self.write(address, struct.pack("<Q", value))

    def text(self, address):
        return self.read(address, 64).split(b"\0")[0].decode()

    def drop(self, pages):
        """Take pages out: what held them gets several program headers."""
        wanted = {physical + self.place(page) - offset
                  for page in pages for _, length, offset, physical in self.segments
                  if offset <= self.place(page) < offset + length}
        self.file.seek(0)
        head = bytearray(self.file.read(64))
        start, = struct.unpack_from("<Q", head, 32)
        size, count = struct.unpack_from("<HH", head, 54)
        self.file.seek(start)
        rows = [struct.unpack("<IIQQQQQQ", self.file.read(size)) for _ in range(count)]
        first = min(row[2] for row in rows)
        rows = [part for row in rows for part in parts_without(row, wanted)]
        # crash looks for them behind the file's head
        if start + size * len(rows) > first:
            raise ValueError("no room for so many program headers")
        self.file.seek(start)
        self.file.write(b"".join(struct.pack("<IIQQQQQQ", *row) for row in rows))
        struct.pack_into("<H", head, 56, len(rows))
        self.file.seek(0)
        self.file.write(head)

    def hole(self):
        """An address of the direct map whose memory is not in the dump."""
        direct = sorted((start, length) for start, length, _, physical in self.segments
                        if start - physical == self.direct_map())
        (start, length), (following, _) = direct[-2:]
        return (start + length + following) // 2 & ~4095

    def direct_map(self):
        """Its offset: all segments but the kernel image's, which is at the top."""
        start, _, _, physical = min(self.segments)
        return start - physical


class Ring:
    """One CPU's ring: the nodes of its pages with unread events, oldest first."""

    def __init__(self, kernel, cpu_buffer):
        self.core, self.at, self.address = kernel.core, kernel.at, cpu_buffer
        self.nodes = [self.core.pointer(cpu_buffer + self.at("ring_buffer_per_cpu.reader_page"))]
        commit = self.core.pointer(cpu_buffer + self.at("ring_buffer_per_cpu.commit_page"))
        if commit != self.nodes[0]:
            ring = self.ring_order(self.core.pointer(
                cpu_buffer + self.at("ring_buffer_per_cpu.pages")))
            self.nodes += ring[:ring.index(commit) + 1]

    def ring_order(self, start):
        """From the page that a link flags as the head."""
        ring, head, node = [], 0, start & ~FLAGS
        while not ring or node != ring[0]:
            ring.append(node)
            link = self.core.pointer(node)
            if link & FLAGS:
                head = len(ring)
            node = link & ~FLAGS
        head %= len(ring)
        return ring[head:] + ring[:head]

    def data(self, node):
        return self.core.pointer(node + self.at("buffer_page.page"))

    def time(self, number):
        """Where in time page `number` begins; behind the last one never ends."""
        if number >= len(self.nodes):
            return 1 << 63
        return self.core.pointer(self.data(self.nodes[number]))


class Kernel:
    def __init__(self, vmcore, description):
        self.core = Core(vmcore)
        self.known = read_description(description)
        # of the image: enumerators are small, offsets of members too
        self.symbols = [value for value in self.known.values() if value >> 63]

    def at(self, name):
        return self.known[name]

    def instances(self):
        """{name: struct trace_array}"""
        head = self.at("ftrace_trace_arrays")
        node, found = self.core.pointer(head), {}
        while node != head:
            array = node - self.at("trace_array.list")
            name = self.core.pointer(array + self.at("trace_array.name"))
            found[self.core.text(name) if name else "top"] = array
            node = self.core.pointer(node)
        return found

    def snapshot_at(self):
        """Where in a struct trace_array its snapshot is; None where there are none."""
        return self.known.get("trace_array.max_buffer",
                              self.known.get("trace_array.snapshot_buffer"))

    def ring_buffer(self, name):
        """Its struct trace_buffer"""
        instance, _, snapshot = name.partition("/")
        buffer = self.instances()[instance] + (
            self.snapshot_at() if snapshot else self.at("trace_array.array_buffer"))
        return self.core.pointer(buffer + self.at("array_buffer.buffer"))

    def cpu_table(self, name):
        return self.core.pointer(self.ring_buffer(name) + self.at("trace_buffer.buffers"))

    def ring(self, name, cpu):
        return Ring(self, self.core.pointer(self.cpu_table(name) + 8 * cpu))
