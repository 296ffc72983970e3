# SPDX-License-Identifier: GPL-2.0-or-later
"""Cases: how the extension behaves inside crash."""

import glob
import json
import os
import pty
import re
import select
import subprocess
import time

import texts
from bench import HANGS, Failure, Skip, die_with_parent, end_group, read, want
from bench import same as equal
from same import events

# as they come, rearranged, and put together anew
DUMPS = ("dump", "dump -6", "dump -e *:*", "dump -6 -e *:*")
PROMPT = "crash> "
UNLOADED = "shared object unloaded"
# seconds for what takes a moment
PATIENCE = 60
# <linux/posix-timers.h>: of a process, as clock_getcpuclockid() makes it
CPUCLOCK_SCHED = 2
# in a mount namespace of its own: a full disk of one megabyte
SMALL_DISK = 'mount -t tmpfs -o size=1M tmpfs "$1" && shift && exec "$@"'


class Terminal:
    """crash on a terminal, as a person has it."""

    def __init__(self, command):
        self.master, slave = pty.openpty()
        self.process = subprocess.Popen(command, stdin=slave, stdout=slave, stderr=slave,
                                        start_new_session=True, preexec_fn=self.adopt)
        os.close(slave)
        self.seen = ""

    @staticmethod
    def adopt():
        import fcntl
        import termios
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)
        die_with_parent()

    def type(self, text):
        self.seen = ""
        os.write(self.master, text.encode())

    def read_on(self, end):
        """False when nothing came until `end`."""
        left = max(0, end - time.monotonic())
        if not select.select([self.master], [], [], left)[0]:
            return False
        self.seen += os.read(self.master, 65536).decode(errors="replace")
        return True

    def wait_for(self, text, seconds):
        """What came up to `text`."""
        end = time.monotonic() + seconds
        while text not in self.seen:
            want(self.read_on(end) and time.monotonic() < end,
                 f"no {text!r} within {seconds} s; the last is {self.seen[-200:]!r}")
        return self.seen

    def computed(self):
        """Seconds of CPU that crash has used: how far it is, on a busy machine too"""
        return time.clock_gettime(~self.process.pid << 3 | CPUCLOCK_SCHED)

    def interrupt(self, command, share):
        """Ctrl-C when `command` has computed so long: what came then up to the prompt."""
        end = self.computed() + share
        self.type(command + "\n")
        while self.computed() < end and f"\n{PROMPT}" not in self.seen:
            self.read_on(time.monotonic() + 0.0002)
        self.type("\x03")
        return self.wait_for(PROMPT, PATIENCE)

    def cost(self, command):
        """What all of `command` computes"""
        start = self.computed()
        self.type(command + "\n")
        self.wait_for(f"\n{PROMPT}", PATIENCE)
        return self.computed() - start

    def close(self):
        end_group(self.process)
        os.close(self.master)


def control_c(crash, guest, out):
    terminal = Terminal(crash.command(guest.vmcore))
    try:
        terminal.wait_for(PROMPT, HANGS)
        for line in ("set scroll off", f"extend {crash.extension}"):
            terminal.type(line + "\n")
            terminal.wait_for(f"\n{PROMPT}", PATIENCE)
        interrupt_all(terminal, out)
        terminal.type("pstore_rb show -b quiet\n")
        said = terminal.wait_for(f"\n{PROMPT}", PATIENCE)
        equal(said.count("quiet words"), 4, "events after an interruption")
        terminal.type("quit\n")
        equal(terminal.process.wait(PATIENCE), 0, "crash's exit status")
    finally:
        terminal.close()


def leftovers(out):
    return [f"{out}/{name}" for name in os.listdir(out) if name.startswith("cut.dat")]


def clear(out):
    for path in leftovers(out):
        os.unlink(path)


def interrupt_one(terminal, command, out, shares):
    """By one of these Ctrl-C comes when the command has begun, and not yet ended."""
    for share in shares:
        clear(out)
        said = terminal.interrupt(command, share)
        if "# interrupted" in said:
            equal(leftovers(out), [], f"what {command} leaves")
            return
    raise Failure(f"{command} was never interrupted; it says {said[-200:]!r}")


def interrupt_all(terminal, out):
    terminal.interrupt(f"pstore_rb show > {out}/cut.show", 0.5)
    last = texts.read_tail(f"{out}/cut.show")
    want("# interrupted after" in last, f"the output ends with {last!r}")
    terminal.interrupt(f"pstore_rb show -j > {out}/cut.json", 0.5)
    last = json.loads(texts.read_tail(f"{out}/cut.json"))
    equal((last["type"], last.get("stopped")), ("end", "interrupted"), "the last object")
    for command in (*(f"pstore_rb {dump} {out}/cut.dat" for dump in DUMPS), "pstore_rb show",
                    "pstore_rb stat", "pstore_rb formats"):
        interrupt_one(terminal, command, out, (0.05, 0.02, 0.01))
    for command in ("pstore_rb", "pstore_rb show -u", "pstore_rb stat -u"):
        whole = terminal.cost(command)
        # on a busy machine Ctrl-C comes when it may
        interrupt_one(terminal, command, out, 5 *
                      [part * whole for part in (0.5, 0.6, 0.7, 0.4, 0.8, 0.3, 0.9, 0.2)])


