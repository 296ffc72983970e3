# SPDX-License-Identifier: GPL-2.0-or-later
"""Cases: README's chapter "In the field", typed word by word at the console of a Debian 13
machine with systemd, which crashes and starts again.

Blocks of code in the chapter:
  ```sh         what is typed at the machine, as root, line by line
  ```sh desk    a script for where the bundle was sent to
  ```           what the block before it printed; ... is any text, and a line of it any lines
"""

import contextlib
import dataclasses
import glob
import json
import os
import re
import shutil
import subprocess
import time

import same
from bench import HANGS, HERE, TOP, VM, Failure, in_root, read, want
from bench import same as equal
from console import Console, Silent
from machine import die_with_parent
from tool import TOOL

HEADING = "## In the field"
CRASH = "echo c >/proc/sysrq-trigger"
BUNDLE = "crash.tar.zst"
KERNEL, SUITE, CPUS = "patched-systemd", "trixie", 2
START = 2048 * 512  # of the disk's file system
# Minutes that the chapter promises
PROMISED = 10

PROMPT = "[$?] guest# "
LOGIN = r"guest login: "
ANSWER = r"\[(\d+)\] guest# |more> |Type yes to go on: "
# What starts the machine again. A prompt may come before it does.
RESTARTS = ("reboot", "yes", CRASH)
NOTHING = "(?!)"
TYPED_BY_US = f"stty -echo cols 300; PS1='{PROMPT}' PS2='more>'' '; export TERM=dumb PAGER=cat"
# A line takes less, also one that starts the machine again
PATIENCE = 300

# After the chapter: what systemd-pstore.service does with a crash when ours is not there; and
# a restart in order
BOOT_ID = "cat /proc/sys/kernel/random/boot_id"
LEFT = "find /sys/fs/pstore /var/lib/systemd/pstore -type f"
AFTER = ("systemctl disable pstore-rb-harvest.service",
         BOOT_ID,
         "echo nobody harvests >/sys/kernel/tracing/trace_marker",
         CRASH,
         "journalctl -b -o cat -u systemd-pstore.service",
         "ls -lR /sys/fs/pstore /var/lib/systemd/pstore",
         "pstore-rb harvest --erase /var/lib/pstore-rb",
         LEFT,
         "systemctl enable pstore-rb-harvest.service",
         BOOT_ID,
         "reboot",
         "systemctl show -P Result pstore-rb-harvest.service pstore-rb-tracer.service",
         LEFT)


# ---- The chapter -------------------------------------------------------------

@dataclasses.dataclass
class Block:
    kind: str
    lines: list
    shown: str = None


def chapter(path=f"{TOP}/README.md"):
    """Its blocks; those of what was printed belong to the ones before."""
    _, _, text = read(path).partition(f"\n{HEADING}\n")
    want(text, f"{path} has no chapter {HEADING!r}")
    text = re.split(r"^## ", text, maxsplit=1, flags=re.M)[0]
    blocks = []
    for kind, inside in re.findall(r"^```([^\n]*)\n(.*?)^```$", text, flags=re.M | re.S):
        if kind:
            blocks.append(Block(kind, inside.splitlines()))
        else:
            want(blocks and blocks[-1].shown is None, f"nothing printed this:\n{inside}")
            blocks[-1].shown = inside.rstrip("\n")
    return blocks


def shows(said, shown):
    """Whether what was printed has all lines that are shown, in order"""
    lines = ["(?:.*\n)*?" if line == "..." else
             ".*?".join(map(re.escape, line.split("..."))) + "\n" for line in shown.splitlines()]
    return re.search("^" + "".join(lines), said.strip() + "\n", re.M)


# ---- The machine -------------------------------------------------------------

class Machine:
    """QEMU with a disk, and a serial line at which root logs in."""

    def __init__(self, directory, disk):
        self.console = Console(f"{directory}/console.log")
        self.typed, self.boots = [], 0
        command = in_root(
            SUITE, "qemu-system-x86_64", "-nodefaults", "-no-user-config", "-display", "none",
            "-machine", "q35", "-accel", "tcg,thread=multi", "-cpu", "max", "-smp", str(CPUS),
            "-m", "1G", "-drive", f"file={disk},format=raw,if=virtio,cache=unsafe",
            "-chardev", f"socket,id=console,fd={self.console.far.fileno()}",
            "-serial", "chardev:console", binds=[directory])
        self.process = subprocess.Popen(
            command, pass_fds=(self.console.far.fileno(),), preexec_fn=die_with_parent,
            stdin=subprocess.DEVNULL)
        self.console.far.close()

    def close(self):
        self.process.kill()
        self.process.wait()
        self.console.close()

    def log_in(self):
        """Once the machine has started. What it printed until then"""
        said, _ = self.console.wait(LOGIN, PATIENCE)
        self.boots += 1
        self.console.type("root")
        self.console.wait(r"root@guest:~# ", PATIENCE)
        self.console.type(TYPED_BY_US)
        self.console.wait(ANSWER, PATIENCE)
        return said

    def do(self, line):
        """Type a line. If it starts the machine again, root is logged in, and it has no status."""
        start, status = time.monotonic(), None
        self.console.type(line)
        if line in RESTARTS:
            said = self.log_in()
        else:
            said, found = self.console.wait(ANSWER, PATIENCE)
            status = found[1] and int(found[1])
        self.typed.append({"line": line, "said": said, "boot": self.boots, "status": status,
                           "seconds": round(time.monotonic() - start, 1)})

    def power_off(self):
        self.console.type("poweroff")
        with contextlib.suppress(Silent):
            self.console.wait(NOTHING, PATIENCE)
        self.process.wait(PATIENCE)


