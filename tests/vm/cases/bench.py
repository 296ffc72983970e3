# SPDX-License-Identifier: GPL-2.0-or-later
"""What the cases share: results, programs with a timeout, sessions of crash."""

import dataclasses
import os
import re
import signal
import subprocess
import sys
import threading
import time

HERE = os.path.dirname(os.path.realpath(__file__))
VM = os.path.dirname(HERE)
TOP = os.path.dirname(os.path.dirname(VM))
sys.path.insert(0, VM)

from machine import die_with_parent  # noqa: E402

# Seconds after which a program is taken to hang; a slow machine is nowhere near.
HANGS = 900

# Whose crash is to open the dumps of a kernel: that of these suites' roots. Most
# cases use the first one; makedumpfile and trace-cmd are of its root too.
SUITES = {
    "bookworm": ("bookworm", "sid", "trixie"),
    "6.12": ("trixie", "sid", "bookworm"),
    "sid": ("sid", "trixie", "bookworm"),
}
# crash 9.0.2 ends in module_init() on a 7.2 kernel with any module loaded, 8.0.6 in
# kmem_cache_init() on one with CONFIG_SLUB_TINY
OPTIONS = {"sid": ("--no_modules",), "bare": ("--no_kmem_cache",)}


def suites_of(kernel):
    """A kernel of one's own is taken for one like 6.12."""
    return SUITES.get({"6.1": "bookworm"}.get(kernel, kernel), SUITES["6.12"])


class Failure(Exception):
    """A case failed; the text says why."""


class Skip(Exception):
    """A case cannot run here; the text says why."""


def want(truth, why):
    if not truth:
        raise Failure(why)


def same(got, wanted, what):
    want(got == wanted, f"{what}: {got!r} where {wanted!r} is wanted")


class Results:
    """Prints one line per case and counts them."""

    def __init__(self):
        self.counts = {"ok": 0, "not ok": 0, "skip": 0}
        self.start = time.monotonic()
        self.suffix = ""
        self.lock = threading.Lock()

    def say(self, verdict, text):
        """One line, as a summary shows lines: a difference of two texts has several."""
        text = " | ".join(map(str.strip, text.splitlines()))
        with self.lock:
            self.counts[verdict] += 1
            print(f"{verdict} - {text}", flush=True)

    def note(self, text):
        with self.lock:
            print(f"# {time.monotonic() - self.start:5.0f} s  {text}", flush=True)

    def case(self, name, function, *arguments):
        """Run one case. True when it passed."""
        name += self.suffix
        try:
            function(*arguments)
        except Skip as reason:
            self.say("skip", f"{name}: {reason}")
        except Failure as why:
            self.say("not ok", f"{name}: {why}")
        except Exception as error:  # in a thread nobody else would tell
            self.say("not ok", f"{name}: {type(error).__name__}: {error}")
        else:
            self.say("ok", name)
            return True
        return False


def end_group(process):
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    process.wait()


def run(command, timeout, **options):
    """Run a program without standard input; its exit status.

    When this returns, nothing that it started is left.
    """
    options.setdefault("stdin", subprocess.DEVNULL)
    process = subprocess.Popen(command, start_new_session=True,
                               preexec_fn=die_with_parent, **options)
    try:
        return process.wait(timeout)
    except subprocess.TimeoutExpired:
        raise Failure(f"{command_name(command)} took more than {timeout} s") from None
    finally:
        end_group(process)


def command_name(command):
    return " ".join(os.path.basename(word) for word in command[:3])


def in_root(suite, *command, binds=()):
    words = [f"{VM}/in-root", suite]
    for directory in binds:
        words += ["--bind", directory]
    return words + list(command)


def run_to_file(command, path, timeout, errors=None):
    """Standard output into `path`, standard error into `errors` or with it."""
    with open(path, "wb") as out, open(errors or os.devnull, "wb") as err:
        return run(command, timeout, stdout=out,
                   stderr=err if errors else subprocess.STDOUT)


def read(path):
    with open(path, errors="surrogateescape") as source:
        return source.read()


class Crash:
    """How to start crash on a dump with the extension under test."""

    def __init__(self, vmlinux, extension, work, suite, options=()):
        self.vmlinux = vmlinux
        self.extension = extension
        self.work = work
        self.suite = suite
        self.options = options

    def other(self, suite):
        """The same with the crash of another suite."""
        return Crash(self.vmlinux, self.extension, self.work, suite, self.options)

    def command(self, vmcore, *options):
        # ~/.crashrc of whoever runs this must not matter
        return in_root(self.suite, "env", f"HOME={self.work}", "TERM=dumb", "crash", "-s",
                       *self.options, *options, self.vmlinux, vmcore,
                       binds=[self.work, os.path.dirname(vmcore)])

    def session(self, name, vmcore, commands, timeout=HANGS, options=(), wrap=()):
        """Run `commands` in one crash; what each of them said.

        That all are answered and the status is 0 is also the proof that
        each gave the prompt back.
        """
        script, log = f"{self.work}/{name}.crash", f"{self.work}/{name}.log"
        with open(script, "w") as target:
            for number, text in enumerate(commands):
                target.write(f"!echo @@{number}\n{text}\n")
            target.write(f"!echo @@{len(commands)}\nquit\n")
        status = run_to_file([*wrap, *self.command(vmcore, *options, "-i", script)],
                             log, timeout)
        parts = re.split(r"^@@\d+\n", read(log), flags=re.M)
        want(len(parts) == len(commands) + 2,
             f"crash ended in command {len(parts) - 2} of {name}; see {log}: "
             f"{read(log)[-300:].strip()}")
        want(status == 0, f"exit status {status} of crash in {name}; see {log}")
        return parts[1:-1]


@dataclasses.dataclass
class Bench:
    """What a group of cases works with."""

    results: Results
    kernel: str
    suites: tuple
    crash: Crash
    guest: object
    out: str
    example: str
    sanitized_example: str
    long: bool

    def parts(self):
        return self.results, self.crash, self.guest, self.out