def unloads_and_loads(said):
    want(UNLOADED in said["extend -u"], said["extend -u"])
    want("not found" in said["gone"] or "invalid" in said["gone"], said["gone"][:200])
    want("shared object loaded" in said["again"], said["again"])
    equal(said["after"].count("quiet words"), 4, "events after extend, -u, extend")


def works_twice(said):
    want("already loaded" in said["twice"], said["twice"])
    equal(said["after twice"].count("quiet words"), 4, "events")


def through_pipes(out, name):
    """On a busy machine crash itself may not get a pipe going, and says so into it."""
    paths = [path for path in (f"{out}/{name}.{number}" for number in range(3))
             if "pipe operation failed" not in read(path)]
    if not paths:
        raise Skip("crash says three times that its pipe operation failed")
    return paths


def reader_goes_away(said, out):
    for path in through_pipes(out, "head"):
        equal(len(read(path).splitlines()), 3, "lines of head -3")
    equal(said["after head"].count("quiet words"), 4, "events of the next command")


def pipe_has_all(out):
    for path in through_pipes(out, "piped"):
        want(read(path) == read(f"{out}/consumed.show"), f"{path} has not what a file has")
        os.unlink(path)


def file_has_all(said, out):
    equal(said["to a file"].strip(), "", "on the terminal")
    equal(list(events(f"{out}/to-a-file")), list(events(f"{out}/quiet.show")), "the file")


def help_explains(said):
    for word in ("SYNOPSIS", "DESCRIPTION", "EXAMPLE", "pstore_rb dump trace.dat", "-n last"):
        want(word in said["help"], f"help lacks {word!r}")


def dump_fails_well(said, key, message):
    want(message in said[key], f"it says {said[key].strip()[:200]!r}, not {message!r}")


def full_disk(crash, guest, out):
    folder = f"{out}/small"
    os.makedirs(folder, exist_ok=True)
    said = crash.session("full-disk", guest.vmcore, [
        f"extend {crash.extension}",
        *(f"pstore_rb {dump} {folder}/trace.dat" for dump in DUMPS),
        f"!ls -A {folder}", f"pstore_rb show -b top > {folder}/show.txt",
        "pstore_rb show -b quiet", f"pstore_rb show -j -b top > {folder}/show.json",
        "pstore_rb show -b quiet"],
        wrap=("unshare", "--mount", "sh", "-c", SMALL_DISK, "sh", folder))
    for dump, text in zip(DUMPS, said[1:]):
        want("No space left" in text, f"{dump} says {text.strip()[:200]!r}")
    left, _, after_text, json, after_json = said[1 + len(DUMPS):]
    equal(left.strip(), "", "files left")
    want("No space left" in json, f"show -j says {json.strip()[:200]!r}")
    for next_one in after_text, after_json:
        equal(next_one.count("quiet words"), 4, "events of the next command")


# Large pieces are mapped one by one, and go back when freed: then a limit bites.
MALLOC = ("env", "MALLOC_MMAP_THRESHOLD_=65536", "MALLOC_TRIM_THRESHOLD_=65536",
          "MALLOC_TOP_PAD_=0")
# less, and crash cannot run the commands with ! in between
SPARE = (500, 1100, 2600, 6000, 14000, 60000)		# KiB; the last is enough
# of the running crash: so much more than it has
LIMIT = ("!prlimit --pid $PPID --as=$(($(cut -d ' ' -f 1 /proc/$PPID/statm) * 4096 + "
         "{spare} * 1024)):")
NO_LIMIT = "!prlimit --pid $PPID --as=unlimited:"
STARVED = {
    "list": "pstore_rb", "show": "pstore_rb show -b snap > {out}/starved.{spare}.show",
    "json": "pstore_rb show -j -b snap > {out}/starved.{spare}.json",
    "stat": "pstore_rb stat -b snap", "show -u": "pstore_rb show -u",
    "formats": "pstore_rb formats > {out}/starved.{spare}.formats",
    "dump": "pstore_rb dump -b snap {folder}/trace.dat",
    "dump -6": "pstore_rb dump -6 -b snap {folder}/trace.dat",
}
# They may find room in what others had freed, which no limit takes away.
LITTLE = ("list", "stat", "show -u")
NO_MEMORY = re.compile("out of memory|Cannot allocate memory")


