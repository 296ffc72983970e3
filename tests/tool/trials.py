# SPDX-License-Identifier: GPL-2.0-or-later
"""Cases of pstore-rb selftest, on made trees that stand for a machine's /: what it writes where
a machine would be reset, and what it says of images that have its marks, or a part of them."""

import fcntl
import json
import os
import pty
import re
import select
import stat
import struct
import subprocess
import time

from field import BOOTS, Machine, set_boot, write
from helpers import PLAIN_ENV, TOOL, equal, fails, make, page_of, tool, want, without_root

T = "sys/kernel/tracing"
F_SETPIPE_SZ = 1031
RUN = 16
CPUS = (0, 1)
LINE = re.compile(r"pstore-rb selftest ([0-9a-f]{16}) cpu (\d+) mark (\d+) of 16\n")
STATE = re.compile(r"# [^\n]*\nnonce ([0-9a-f]{16})\nboot_id (\S+)\ntime (\S+)\nmarks 16\n"
                   r"((?:cpu \d+\n)+)")


class Trial(Machine):
    """A machine that records; nothing resets it."""

    def __init__(self, trace, name, instance=""):
        super().__init__(trace, name)
        self.marker = f"{self.root}/{T}{instance}/trace_marker"
        for path, text in ((f"{T}/available_tracers", "pstore nop\n"),
                           (f"{T}/current_tracer", "nop\n"), (f"{T}/tracing_on", "0\n"),
                           (f"{T}{instance}/current_tracer", "pstore\n"),
                           (f"{T}{instance}/tracing_on", "1\n"),
                           (f"{T}{instance}/trace_marker", ""), ("proc/sysrq-trigger", "")):
            write(f"{self.root}/{path}", text)
        self.boot(BOOTS[0])

    def try_it(self, *options, **how):
        return tool("selftest", "--root", self.root, *options, self.out, **how)

    def read(self, path):
        with open(f"{self.root}/{path}") as source:
            return source.read()

    def state(self, nonce="0123456789abcdef", boot=BOOTS[0]):
        """As a trial on two CPUs leaves it"""
        write(f"{self.out}/selftest", f"# a trial\nnonce {nonce}\nboot_id {boot}\n"
              "time 2026-11-29T00:00:00.000000Z\nmarks 16\ncpu 0\ncpu 1\n")
        self.boot(BOOTS[1])

    def leave(self, marks, place=None, boots=BOOTS[:1]):
        place = place or self.pstore
        make(f"{place}/x.region", marks)
        os.rename(f"{place}/x.region", f"{place}/trace-ramoops-0")
        set_boot(f"{place}/trace-ramoops-0", boots)

    def verify(self, *options):
        return self.try_it("--verify", *options)


def record(text):
    """ftrace:print, with a length word before it"""
    data = struct.pack("<HBBiQ", 5, 0, 0, 77, 0xffffffff81000000) + text.encode() + b"\n\0"
    data += bytes(-len(data) % 4)
    data = struct.pack("<II", 100 << 5, len(data) + 4) + data
    # a line takes 64 bytes
    return "".join(f"raw {data[at:at + 64].hex()}\n" for at in range(0, len(data), 64))


def mark(cpu, number, nonce="0123456789abcdef"):
    return record(f"pstore-rb selftest {nonce} cpu {cpu} mark {number} of 16")


def image(marks):
    """Sub-buffers of two CPUs: of other events, which a reader consumed; then of `marks`, a list
    of records for each CPU; then of others, not sealed."""
    text = "size 4096\nbuffer top clock=local\n"
    for cpu, records in zip(CPUS, marks):
        text += f"cpu {cpu}\n" + page_of(1000 + cpu) + f"page ts={2000000 + cpu}\n"
        text += "event +10 id=118\n" + "".join(records) + page_of(3000000 + cpu)
    return text


def all_marks(nonce="0123456789abcdef"):
    return [[mark(cpu, number, nonce) for number in range(1, RUN + 1)] for cpu in CPUS]


# ---- Before the reset --------------------------------------------------------

