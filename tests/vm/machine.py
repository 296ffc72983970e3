# SPDX-License-Identifier: GPL-2.0-or-later
"""A QEMU machine: its process, its QMP monitor, and the guest's requests.

The guest speaks through two virtio ports. `out` is a plain stream of bytes
that QEMU appends to a file; `host` carries one request a line and one answer
a line. A file leaves the guest as `file-begin NAME` on host, its bytes on out,
`file-end` on host.
"""

import contextlib
import ctypes
import json
import mmap
import os
import random
import re
import select
import signal
import socket
import subprocess
import time

from gdb import Gdb

PR_SET_PDEATHSIG = 1
SPARSE_BLOCK = 1 << 16
TICK = 0.2
PANIC = re.compile(rb"Kernel panic - not syncing[^\r\n]*")
# The machine has said its last word this long after a panic nobody handles.
PANIC_GRACE = 3
# Enough for a dump of some gigabytes.
QMP_TIMEOUT = 300
# How often QEMU may fail by itself, and how it ends then, in a shell or not: by an assertion
# of its own, or killed since nothing came in so many seconds after a reset
LIVES = 3
FAILED = (-signal.SIGABRT, 128 + signal.SIGABRT, -signal.SIGKILL, 128 + signal.SIGKILL)
SILENCE = 120
# A CPU that is to get to an address does so in this time.
GDB_TIMEOUT = 60