def out_of_memory(results, crash, guest, out):
    """Each command ends well or with a message; a file is whole or not there."""
    folder = f"{out}/starved"
    os.makedirs(folder, exist_ok=True)
    keys, commands = [], [f"extend {crash.extension}"]
    for spare in ("all", *SPARE):
        for key, command in STARVED.items():
            limit = "!true" if spare == "all" else LIMIT.format(spare=spare)
            keys.append((spare, key))
            commands += [limit, command.format(out=out, spare=spare, folder=folder),
                         NO_LIMIT, f"!ls -A {folder}; rm -f {folder}/*"]
    said = crash.session("starved", guest.vmcore, [*commands, "pstore_rb show -b quiet"],
                         wrap=MALLOC)
    equal(said[-1].count("quiet words"), 4, "events of the command after all")
    wanted = {key: said[2 + 4 * number] for number, key in enumerate(STARVED)}
    starved = dict.fromkeys(STARVED, 0)
    for (spare, key), at in zip(keys, range(1, len(commands), 4)):
        text, left = said[at + 1], said[at + 3].split()
        went_out, title = starved_file(out, spare, key), f"{key} with {spare} KiB"
        if NO_MEMORY.search(text + went_out):
            want(spare != SPARE[-1], f"{title}: {text}")
            starved[key] += 1
            equal(left, [], f"{title}: files left")
        else:
            equal(text, wanted[key], title)
            want(went_out == starved_file(out, "all", key), f"{title}: the text is another")
            equal(left, ["trace.dat"] if key.startswith("dump") else [], f"{title}: files")
    enough = [key for key, count in starved.items() if not count]
    want(set(enough) <= set(LITTLE), f"memory was never short: {starved}")
    if enough:
        results.say("skip", f"out of memory in {', '.join(enough)}{results.suffix}: "
                            "what was free already was enough")
    for path in glob.glob(f"{out}/starved.*"):
        os.unlink(path)


def starved_file(out, spare, key):
    path = f"{out}/starved.{spare}.{key}"
    return read(path) if os.path.exists(path) else ""


def minimal_mode(crash, guest):
    """crash --minimal has no debug types and runs marked commands only."""
    said = crash.session("minimal", guest.vmcore,
                         [f"extend {crash.extension}", "pstore_rb", "pstore_rb show", "sym panic"],
                         options=("--minimal",))
    want("loaded" in said[0], f"extend says {said[0].strip()[:200]!r}")
    for text in said[1:3]:
        want("minimal" in text, f"the command says {text.strip()[:200]!r}")
    want("panic" in said[3], "the next command does not work")


def session(crash, guest, out):
    """What each of these says, by its key."""
    script = {
        "extend": f"extend {crash.extension}",
        "to a file": f"pstore_rb show -b quiet > {out}/to-a-file",
        **{f"pipe {number}": f"pstore_rb show -b consumed | cat > {out}/piped.{number}"
           for number in range(3)},
        **{f"head {number}": f"pstore_rb show -b top | head -3 > {out}/head.{number}"
           for number in range(3)},
        "after head": "pstore_rb show -b quiet",
        "help": "help pstore_rb",
        "twice": f"extend {crash.extension}",
        "after twice": "pstore_rb show -b quiet",
        "extend -u": f"extend -u {crash.extension}",
        "gone": "pstore_rb",
        "again": f"extend {crash.extension}",
        "after": "pstore_rb show -b quiet",
        "no folder": f"pstore_rb dump {out}/no/such/trace.dat",
        "folder": f"pstore_rb dump {out}",
        "sysfs": "pstore_rb dump /proc/trace.dat",
        "sysfs 6": "pstore_rb dump -6 -n 5 /proc/trace.dat",
    }
    return dict(zip(script, crash.session("manners", guest.vmcore, script.values())))


def cases(bench):
    results, crash, guest, out = bench.parts()
    case = results.case
    try:
        said = session(crash, guest, out)
    except Failure as why:
        results.say("not ok", f"crash outlives the extension's manners: {why}")
        return
    case("output goes to a file", file_has_all, said, out)
    case("output goes through a pipe", pipe_has_all, out)
    case("a reader that goes away gives the prompt back", reader_goes_away, said,
         out)
    case("extend, extend -u and extend again work", unloads_and_loads, said)
    case("a second extend does no harm", works_twice, said)
    case("help pstore_rb explains", help_explains, said)
    case("dump into a folder that is not there: a message", dump_fails_well, said,
         "no folder", "No such file or directory")
    case("dump over a folder: a message", dump_fails_well, said, "folder",
         "not a regular file")
    case("dump where nothing can be written: a message", dump_fails_well, said, "sysfs",
         "/proc/trace.dat")
    case("the same for version 6 and a filter", dump_fails_well, said, "sysfs 6",
         "/proc/trace.dat")
    case("a full disk: a message, no file left, the next command works", full_disk, crash,
         guest, out)
    case("out of memory: a message, no file left, the next command works", out_of_memory,
         results, crash, guest, out)
    case("Ctrl-C stops show, dump, stat, list and formats; the prompt returns", control_c, crash, guest, out)
    case("crash --minimal: loads, and says that there are no types", minimal_mode, crash,
         guest)