def type_chapter(machine):
    """Where the lines of each block begin and end in what was typed"""
    spans = []
    for block in chapter():
        first = len(machine.typed)
        for line in block.lines if block.kind == "sh" else ():
            if line == CRASH:
                machine.do("bash /root/chapter.sh")
                first = len(machine.typed)
            machine.do(line)
        spans.append((first, len(machine.typed)))
    return spans


# ---- What boots, and what it leaves --------------------------------------------

def made(*command, log):
    with open(log, "w") as out:
        status = subprocess.run(command, check=False, stdin=subprocess.DEVNULL, stdout=out,
                                stderr=subprocess.STDOUT, preexec_fn=die_with_parent).returncode
    want(status == 0, f"status {status} of {os.path.basename(command[0])}; see {log}: "
         f"{read(log)[-300:].strip()}")


def make_disk(directory):
    made("make", "-s", "-C", TOP, "deb", log=f"{directory}/deb.log")
    made(f"{VM}/kernel", KERNEL, log=f"{directory}/kernel.log")
    kernel = read(f"{directory}/kernel.log").splitlines()[-1]
    made(f"{VM}/disk", SUITE, kernel, f"{directory}/disk", f"{HERE}/lib.sh", f"{HERE}/chapter.sh",
         *glob.glob(f"{TOP}/build/deb/pstore-rb_*.deb"), log=f"{directory}/disk.log")


def take(directory, path):
    """A file or a directory of the disk"""
    subprocess.run(["debugfs", "-R", f"rdump {path} {directory}/files",
                    f"{directory}/disk?offset={START}"], check=True, stdin=subprocess.DEVNULL,
                   capture_output=True)


def boot(directory, _, log):
    shutil.rmtree(directory, ignore_errors=True)
    os.makedirs(f"{directory}/files")
    make_disk(directory)
    machine = Machine(directory, f"{directory}/disk")
    start, told = time.monotonic(), {}
    try:
        machine.log_in()
        told["spans"] = type_chapter(machine)
        told["minutes"] = (time.monotonic() - start) / 60
        told["after"] = len(machine.typed)
        for line in AFTER:
            machine.do(line)
        machine.power_off()
    except Silent as why:
        raise Failure(f"{why}; see {directory}/console.log") from None
    finally:
        machine.close()
        with open(log, "w") as out:
            json.dump({**told, "typed": machine.typed}, out, indent=1)
        shutil.copy(log, f"{directory}/typed.json")
    for path in ("/root", "/var/lib/pstore-rb", "/var/lib/systemd/pstore"):
        take(directory, path)
    os.unlink(f"{directory}/disk")


class Field:
    """What was typed, and what was on the disk in the end."""

    def __init__(self, directory):
        told = json.loads(read(f"{directory}/typed.json"))
        self.typed, self.minutes = told["typed"], told["minutes"]
        self.blocks = list(zip(chapter(), told["spans"]))
        self.after = self.typed[told["after"]:]
        self.root = f"{directory}/files/root"
        self.harvests = f"{directory}/files/pstore-rb"
        self.boot_id = read(f"{self.root}/word/boot_id").strip()
        self.made = f"{self.harvests}/{self.boot_id}"

    def said_after(self, line):
        """Each time it was typed"""
        return [entry["said"].strip() for entry in self.after if entry["line"] == line]

    def manifest(self, boot_id):
        return json.loads(read(f"{self.harvests}/{boot_id}/manifest.json"))

    def lines(self, span):
        return self.typed[slice(*span)]

    def said(self, span):
        return "".join(entry["said"] for entry in self.lines(span))


# ---- Cases -------------------------------------------------------------------

def commands_succeed(field):
    bad = [(entry["line"], entry["status"], entry["said"][-300:]) for _, span in field.blocks
           for entry in field.lines(span) if entry["status"]]
    want(not bad, f"these did not: {bad}")


def machine_starts(field):
    """By the chapter's own restart, by the trial, by the crash"""
    boots = {}
    for _, span in field.blocks:
        for entry in field.lines(span):
            boots.setdefault(entry["boot"], entry["line"])
    equal(boots, {1: "apt install -y ./pstore-rb_*.deb", 2: "reboot", 3: "yes", 4: CRASH},
          "boots and what began them")


def printed_as_shown(field, block, span):
    said = field.said(span)
    want(shows(said, block.shown), f"after {block.lines[-1]!r} it printed {said!r}")