def marks_it(trace):
    for name, instance in ("trial", ""), ("inside", "/instances/box"):
        m = Trial(trace, name, instance)
        done = m.try_it("--yes")
        # a made machine goes on
        equal(done.returncode, 3, f"status: {done.stderr}")
        want("the machine goes on, with b written to /proc/sysrq-trigger" in done.stderr,
             done.stderr)
        equal(m.read("proc/sysrq-trigger"), "b", "what resets")
        with open(m.marker) as source:
            text = source.read()
        nonces, cpus = zip(*((found[1], (int(found[2]), int(found[3])))
                             for found in LINE.finditer(text)))
        equal(len(set(nonces)), 1, "nonces")
        equal(LINE.sub("", text), "", "other text")
        allowed = sorted(os.sched_getaffinity(0))
        equal(cpus, tuple((cpu, number) for cpu in allowed for number in range(1, RUN + 1)),
              "marks")
        want(f"16 marks on each of {len(allowed)} CPUs" in done.stdout, done.stdout)
        want(not os.path.exists(f"{m.out}/selftest"), "the state of what did not happen")
        equal(m.try_it("-y", "--end", "panic").returncode, 3, "status")
        equal(m.read("proc/sysrq-trigger"), "c", "what panics")
        with open(m.marker) as source:
            want(nonces[0] not in source.read(), "the same nonce again")


def notes_first(trace):
    """What is to be found is on the disk before there are marks: a pipe in the place of
    trace_marker that is full keeps it from writing one."""
    m = Trial(trace, "first")
    os.unlink(m.marker)
    os.mkfifo(m.marker)
    pipe = os.open(m.marker, os.O_RDWR)
    os.write(pipe, bytes(fcntl.fcntl(pipe, F_SETPIPE_SZ, 4096)))
    run = subprocess.Popen([TOOL, "selftest", "-y", "-r", m.root, m.out], stderr=subprocess.PIPE,
                           stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL, env=PLAIN_ENV)
    path, end = f"{m.out}/selftest", time.monotonic() + 20
    while not os.path.exists(path):
        want(time.monotonic() < end, "no state before the marks")
        time.sleep(0.01)
    equal((stat.S_IMODE(os.stat(path).st_mode), stat.S_IMODE(os.stat(m.out).st_mode)),
          (0o600, 0o700), "modes")
    with open(path) as source:
        found = STATE.fullmatch(source.read())
    want(found and found[2] == BOOTS[0], "the state")
    equal(found[4], "".join(f"cpu {cpu}\n" for cpu in sorted(os.sched_getaffinity(0))), "CPUs")
    equal(m.read("proc/sysrq-trigger"), "", "reset before the marks")
    os.read(pipe, 4096)
    want(os.read(pipe, 4096).startswith(f"pstore-rb selftest {found[1]} cpu ".encode()),
         "the first mark")
    run.kill()
    run.wait(20)
    run.stderr.close()
    os.close(pipe)


def asks(trace):
    """On a terminal: yes, and anything else."""
    for answer, status, written in ("no\n", 1, ""), ("\n", 1, ""), ("yes sir\n", 1, ""), \
            ("yes\n", 3, "b"):
        m = Trial(trace, "asks")
        ours, theirs = pty.openpty()
        run = subprocess.Popen([TOOL, "selftest", "-r", m.root, m.out], stdin=theirs,
                               stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=PLAIN_ENV)
        os.close(theirs)
        said = b""
        while not said.endswith(b"Type yes to go on: "):
            want(select.select([run.stderr], [], [], 20)[0], f"nothing is asked: {said}")
            said += os.read(run.stderr.fileno(), 1000)
        want(b"no service is stopped" in said, said)
        equal(m.read("proc/sysrq-trigger"), "", "reset before the answer")
        os.write(ours, answer.encode())
        equal(run.wait(20), status, f"status after {answer!r}")
        run.stderr.close()
        os.close(ours)
        equal(m.read("proc/sysrq-trigger"), written, f"what {answer!r} resets")
        equal(os.path.getsize(m.marker) > 0, bool(written), "marks")
    m = Trial(trace, "unasked")
    done = m.try_it()
    equal(done.returncode, 2, "status without a terminal")
    want("nobody can be asked" in done.stderr and "--yes" in done.stderr, done.stderr)
    equal(m.read("proc/sysrq-trigger"), "", "reset without being asked")


