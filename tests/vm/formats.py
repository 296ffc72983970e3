# SPDX-License-Identifier: GPL-2.0-or-later
"""Which pages of a kdump ELF each event's format depends on.

Pages are physical: modules' memory, mapped elsewhere, is found by page tables.
"""

import re

PAGE = 4096
PRESENT, LARGE = 1, 0x80
FRAME = 0x000ffffffffff000


class Pages:
    """Reads by kernel virtual address; notes the pages it went through."""

    def __init__(self, kernel):
        self.core, self.seen = kernel.core, set()
        info = self.vmcoreinfo()
        self.root = self.physical_of_segment(
            int(re.search(rb"SYMBOL\(swapper_pg_dir\)=([0-9a-f]+)", info)[1], 16))
        five = b"NUMBER(pgtable_l5_enabled)=1" in info
        self.shifts = ([48] if five else []) + [39, 30, 21, 12]

    def vmcoreinfo(self):
        """The notes stand before all memory."""
        self.core.file.seek(0)
        return self.core.file.read(min(offset for _, _, offset, _ in self.core.segments))

    def physical_of_segment(self, address):
        for start, length, _, physical in self.core.segments:
            if start <= address < start + length:
                return physical + address - start
        raise LookupError(f"{address:#x} is not in the dump")

    def physical(self, address):
        try:
            return self.physical_of_segment(address)
        except LookupError:
            return self.walk(address)

    def address(self, place):
        """Where the dump has a physical page; None."""
        return next((start + place - physical for start, length, _, physical in self.core.segments
                     if physical <= place < physical + length), None)

    def walk(self, address):
        table = self.root
        for shift in self.shifts:
            entry = int.from_bytes(self.read_physical(
                table + 8 * (address >> shift & 511), 8), "little")
            if not entry & PRESENT:
                raise LookupError(f"{address:#x} is not mapped")
            if shift == 12 or entry & LARGE:
                mask = (1 << shift) - 1
                return entry & FRAME & ~mask | address & mask
            table = entry & FRAME
        return None

    def read_physical(self, at, size):
        for _, length, offset, physical in self.core.segments:
            if physical <= at < physical + length:
                self.core.file.seek(offset + at - physical)
                return self.core.file.read(size)
        raise LookupError(f"physical {at:#x} is not in the dump")

    def read(self, address, size):
        data = b""
        while len(data) < size:
            at = address + len(data)
            place = self.physical(at)
            self.seen.add(place & -PAGE)
            data += self.read_physical(place, min(size - len(data), PAGE - at % PAGE))
        return data

    def number(self, address, size=8):
        return int.from_bytes(self.read(address, size), "little")

    def text(self, address):
        found = b""
        while b"\0" not in found:
            found += self.read(address + len(found), 1 if (address + len(found) + 1) % PAGE == 0
                               else min(64, PAGE - (address + len(found)) % PAGE))
        return found.partition(b"\0")[0].decode(errors="replace")


class Formats:
    """`events`: {id: (name, pages)}; `common`: the pages without which there are none."""

    def __init__(self, kernel):
        self.known, self.pages = kernel.known, Pages(kernel)
        self.common, self.events = set(), {}
        self.common |= self.through(self.fields, kernel.at("ftrace_common_fields"))
        self.common |= self.strings()
        for call in list(self.calls(kernel.at("ftrace_events"))):
            number = self.get(call + self.known["trace_event_call.event"], "trace_event.type", 4)
            self.pages.seen = set()
            name = self.event(call)
            self.events[number] = (name, self.pages.seen)

    def strings(self):
        """Pages of strings that records have addresses of: they are no part of a format."""
        self.pages.seen = set()
        for section in ("trace_bprintk_fmt", "tracepoint_str"):
            start, stop = (self.known.get(f"__{end}___{section}", 0) for end in ("start", "stop"))
            for at in range(start, stop, 8):
                self.pages.text(self.pages.number(at))
        return self.pages.seen

    def through(self, function, *arguments):
        self.pages.seen = set()
        function(*arguments)
        return self.pages.seen

    def get(self, address, member, size=8):
        return self.pages.number(address + self.known[member], size)

    def string(self, address, member):
        return self.pages.text(self.get(address, member))

    def calls(self, head):
        """The list itself is kept: what is behind a break is another matter."""
        node = self.pages.number(head)
        while node != head:
            call = node - self.known["trace_event_call.list"]
            self.common |= self.through(self.get, call, "trace_event_call.list")
            self.common |= self.through(
                self.get, call + self.known["trace_event_call.event"], "trace_event.type", 4)
            yield call
            node = self.pages.number(node)

    def fields(self, head):
        node = self.pages.number(head + 8)
        while node != head:
            field = node - self.known["ftrace_event_field.link"]
            for member in ("name", "type"):
                self.string(field, f"ftrace_event_field.{member}")
            for member in ("offset", "size", "is_signed", "len"):
                if f"ftrace_event_field.{member}" in self.known:
                    self.get(field, f"ftrace_event_field.{member}", 1)
            node = self.pages.number(node + 8)

    def fields_head(self, call, kind):
        function = self.get(kind, "trace_event_class.get_fields")
        if not function:
            return kind + self.known["trace_event_class.fields"]
        member = ("syscall_metadata.enter_fields"
                  if function == self.known["syscall_get_enter_fields"] else "user_event.fields")
        return self.get(call, "trace_event_call.data") + self.known[member]

    def event(self, call):
        flags = self.get(call, "trace_event_call.flags", 4)
        kind = self.get(call, "trace_event_call.class")
        self.string(kind, "trace_event_class.system")
        custom = self.known.get("TRACE_EVENT_FL_CUSTOM", 0)
        if flags & custom or not flags & self.known["TRACE_EVENT_FL_TRACEPOINT"]:
            name = self.string(call, "trace_event_call.name")
        else:
            name = self.string(self.get(call, "trace_event_call.tp"), "tracepoint.name")
        self.fields(self.fields_head(call, kind))
        self.string(call, "trace_event_call.print_fmt")
        return name

    def hit(self, gone):
        """(id, name) of the events whose formats go through these physical pages."""
        return [(number, name) for number, (name, pages) in sorted(self.events.items())
                if pages & gone]
