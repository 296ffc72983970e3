# SPDX-License-Identifier: GPL-2.0-or-later
"""What the cases of pstore-rb share: running it, making its input, saying what is wrong."""

import ctypes
import os
import resource
import signal
import subprocess
import sys

TOOL, MAKE, COMPLETION = (os.path.abspath(path) for path in sys.argv[1:4])
PLAIN_ENV = {key: value for key, value in os.environ.items()
             if key not in ("NO_COLOR", "PAGER", "LESS")} | {"TERM": "xterm"}


class Failure(Exception):
    """Something is not as it should be."""


def equal(got, wanted, what):
    if got != wanted:
        raise Failure(f"{what}: {got!r}, not {wanted!r}")


def want(truth, what):
    if not truth:
        raise Failure(what)


def tool(*arguments, **options):
    return subprocess.run([TOOL, *arguments], stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, timeout=60, env=PLAIN_ENV, **options)


def page_of(time, events=40):
    return f"page ts={time}\n" + "event +10 id=118\n" * events


def make(path, image):
    subprocess.run([MAKE, path], input=image, text=True, check=True)


def image(pages, events=40):
    """Sub-buffers of so many events each, in two CPUs"""
    text = "size 4096\nbuffer top clock=local\n"
    for cpu in range(2):
        text += f"cpu {cpu}\n"
        text += "".join(page_of(1000000 * page + cpu, events) for page in range(1, pages + 1))
    return text


def fails(arguments, status, *words):
    done = tool(*arguments)
    equal(done.returncode, status, f"status of {arguments}: {done.stderr}")
    equal(done.stdout, "", "standard output")
    for word in words:
        want(word in done.stderr, f"{word!r} is not in {done.stderr!r}")


def left(folder, name):
    return [each for each in os.listdir(folder) if each.startswith(name)]


def without_root():
    """A process that is root's is still one for which modes hold."""
    for capability in 1, 2:     # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH; PR_CAPBSET_DROP
        ctypes.CDLL(None).prctl(24, capability)


def small_files(limit):
    """For preexec_fn: no file may become larger, as on a disk that is full."""
    def limited():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    return limited
