# SPDX-License-Identifier: GPL-2.0-or-later
"""QEMU's gdbstub: stop the machine when a CPU gets to an address.

The remote serial protocol is "$TEXT#SUM" in both directions, "+" for a packet
that arrived. The stub's threads are the CPUs, counted from 1 in hexadecimal.
"""

import re
import socket

HARDWARE = 1


class Gdb:
    """The machine stands still from here to detach() but while reach() runs."""

    def __init__(self, path, timeout):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(timeout)
        self.sock.connect(path)
        self.received = b""

    def send(self, text):
        self.sock.sendall(f"${text}#{sum(text.encode()) & 0xff:02x}".encode())

    def receive(self):
        """The text of the next packet."""
        while not (found := re.search(rb"\$([^#]*)#..", self.received)):
            data = self.sock.recv(4096)
            if not data:
                raise OSError("the gdbstub has gone")
            self.received += data
        self.received = self.received[found.end():]
        self.sock.sendall(b"+")
        return found[1].decode()

    def ask(self, text):
        self.send(text)
        answer = self.receive()
        if answer.startswith("E"):
            raise OSError(f"the gdbstub says {answer} to {text}")
        return answer

    def resume(self, how):
        """Go on until something stops the machine: the number of that CPU."""
        answer = self.ask(how)
        thread = re.search(r"thread:(?:p[0-9a-f]+\.)?([0-9a-f]+);", answer)
        if not thread:
            raise OSError(f"the gdbstub says {answer} to {how}")
        return int(thread[1], 16) - 1

    def reach(self, address, cpu):
        """Run until `cpu` is about to execute `address`; others that get there step over it."""
        here = f"{HARDWARE},{address:x},1"
        self.ask(f"Z{here}")
        while (stopped := self.resume("vCont;c")) != cpu:
            self.ask(f"z{here}")
            self.resume(f"vCont;s:{stopped + 1:x}")
            self.ask(f"Z{here}")
        self.ask(f"z{here}")

    def detach(self):
        self.ask("D")
        self.sock.close()