def ten_minutes(field):
    want(field.minutes < PROMISED, f"it took {field.minutes:.1f} minutes")


def until_truth_ends(path, target):
    """A copy of a text up to the mark behind which the guest's own word ends"""
    text = read(path)
    end = text.find("the truth ends here")
    want(end >= 0, f"{path} has not the mark of chapter.sh")
    with open(target, "w", errors="surrogateescape") as out:
        out.write(text[:text.index("\n", end) + 1])
    return target


def text_is_the_guests(field, out):
    ours = until_truth_ends(f"{field.made}/trace.txt", f"{out}/chapter.ours")
    theirs = until_truth_ends(f"{field.root}/top.trace", f"{out}/chapter.theirs")
    try:
        count = same.compare(same.load_boot(f"{field.root}/word"), theirs, ours)
    except same.Different as difference:
        raise Failure(difference) from None
    want(count > 1000, f"only {count} lines")


def marks_are_there(field):
    found = re.findall(r"\[(\d+)\] .*: tracing_mark_write: mark (\d+) of cpu (\d+)$",
                       read(f"{field.made}/trace.txt"), re.M)
    for cpu in range(CPUS):
        equal([int(mark) for at, mark, of in found if int(of) == cpu == int(at)],
              list(range(1, 201)), f"marks of CPU {cpu}")


def trace_goes_to_the_end(field):
    """The shell that crashed the machine ran last, after the guest's own word"""
    told = field.manifest(field.boot_id)
    (recording,) = told["recordings"]
    equal((told["complete"], told["from"], recording["ended"], recording["boot_id"]),
          (True, "/sys/fs/pstore", "panic", field.boot_id), "the manifest")
    last = read(f"{field.made}/trace.txt").splitlines()[-1]
    want("the truth ends here" not in last, last)
    want(re.search("sysrq: Trigger a crash", read(glob.glob(f"{field.made}/dmesg-*")[0])),
         "the kernel's last messages are not beside it")


def desk_reads_it(field, block, out):
    """As typed there, in a directory with the bundle"""
    work = f"{out}/desk"
    os.makedirs(work)
    shutil.copy(f"{field.root}/{BUNDLE}", work)
    path = f"{os.path.dirname(TOOL)}:{os.environ['PATH']}"
    done = subprocess.run(["bash", "-e"], input="\n".join(block.lines), text=True, cwd=work,
                          env={**os.environ, "PATH": path}, timeout=HANGS, capture_output=True)
    equal(done.returncode, 0, f"status: {done.stderr.strip()[-300:]}")
    want(shows(done.stdout, block.shown), f"it printed {done.stdout!r}")


def both_places(field):
    """systemd-pstore.service moves what is not larger than the 4 MiB that it reads of a file"""
    boot_id, following = field.said_after(BOOT_ID)
    told = field.manifest(boot_id)
    equal((told["from"], told["complete"]), ("/sys/fs/pstore", True), "the trace's manifest")
    want("nobody harvests" in read(f"{field.harvests}/{boot_id}/trace.txt"), "another trace")
    told = field.manifest(f"before-{following}")
    equal((told["from"], told["complete"]), ("/var/lib/systemd/pstore", True),
          "the messages' manifest")
    messages = read(f"{field.harvests}/before-{following}/dmesg-ramoops-0")
    want("sysrq: Trigger a crash" in messages, "other messages")
    equal(field.said_after(LEFT)[0], "", "left in both places")


def restart_is_no_crash(field):
    told = field.manifest(field.said_after(BOOT_ID)[1])
    equal((told["from"], told["complete"], told["recordings"][0]["ended"]),
          ("/sys/fs/pstore", True, "stopped"), "the manifest")
    equal(field.said_after(LEFT)[1], "", "left in both places")
    equal(field.said_after(AFTER[-2]), ["success\n\nsuccess"], "results of the services")


def cases(results, directory, _, out):
    case = results.case
    field = Field(directory)
    case("chapter: every command of it does what it is for", commands_succeed, field)
    case("chapter: the machine starts three times, each time into a login", machine_starts, field)
    for block, span in field.blocks:
        if block.kind == "sh desk":
            case("chapter: the bundle is read where it was sent to", desk_reads_it, field, block,
                 out)
        elif block.shown:
            case(f"chapter: {block.lines[-1]!r} prints what is shown", printed_as_shown, field,
                 block, span)
    case(f"chapter: all of it in less than {PROMISED} minutes", ten_minutes, field)
    case("chapter: the harvested text is the guest's own, and all of it", text_is_the_guests, field,
         out)
    case("chapter: the marks of each CPU are in it, each once, in order", marks_are_there, field)
    case("chapter: it goes on to the panic, with the kernel's last messages", trace_goes_to_the_end,
         field)
    case("chapter: without the service: harvest finds what systemd-pstore.service left and moved",
         both_places, field)
    case("chapter: a restart in order is harvested, and told from a crash", restart_is_no_crash,
         field)