def not_ready(trace):
    for path, text, words in ((f"{T}/current_tracer", "nop", "no instance uses the tracer pstore"),
                              (f"{T}/tracing_on", "0", "the top-level instance is switched off"),
                              (f"{T}/available_tracers", None, "there is no tracefs"),
                              (f"{T}/trace_marker", None, "trace_marker: No such file"),
                              ("proc/sysrq-trigger", None, "sysrq-trigger: No such file"),
                              ("proc/sys/kernel/random/boot_id", "?", "boot_id cannot be read")):
        m = Trial(trace, "notready")
        if text is None:
            os.unlink(f"{m.root}/{path}")
        else:
            write(f"{m.root}/{path}", text)
        done = m.try_it("--yes")
        equal(done.returncode, 3, f"status with {path} of {text}: {done.stderr}")
        want(words in done.stderr, done.stderr)
        if os.path.exists(f"{m.root}/proc/sysrq-trigger"):
            equal(m.read("proc/sysrq-trigger"), "", "reset all the same")
    m = Trial(trace, "fullmarker")
    os.unlink(m.marker)
    os.symlink("/dev/full", m.marker)
    done = m.try_it("--yes")
    equal(done.returncode, 3, f"status when marks cannot be written: {done.stderr}")
    want("takes no marks: No space left" in done.stderr, done.stderr)
    equal(m.read("proc/sysrq-trigger"), "", "reset without marks")
    want(not os.path.exists(f"{m.out}/selftest"), "the state")


def wrong_use(trace):
    for options in ["--verify", "--yes"], ["-v", "-e", "panic"]:
        fails(["selftest", *options], 2, "--verify resets nothing")
    fails(["selftest", "--json"], 2, "--json is for --verify")
    fails(["selftest", "--end", "bang"], 2, '--end knows no "bang"')
    fails(["selftest", "a", "b"], 2, '"b" is one argument too many')


# ---- After it ----------------------------------------------------------------

def finds(trace):
    m = Trial(trace, "finds")
    m.state()
    m.leave(image(all_marks()))
    done = m.verify()
    equal((done.returncode, done.stderr), (0, ""), "status")
    equal(done.stdout, "complete: 32 of 32 marks of 2 CPUs, of the trial of "
          f"2026-11-29T00:00:00.000000Z, in {m.pstore}/trace-ramoops-0\n", "what it says")
    told = json.loads(m.verify("--json").stdout)
    equal([told[key] for key in ("schema", "version", "result", "nonce", "boot_id", "marks",
                                 "found", "misplaced", "damaged_subbufs", "cpus", "image")],
          ["pstore_rb.selftest", 1, "complete", "0123456789abcdef", BOOTS[0], 32, 32, 0, 0,
           [{"cpu": 0, "found": 16}, {"cpu": 1, "found": 16}], f"{m.pstore}/trace-ramoops-0"],
          "JSON")
    # harvested, and then another crash
    equal(m.harvest("--erase").returncode, 0, "harvest")
    m.leave(image([[], []]), boots=BOOTS[2:3])
    done = m.verify()
    equal((done.returncode, done.stderr), (0, ""), "status, harvested")
    want(done.stdout.endswith(f" in {m.out}/{BOOTS[0]}/trace-ramoops-0\n"), done.stdout)
    equal(json.loads(m.verify("-j").stdout)["images"], 2, "images")