def die_with_parent():
    """Run in the child: no QEMU outlives the runner, even a killed one."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def copy_sparse(source, target):
    """Copy a file to its end, leaving holes for blocks of zeros."""
    while block := source.read(SPARSE_BLOCK):
        if block.count(0) == len(block):
            target.seek(len(block), os.SEEK_CUR)
        else:
            target.write(block)
    target.truncate(target.tell())


class Refused(Exception):
    """A request that cannot be done; its text goes back to the guest."""


class Lines:
    """A socket as lines of text."""

    def __init__(self, sock):
        self.sock = sock
        self.buffer = b""

    def fileno(self):
        return self.sock.fileno()

    def send(self, text):
        """To nobody when the other side has ended: ready() will tell."""
        with contextlib.suppress(ConnectionError):
            self.sock.sendall(text.encode() + b"\n")

    def ready(self):
        """Receive once; return the whole lines, or None at the end."""
        try:
            data = self.sock.recv(1 << 16)
        except ConnectionError:
            return None
        if not data:
            return None
        *lines, self.buffer = (self.buffer + data).split(b"\n")
        return [line.decode(errors="replace") for line in lines]


class Monitor:
    """QMP: one command at a time; events gather in .events."""

    def __init__(self, sock):
        sock.settimeout(QMP_TIMEOUT)
        self.lines = Lines(sock)
        self.events = []
        self.answers = []
        self.closed = False

    def read(self):
        lines = self.lines.ready()
        if lines is None:
            self.closed = True
            return
        for message in map(json.loads, lines):
            if "event" in message:
                self.events.append(message)
            elif "QMP" not in message:
                self.answers.append(message)

    def command(self, name, **arguments):
        request = {"execute": name, "arguments": arguments}
        self.lines.send(json.dumps(request))
        while not self.answers:
            self.read()
            if self.closed:
                raise Refused("QEMU has ended")
        answer = self.answers.pop()
        if "error" in answer:
            raise Refused(answer["error"]["desc"])
        return answer["return"]


class Machine:
    """One run of QEMU, over as many boots as .boots allows.

    After run(), these tell what happened: timed_out, exit_status (of the
    script, or None), panic (its line, or None), captured (a vmcore is whole),
    power_cut (by the script), boot (the number of the last boot, above .boots
    when the machine was reset too often).
    """

    def __init__(self, out, temp, say, boots=1, kdump=False, ram_file=None):
        self.out = out
        self.temp = temp
        self.say = say
        self.boots = boots
        self.kdump = kdump
        self.ram_file = ram_file

        self.boot = 1
        self.asked = False
        self.lives = LIVES
        self.timed_out = False
        self.exit_status = None
        self.panic = None
        self.captured = False
        self.power_cut = False

        self.console_offset = 0
        self.reset_offset = 0
        self.panic_time = None
        self.file_name = None
        self.delayed = []
        self.kept = ""

    # The machine's life

    def start(self, command, **popen):
        """Start QEMU: `command` with its sockets and streams appended."""
        self.command, self.popen = command, popen
        qmp, qmp_far = socket.socketpair()
        host, host_far = socket.socketpair()
        self.stream = open(f"{self.temp}/stream", "wb+")
        arguments = [
            "-chardev", f"socket,id=qmp,fd={qmp_far.fileno()}",
            "-mon", "chardev=qmp,mode=control",
            "-device", "virtio-serial",
            "-chardev", f"socket,id=host,fd={host_far.fileno()}",
            "-device", "virtserialport,chardev=host,name=host",
            "-chardev", f"file,id=out,path={self.stream.name},append=on",
            "-device", "virtserialport,chardev=out,name=out",
        ]
        self.process = subprocess.Popen(
            command + arguments,
            pass_fds=(qmp_far.fileno(), host_far.fileno()),
            preexec_fn=die_with_parent, **popen)
        qmp_far.close()
        host_far.close()
        self.monitor = Monitor(qmp)
        self.requests = Lines(host)

    def run(self, timeout, boot_timeout):
        """Serve the guest until it is over; always leaves no process."""
        start = self.boot_start = time.monotonic()
        try:
            self.monitor.command("qmp_capabilities")
            while not self.over() or self.start_again():
                if time.monotonic() > min(start + timeout, self.boot_start + boot_timeout):
                    self.timed_out = True
                    self.tell_of_hang()
                    break
                if self.is_silent():
                    self.process.kill()
                self.serve()
        except Refused as refusal:
            self.say(f"QEMU: {refusal}")
        finally:
            self.kill()

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.stream.close()

    def is_silent(self):
        """Has the guest never begun after a reset, where it can be started again?"""
        return (self.ram_file and self.lives and not self.asked and
                self.console_offset == self.reset_offset and
                time.monotonic() > self.boot_start + SILENCE)

    def tell_of_hang(self):
        try:
            with open(self.path("hung.registers"), "w") as file:
                file.write(self.human("info registers -a"))
            self.request_dump("hung.vmcore")
        except (Refused, OSError) as why:
            self.say(f"QEMU does not tell where it hangs: {why}")

    def start_again(self):
        """QEMU 10 has assertions of its own that fail once in a hundred resets. Where memory is
        a file that is a reset, too. Whether it has been started."""
        if not (self.monitor.closed and self.ram_file and self.lives and
                self.process.wait() in FAILED):
            return False
        self.lives -= 1
        self.say("QEMU failed by itself; starting it again")
        self.stream.close()
        self.file_name, self.delayed = None, []
        # a boot of which the guest knows nothing is not one
        if self.asked:
            self.count_boot()
        self.boot_start = time.monotonic()
        self.start(self.command, **self.popen)
        self.monitor.command("qmp_capabilities")
        return True

    def over(self):
        if self.monitor.closed or self.power_cut or self.boot > self.boots:
            return True
        if self.panic_time and not self.kdump and self.boot == self.boots:
            return time.monotonic() > self.panic_time + PANIC_GRACE
        return False

    def serve(self):
        watched = [self.monitor.lines, self.requests]
        ready = select.select(watched, [], [], TICK)[0]
        # a reset comes before what the next boot asks
        if self.monitor.lines in ready:
            self.monitor.read()
        self.serve_events()
        if self.requests in ready:
            self.serve_requests()
        self.serve_delayed()
        self.watch_console()

    def serve_events(self):
        for event in self.monitor.events:
            if event["event"] == "RESET":
                self.count_boot()
        self.monitor.events.clear()

    def count_boot(self):
        """The firmware resets once more by itself, before any output."""
        self.watch_console()
        if self.console_offset == self.reset_offset:
            return
        self.reset_offset = self.console_offset
        self.panic_time = None
        self.asked = False
        self.boot_start = time.monotonic()
        # what was to end it is not to end the next one
        self.delayed = [entry for entry in self.delayed if entry[1] != ("reset",)]
        self.boot += 1
        self.say(f"reset, boot {self.boot}")

    def watch_console(self):
        with open(f"{self.out}/console.log", "rb") as console:
            console.seek(self.console_offset)
            text = console.read()
        # The last line may be cut in the middle: look at it again.
        self.console_offset += text.rfind(b"\n") + 1
        found = PANIC.search(text)
        if found and not self.panic_time:
            self.panic_time = time.monotonic()
            self.panic = found[0].decode(errors="replace")
            self.say(self.panic)

    # The guest's requests

    def serve_requests(self):
        """A line is TAG REQUEST...; the answer bears the same tag."""
        for line in self.requests.ready() or []:
            tag, *words = line.split() or [""]
            self.requests.send(f"{tag} {self.answer(words)}")

    def answer(self, words):
        try:
            return f"ok {self.perform(words)}"
        except Refused as refusal:
            return f"error {refusal}"
        except (OSError, TypeError, ValueError) as error:
            return f"error {' '.join(words)}: {error}"

    def perform(self, words):
        if not words or words[0] not in self.REQUESTS:
            raise Refused(f"unknown request: {' '.join(words)}")
        return self.REQUESTS[words[0]](self, *words[1:]) or ""

    def serve_delayed(self):
        now = time.monotonic()
        due = [words for when, words in self.delayed if when <= now]
        self.delayed = [entry for entry in self.delayed if entry[0] > now]
        for words in due:
            self.say(f"{' '.join(words)}: {self.answer(words)}")

    def path(self, name):
        if name != os.path.basename(name) or name.startswith("."):
            raise Refused(f"not a file name: {name}")
        return f"{self.out}/{name}"

    def request_boot_count(self):
        self.asked = True
        return self.boot

    def request_spoil(self, seed, start, size):
        """Bits, lines and blocks; the first page, of which most depends, as much as the rest."""
        if not self.ram_file:
            raise Refused("spoil needs run --ram-file")
        start, size = int(start, 0), int(size, 0)
        rng = random.Random(int(seed))
        self.monitor.command("stop")
        with open(self.ram_file, "r+b") as file, mmap.mmap(file.fileno(), 0) as memory:
            for _ in range(rng.randint(1, 200)):
                at = start + rng.randrange(rng.choice((4096, size)))
                length = rng.choice((1, 1, 64, 4096))
                end = min(at + length, start + size)
                memory[at:end] = rng.choice((bytes, rng.randbytes))(end - at)
        self.monitor.command("system_reset")
        self.monitor.command("cont")

    def request_keep(self, *words):
        """For the boots to come"""
        self.kept = " ".join(words)

    def request_kept(self):
        return self.kept

    def request_exit(self, status):
        self.exit_status = int(status)

    def request_captured(self):
        """Answers what the capture kernel is to do next."""
        self.captured = True
        return "reboot" if self.boot < self.boots else "poweroff"

    def request_file_begin(self, name):
        self.file_name = self.path(name)
        os.truncate(self.stream.fileno(), 0)

    def request_file_end(self):
        if not self.file_name:
            raise Refused("file-end without file-begin")
        self.stream.seek(0)
        with open(self.file_name, "wb") as target:
            copy_sparse(self.stream, target)
        os.truncate(self.stream.fileno(), 0)
        self.file_name = None

    def request_nmi(self):
        self.monitor.command("inject-nmi")

    def request_nmis(self, seconds):
        end, number = time.monotonic() + float(seconds), 0
        while time.monotonic() < end:
            self.request_nmi()
            number += 1
        return number

    def request_reset(self):
        self.monitor.command("system_reset")

    def request_stop(self, seconds):
        self.request_after(seconds, "cont")
        self.monitor.command("stop")

    def request_cont(self):
        self.monitor.command("cont")

    def request_power_cut(self):
        self.power_cut = True

    def request_dump(self, name, format="elf"):
        self.monitor.command("dump-guest-memory", paging=False,
                             protocol=f"file:{self.path(name)}", format=format)

    def request_at(self, address, cpu, *words):
        """The guest stands still when CPU gets to ADDRESS, REQUEST is done, it goes on."""
        path = f"{self.temp}/gdb"
        self.human(f"gdbserver unix:{path},server=on,wait=off")
        stub = Gdb(path, GDB_TIMEOUT)
        try:
            stub.reach(int(address, 16), int(cpu))
            answer = self.perform(words)
        finally:
            stub.detach()
        return answer

    def human(self, line):
        return self.monitor.command("human-monitor-command", **{"command-line": line})

    def request_steps(self, name):
        """One instruction at a time, each a line of the file, until steps-end"""
        self.human(f"logfile {self.path(name)}")
        self.human("one-insn-per-tb on")
        self.human("log nochain,exec")

    def request_steps_end(self):
        self.human("log none")
        self.human("one-insn-per-tb off")

    def request_snapshot_ram(self, name):
        if not self.ram_file:
            raise Refused("snapshot-ram needs run --ram-file")
        # within `at` it stands still already, and is not to go on yet
        running = self.monitor.command("query-status")["running"]
        if running:
            self.monitor.command("stop")
        with open(self.ram_file, "rb") as ram, \
                open(self.path(name), "wb") as target:
            copy_sparse(ram, target)
        if running:
            self.monitor.command("cont")

    def request_after(self, seconds, *words):
        self.delayed.append((time.monotonic() + float(seconds), words))

    REQUESTS = {
        "after": request_after,
        "at": request_at,
        "boot-count": request_boot_count,
        "captured": request_captured,
        "cont": request_cont,
        "dump": request_dump,
        "exit": request_exit,
        "file-begin": request_file_begin,
        "file-end": request_file_end,
        "keep": request_keep,
        "kept": request_kept,
        "nmi": request_nmi,
        "nmis": request_nmis,
        "power-cut": request_power_cut,
        "reset": request_reset,
        "snapshot-ram": request_snapshot_ram,
        "spoil": request_spoil,
        "steps": request_steps,
        "steps-end": request_steps_end,
        "stop": request_stop,
    }
