# SPDX-License-Identifier: GPL-2.0-or-later
"""Who sits at a machine's serial console: reads what it prints, and types."""

import re
import select
import socket
import time


class Silent(Exception):
    """What was waited for did not come."""


class Console:
    """One end of a socket whose other end is the machine's serial line.

    All that was printed is in the file `log`, too.
    """

    def __init__(self, log):
        self.sock, self.far = socket.socketpair()
        self.log = open(log, "wb")
        self.text = ""

    def close(self):
        self.sock.close()
        self.log.close()

    def receive(self, seconds):
        if not select.select([self.sock], [], [], max(seconds, 0))[0]:
            return
        data = self.sock.recv(1 << 16)
        if not data:
            raise Silent("the machine has ended")
        self.log.write(data)
        self.log.flush()
        self.text += data.decode(errors="replace").replace("\r", "")

    def wait(self, pattern, timeout):
        """What was printed before `pattern`, and its match. Neither is seen again."""
        deadline = time.monotonic() + timeout
        while not (found := re.search(pattern, self.text)):
            left = deadline - time.monotonic()
            if left <= 0:
                raise Silent(f"{timeout} s without {pattern!r}; the last words: "
                             f"{self.text[-300:].strip()!r}")
            self.receive(left)
        before, self.text = self.text[:found.start()], self.text[found.end():]
        return before, found

    def type(self, line):
        self.sock.sendall(line.encode() + b"\n")