def finds_less(trace):
    whole = all_marks()
    less = [whole[0], whole[1][:12]]
    swapped = [whole[0][:7] + [whole[0][8], whole[0][7]] + whole[0][9:], whole[1]]
    twice = [whole[0], whole[1] + [whole[1][15]]]
    elsewhere = [[whole[1][0]] + whole[0], whole[1][1:]]
    for marks, wanted in (
            (less, ["partial: 28 of 32 marks of 2 CPUs", "cpu1: 12 of 16 marks"]),
            ([[], whole[1]], ["partial: 16 of 32 marks", "cpu0: 0 of 16 marks"]),
            (swapped, ["partial: 31 of 32", "cpu0: 15 of 16",
                       "1 marks are not where they should be"]),
            (twice, ["partial: 32 of 32", "1 marks are not where they should be, or there twice"]),
            (elsewhere, ["partial: 31 of 32", "cpu1: 15 of 16", "1 marks are not where"])):
        m = Trial(trace, "less")
        m.state()
        m.leave(image(marks))
        done = m.verify()
        equal((done.returncode, done.stderr), (1, ""), f"status of {wanted[0]}: {done.stdout}")
        lines = done.stdout.splitlines()
        equal(len(lines), len(wanted), f"lines of {lines}")
        want(all(line.startswith(words) for line, words in zip(lines, wanted)), lines)
    # a sub-buffer that has marks, and one that has none
    for words, wanted in ((b"cpu 1 mark 9 of 16", "partial: 16 of 32"),
                          ((1001).to_bytes(8, "little"), "partial: 32 of 32")):
        m = Trial(trace, "spoilt")
        m.state()
        m.leave(image(whole))
        with open(f"{m.pstore}/trace-ramoops-0", "r+b") as region:
            data = region.read()
            region.seek(data.rindex(words) + (0 if b"mark" in words else 20))
            region.write(b"CPU")
        done = m.verify()
        equal(done.returncode, 1, f"status of damage: {done.stdout}")
        want(done.stdout.startswith(wanted) and "\n1 sub-buffers are damaged" in done.stdout,
             done.stdout)


def finds_nothing(trace):
    m = Trial(trace, "never")
    done = m.verify()
    equal(done.returncode, 3, "status without a trial")
    want(f"there was no trial: {m.out}/selftest is not there" in done.stderr, done.stderr)
    m.state()
    m.boot(BOOTS[0])
    done = m.verify()
    equal(done.returncode, 3, "status in the same boot")
    want("has not started again since the trial of 2026" in done.stderr, done.stderr)
    m.boot(BOOTS[1])
    done = m.verify()
    equal((done.returncode, done.stderr), (3, ""), "status with no image")
    want(done.stdout.startswith("nothing: no mark of the trial of 2026-11-29T00:00:00.000000Z in "
                                "0 images, of pstore and of "), done.stdout)
    m.leave(image(all_marks("0123456789abcdee")))
    done = m.verify("-j")
    told = json.loads(done.stdout)
    equal((done.returncode, told["result"], told["found"], told["images"], told["image"]),
          (3, "nothing", 0, 1, None), "of another trial's marks")
    os.chmod(m.pstore, 0)
    done = m.try_it("--verify", preexec_fn=without_root)
    os.chmod(m.pstore, 0o700)
    equal(done.returncode, 3, "status of what may not be read")
    want("sys/fs/pstore: Permission denied: run it as root" in done.stderr, done.stderr)
    write(f"{m.pstore}/trace-ramoops-0", "no image\n")
    done = m.verify()
    equal(done.returncode, 3, "status of what is no image")
    want("no persistent trace region in it" in done.stderr, done.stderr)
    with open(f"{m.out}/selftest") as source:
        whole = source.read()
    for text in "", "nonsense\n", whole.replace("nonce 0", "nonce x"), \
            whole.replace("cpu 1", "cpu 9999999"), whole.replace("cpu 1", "cpu 0"), \
            whole.replace("marks 16", "marks 17"), whole.replace("boot_id", "boot"):
        write(f"{m.out}/selftest", text)
        done = m.verify()
        equal(done.returncode, 3, f"status of {text!r}")
        want("this is not what a trial left" in done.stderr, done.stderr)


CASES = {
    "selftest: marks on each CPU, then the reset, or a panic": marks_it,
    "selftest: what the next boot is to find is noted first": notes_first,
    "selftest: asks on a terminal, and without one only --yes resets": asks,
    "selftest: what is not ready: the reason, status 3, no reset": not_ready,
    "selftest: wrong use": wrong_use,
    "selftest --verify: complete: in pstore, or harvested": finds,
    "selftest --verify: partial: what is missing, misplaced, damaged": finds_less,
    "selftest --verify: nothing: no trial, no restart, no image, no mark": finds_nothing,
}
