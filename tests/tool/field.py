# SPDX-License-Identifier: GPL-2.0-or-later
"""Cases of pstore-rb in the field: harvest, on made trees that stand for a machine's /."""

import filecmp
import json
import os
import re
import shutil
import signal
import stat
import struct
import subprocess
import time

from helpers import (TOOL, Failure, equal, fails, image, left, make, small_files, tool, want,
                     without_root)

BOOTS = [f"{n:08x}-1111-4222-8333-444444444444" for n in range(10)]
NOW = "ffffffff-1111-4222-8333-444444444444"
MAGIC = b"TrcPrst\n"
STOPPED = 1 << 3
MANIFEST = "manifest.json"


def crc32c(data):
    crc = 0xffffffff
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82f63b78 if crc & 1 else 0)
    return crc ^ 0xffffffff


def copies(data):
    """Where headers begin: docs/format.md"""
    return [at for at in range(0, len(data), 4096) if data[at:at + 8] == MAGIC]


def set_boot(path, boots):
    """Give the slots of a region other boot ids"""
    with open(path, "r+b") as region:
        data = bytearray(region.read())
        for at in copies(data):
            (slot,) = struct.unpack_from("<I", data, at + 48)
            (size,) = struct.unpack_from("<I", data, at + 16)
            data[at + 600:at + 616] = bytes.fromhex(boots[slot].replace("-", ""))
            struct.pack_into("<I", data, at + 8, crc32c(data[at + 12:at + size]))
        region.seek(0)
        region.write(data)


def stop(path):
    """As if the tracer had been switched off"""
    with open(path, "r+b") as region:
        data = bytearray(region.read())
        for at in copies(data):
            (size,) = struct.unpack_from("<I", data, at + 16)
            data[at + 68] |= STOPPED
            struct.pack_into("<I", data, at + 8, crc32c(data[at + 12:at + size]))
        region.seek(0)
        region.write(data)


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as out:
        out.write(text)


class Machine:
    """A / with pstore, and a directory for harvests"""

    def __init__(self, trace, name):
        self.root = f"{trace}.{name}"
        shutil.rmtree(self.root, ignore_errors=True)
        self.pstore = f"{self.root}/sys/fs/pstore"
        self.systemd = f"{self.root}/var/lib/systemd/pstore"
        self.out = f"{self.root}/harvests"
        os.makedirs(self.pstore)
        self.boot(NOW)

    def boot(self, boot_id):
        write(f"{self.root}/proc/sys/kernel/random/boot_id", f"{boot_id}\n")

    def crash(self, boots=BOOTS[:1], place=None, pages=3, slots="", events=40):
        place = place or self.pstore
        os.makedirs(place, exist_ok=True)
        make(f"{place}/x{slots}.region", image(pages, events))
        os.rename(f"{place}/x{slots}.region", f"{place}/trace-ramoops-0")
        set_boot(f"{place}/trace-ramoops-0", boots)
        for kind in "dmesg", "console":
            write(f"{place}/{kind}-ramoops-0", f"{kind} of {boots[-1]}\n")

    def harvest(self, *options, **how):
        return tool("harvest", "--root", self.root, *options, self.out, **how)

    def files(self, name):
        return sorted(os.listdir(f"{self.out}/{name}"))

    def manifest(self, name):
        with open(f"{self.out}/{name}/{MANIFEST}") as source:
            return json.load(source)


ALL = ["console-ramoops-0", "dmesg-ramoops-0", MANIFEST, "trace-ramoops-0", "trace.dat",
       "trace.txt"]


def same(name, *folders):
    one, other = (f"{folder}/{name}" for folder in folders)
    want(filecmp.cmp(one, other, shallow=False), f"{one} and {other} differ")


def harvests(trace):
    m = Machine(trace, "harvests")
    m.crash()
    done = m.harvest()
    equal((done.returncode, done.stderr), (0, ""), "status and standard error")
    made = f"{m.out}/{BOOTS[0]}"
    want(done.stdout.startswith(f"{made}: 3 files of {m.pstore}, 160 events of boot {BOOTS[0]} "
                                "of Linux 6.12.0-test, 2024-11-28T12:00:00."), done.stdout)
    equal(os.listdir(m.out), [BOOTS[0]], "harvests")
    equal(m.files(BOOTS[0]), ALL, "files")
    for name in sorted(os.listdir(m.pstore)):
        same(name, m.pstore, made)
    for path in m.out, made:
        equal(stat.S_IMODE(os.stat(path).st_mode), 0o700, f"mode of {path}")
    for name in ALL:
        equal(stat.S_IMODE(os.stat(f"{made}/{name}").st_mode), 0o600, f"mode of {name}")
    with open(f"{made}/trace.txt") as text:
        equal(text.read(), tool("report", f"{made}/trace-ramoops-0").stdout, "trace.txt")
    equal(tool("info", f"{made}/trace.dat").returncode, 0, "status of the trace.dat")
    tells(m.manifest(BOOTS[0]), m)


def tells(manifest, m):
    equal([manifest[key] for key in ("schema", "version", "boot_id", "harvested_by_boot", "from",
                                     "complete", "problems")],
          ["pstore_rb.harvest", 1, BOOTS[0], NOW, m.pstore, True, []], "the manifest")
    by_name = {each["name"]: each for each in manifest["files"]}
    equal(sorted(by_name), sorted(os.listdir(m.pstore)), "files")
    for name, told in by_name.items():
        with open(f"{m.pstore}/{name}", "rb") as source:
            data = source.read()
        equal((told["size"], told["crc32c"]), (len(data), f"{crc32c(data):08x}"), name)
    (recording,) = manifest["recordings"]
    equal([recording[key] for key in ("image", "trace_dat", "text", "boot_id", "ended", "clock",
                                      "events", "consumed", "complete")],
          ["trace-ramoops-0", "trace.dat", "trace.txt", BOOTS[0], "not stopped", "local", 160, 80,
           True], "the recording")
    equal(recording["kernel"]["build_id"], "ab" * 20, "build-id")
    equal(recording["region"]["area"], "0x10000000", "address")
    equal(recording["loss"]["damage"], [], "damage")
    want(re.fullmatch(r"2024-11-28T12:00:00\.00\d{4}Z", recording["from"]), recording["from"])


def harvests_once(trace):
    m = Machine(trace, "once")
    m.crash()
    equal(m.harvest().returncode, 0, "status")
    for _ in range(2):
        done = m.harvest()
        equal((done.returncode, done.stderr), (0, ""), "again")
        want("3 files were harvested already" in done.stdout, done.stdout)
    equal(os.listdir(m.out), [BOOTS[0]], "harvests")
    before = {name: os.stat(f"{m.out}/{BOOTS[0]}/{name}").st_mtime_ns for name in ALL}
    # another recording of the same boot, and what came without a recording
    m.crash(pages=4)
    equal(m.harvest().returncode, 0, "status")
    equal(sorted(os.listdir(m.out)), [BOOTS[0], f"{BOOTS[0]}~2"], "harvests")
    equal(m.files(f"{BOOTS[0]}~2"), sorted({*ALL} - {"console-ramoops-0", "dmesg-ramoops-0"}),
          "files of the second")
    write(f"{m.pstore}/dmesg-ramoops-1", "another\n")
    equal(m.harvest().returncode, 0, "status")
    equal(m.files(f"before-{NOW}"), ["dmesg-ramoops-1", MANIFEST], "files without an image")
    equal(m.manifest(f"before-{NOW}")["boot_id"], None, "boot id without an image")
    equal({name: os.stat(f"{m.out}/{BOOTS[0]}/{name}").st_mtime_ns for name in ALL}, before,
          "times of the first harvest")


def erases(trace):
    m = Machine(trace, "erases")
    m.crash()
    done = m.harvest("--erase")
    equal((done.returncode, done.stderr), (0, ""), "status")
    want(f"{m.pstore}: 3 files erased\n" in done.stdout, done.stdout)
    equal(os.listdir(m.pstore), [], "left in pstore")
    # what an earlier run harvested, and was stopped before it erased
    m.crash(BOOTS[1:2])
    equal(m.harvest().returncode, 0, "status")
    done = m.harvest("-E")
    want("already" in done.stdout and "3 files erased" in done.stdout, done.stdout)
    equal(os.listdir(m.pstore), [], "left in pstore")
    equal(sorted(os.listdir(m.out)), BOOTS[:2], "harvests")


def keeps(trace):
    """Whatever the clock says, the newest are kept, and what would be harvested anew."""
    m = Machine(trace, "keeps")
    for boot in BOOTS[:5]:
        m.crash([boot])
        equal(m.harvest("--erase", "--keep", "3").returncode, 0, "status")
        # a clock that goes back by a day with each boot
        for name in set(os.listdir(m.out)) - {"notes"}:
            path = f"{m.out}/{name}/{MANIFEST}"
            os.utime(path, (0, os.stat(path).st_mtime + 86400))
        write(f"{m.out}/notes/mine.txt", "mine\n")
    equal(sorted(os.listdir(m.out)), [*BOOTS[2:5], "notes"], "harvests")
    m.crash([BOOTS[5]])
    equal(m.harvest("--keep", "1").returncode, 0, "status")
    equal(sorted(os.listdir(m.out)), [BOOTS[5], "notes"], "harvests")
    write(f"{m.pstore}/dmesg-ramoops-1", "another\n")
    equal(m.harvest("--keep", "1").returncode, 0, "status")
    equal(sorted(os.listdir(m.out)), [BOOTS[5], f"before-{NOW}", "notes"], "still in pstore")
    for name in os.listdir(m.pstore):
        os.unlink(f"{m.pstore}/{name}")
    equal(m.harvest("--keep", "1").returncode, 0, "status")
    equal(sorted(os.listdir(m.out)), [f"before-{NOW}", "notes"], "harvests")


def keeps_crashes(trace):
    """However often the machine is restarted in order since"""
    m = Machine(trace, "crashes")
    for number, boot in enumerate(BOOTS[:7]):
        m.crash([boot])
        if number not in (0, 3):
            stop(f"{m.pstore}/trace-ramoops-0")
        equal(m.harvest("--erase", "--keep", "2").returncode, 0, "status")
    equal(m.manifest(BOOTS[3])["recordings"][0]["ended"], "not stopped", "end of a crash")
    equal(m.manifest(BOOTS[6])["recordings"][0]["ended"], "stopped", "end of a restart")
    equal(sorted(os.listdir(m.out)), sorted(BOOTS[n] for n in (0, 3, 5, 6)), "harvests")
    m.crash([BOOTS[7]])
    equal(m.harvest("--erase", "--keep", "2").returncode, 0, "status")
    equal(sorted(os.listdir(m.out)), sorted(BOOTS[n] for n in (3, 5, 6, 7)), "harvests")


def left_behind(trace):
    """What a run left that was killed, and what is no such thing"""
    m = Machine(trace, "leftover")
    m.crash()
    for name in f"{BOOTS[3]}.abcdef", f"before-{NOW}.ABCDEF", f".removed-{BOOTS[4]}":
        write(f"{m.out}/{name}/{MANIFEST}", "{}")
    write(f"{m.out}/notes.backup/mine.txt", "mine\n")
    equal(m.harvest().returncode, 0, "status")
    equal(sorted(os.listdir(m.out)), [BOOTS[0], "notes.backup"], "left")


def systemd_moves(trace):
    """What systemd-pstore had moved comes from there, directories and all."""
    m = Machine(trace, "systemd")
    m.crash(BOOTS[:1], place=m.systemd)
    write(f"{m.systemd}/17328/001/dmesg.txt", "old\n")
    m.crash(BOOTS[1:2])
    done = m.harvest("--erase")
    equal((done.returncode, done.stderr), (0, ""), "status")
    equal(sorted(os.listdir(m.out)), BOOTS[:2], "harvests")
    want(os.path.exists(f"{m.out}/{BOOTS[0]}/17328/001/dmesg.txt"), "the one below directories")
    equal([len(names) for _, _, names in os.walk(m.systemd)], [0, 0, 0], "files left")
    shutil.rmtree(m.pstore)
    equal(m.harvest().returncode, 0, "status with one of the places")
    shutil.rmtree(m.systemd)
    fails(["harvest", "-r", m.root, m.out], 3, "there is neither", "mount -t pstore")


def two_slots(trace):
    m = Machine(trace, "slots")
    m.crash(BOOTS[:2], slots=".2")
    done = m.harvest()
    equal((done.returncode, done.stderr), (0, ""), "status")
    want("and 1 earlier recordings" in done.stdout, done.stdout)
    equal(os.listdir(m.out), [BOOTS[1]], "harvests")
    equal(m.files(BOOTS[1]), sorted([*ALL, "trace-2.dat", "trace-2.txt"]), "files")
    told = m.manifest(BOOTS[1])
    equal([(each["boot_id"], each["trace_dat"], each["region"]["generation"],
            each["region"]["area"], each["complete"]) for each in told["recordings"]],
          [(BOOTS[1], "trace.dat", 2, "0x10000000", True),
           (BOOTS[0], "trace-2.dat", 1, "0x10000000", True)], "recordings")


def damage(m, at, data=b"spoilt"):
    with open(f"{m.pstore}/trace-ramoops-0", "r+b") as out:
        size = out.seek(0, os.SEEK_END)
        out.seek(at % size)
        out.write(data)


def damaged_images(trace):
    m = Machine(trace, "spoilt")
    m.crash()
    damage(m, -4096 * 2 + 100)
    done = m.harvest("--erase")
    equal(done.returncode, 1, f"status: {done.stderr}")
    told = m.manifest(BOOTS[0])
    (recording,) = told["recordings"]
    equal((told["complete"], recording["complete"], recording["loss"]["damaged_subbufs"]),
          (False, False, 1), "the manifest")
    (place,) = recording["loss"]["damage"]
    want("crc" in place["text"], place)
    equal(m.files(BOOTS[0]), ALL, "files")
    equal(os.listdir(m.pstore), [], "left in pstore: the copy was the same")


def no_header(trace):
    m = Machine(trace, "headless")
    for name, words in ("zeros", "no header of a trace region"), ("torn", "header at 0x0: "):
        m.crash()
        with open(f"{m.pstore}/trace-ramoops-0", "rb") as source:
            places = copies(source.read())
        for at in places:
            damage(m, at + (0 if name == "zeros" else 200))
        with open(f"{m.pstore}/trace-ramoops-0", "rb") as source:
            wanted = source.read()
        m.boot(BOOTS[len(name)])
        done = m.harvest("--erase")
        equal(done.returncode, 1, f"status: {done.stderr}")
        want(f"trace-ramoops-0: nothing can be read out of it: {words}" in
             done.stderr.replace("there is ", ""), done.stderr)
        made = f"before-{BOOTS[len(name)]}"
        with open(f"{m.out}/{made}/trace-ramoops-0", "rb") as source:
            equal(source.read() == wanted, True, "the image is as it was")
        told = m.manifest(made)
        equal((told["complete"], told["boot_id"], told["recordings"]), (False, None, []), "told")
        equal(len(told["problems"]), 1, "problems")


def unreadable(trace):
    """What cannot be read, or is no file, costs itself only, and is not erased."""
    m = Machine(trace, "unreadable")
    m.crash()
    os.chmod(f"{m.pstore}/dmesg-ramoops-0", 0)
    os.symlink("/etc/passwd", f"{m.pstore}/link")
    os.mkfifo(f"{m.pstore}/pipe")
    done = m.harvest("--erase", preexec_fn=without_root)
    equal(done.returncode, 1, f"status: {done.stderr}")
    want(f"{m.pstore}/dmesg-ramoops-0: Permission denied" in done.stderr, done.stderr)
    equal(m.files(BOOTS[0]), sorted({*ALL} - {"dmesg-ramoops-0"}), "files")
    equal(len(m.manifest(BOOTS[0])["problems"]), 1, "problems")
    equal(sorted(os.listdir(m.pstore)), ["dmesg-ramoops-0", "link", "pipe"], "left in pstore")
    os.chmod(m.pstore, 0)
    done = m.harvest(preexec_fn=without_root)
    equal(done.returncode, 3, f"status: {done.stderr}")
    want(f"{m.pstore}: Permission denied: run it as root" in done.stderr, done.stderr)
    os.chmod(m.pstore, 0o700)


def no_room(trace):
    m = Machine(trace, "full")
    m.crash(pages=20, events=120)
    # the image does not fit, the others do; then the image does, the trace.dat does not
    done = m.harvest("--erase", preexec_fn=small_files(50000))
    equal(done.returncode, 1, f"status: {done.stderr}")
    want("trace-ramoops-0: File too large" in done.stderr, done.stderr)
    equal(os.listdir(m.pstore), ["trace-ramoops-0"], "left in pstore")
    size = os.path.getsize(f"{m.pstore}/trace-ramoops-0")
    os.unlink(f"{m.out}/{BOOTS[0]}/{MANIFEST}")
    shutil.rmtree(m.out)
    done = m.harvest("--erase", preexec_fn=small_files(size))
    equal(done.returncode, 1, f"status: {done.stderr}")
    want("trace.dat is not there: " in done.stderr or "trace.txt is not there: " in done.stderr,
         done.stderr)
    same_left = set(m.files(BOOTS[0]))
    want({"trace-ramoops-0", MANIFEST} <= same_left and {*ALL} - {*same_left}, f"{same_left}")
    equal(len(m.manifest(BOOTS[0])["problems"]), len({"trace.dat", "trace.txt"} - same_left),
          "problems")
    equal(os.listdir(m.pstore), [], "left in pstore")
    # nothing at all
    m.crash([BOOTS[1]])
    done = m.harvest("--erase", preexec_fn=small_files(0))
    equal(done.returncode, 3, f"status: {done.stderr}")
    want("nothing could be copied" in done.stderr, done.stderr)
    equal(len(os.listdir(m.pstore)), 3, "left in pstore")
    equal(os.listdir(m.out), [BOOTS[0]], "harvests")


def nowhere(trace):
    m = Machine(trace, "nowhere")
    m.crash()
    fails(["harvest", "-r", m.root, f"{m.root}/missing/out"], 3, "missing/out cannot be made")
    os.mkdir(m.out)
    os.chmod(m.out, 0o500)
    done = m.harvest("--erase", preexec_fn=without_root)
    equal(done.returncode, 3, f"status: {done.stderr}")
    want(m.out in done.stderr and "Permission denied" in done.stderr, done.stderr)
    equal(len(os.listdir(m.pstore)), 3, "left in pstore")
    fails(["harvest", "-r", m.root, f"{m.pstore}/dmesg-ramoops-0"], 3, "Not a directory")
    os.chmod(m.out, 0o700)
    os.chmod(m.pstore, 0o500)
    done = m.harvest("--erase", preexec_fn=without_root)
    equal(done.returncode, 1, f"status: {done.stderr}")
    want("cannot be erased: Permission denied" in done.stderr, done.stderr)
    os.chmod(m.pstore, 0o700)
    fails(["harvest", "--keep", "0", m.out], 2, "--keep wants")
    fails(["harvest"], 2, "a file name is wanted")


def changes(trace):
    """A file that is another one whenever it is read: no copy of it is right."""
    m = Machine(trace, "changes")
    os.rmdir(m.pstore)
    os.symlink("/proc/sys/kernel/random", m.pstore)
    done = m.harvest()
    equal(done.returncode, 1, f"status: {done.stderr}")
    want(f"{m.pstore}/uuid: what was read back of its copy is not the same" in done.stderr,
         done.stderr)
    files = m.files(f"before-{NOW}")
    want("boot_id" in files and "uuid" not in files, f"{files}")
    want("uuid" not in [each["name"] for each in m.manifest(f"before-{NOW}")["files"]], "told")


def stops(m):
    """Whether SIGTERM came while a harvest was made; it ends it in any case."""
    run = subprocess.Popen([TOOL, "harvest", "--erase", "--root", m.root, m.out],
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while run.poll() is None and not (os.path.isdir(m.out) and os.listdir(m.out)):
        time.sleep(0.001)
    run.send_signal(signal.SIGTERM)
    equal(run.wait(60), -signal.SIGTERM, "end")
    return os.listdir(m.out) == []


def interrupted(trace):
    """Nothing half made is left, and nothing is erased."""
    m = Machine(trace, "interrupted")
    m.crash(pages=2000)
    before = sorted(os.listdir(m.pstore))
    for _ in range(20):
        if stops(m):
            break
        shutil.rmtree(m.out)
        m.crash(pages=2000)
    else:
        raise Failure("it is always faster than SIGTERM")
    equal(sorted(os.listdir(m.pstore)), before, "left in pstore")
    equal(m.harvest("--erase").returncode, 0, "status afterwards")
    equal(os.listdir(m.out), [BOOTS[0]], "harvests")


def at_once(trace):
    """Several at once wait for one another: what one has harvested is there already."""
    m = Machine(trace, "atonce")
    m.crash(pages=200)
    runs = [subprocess.Popen([TOOL, "harvest", "--root", m.root, m.out], text=True,
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT) for _ in range(4)]
    said = [run.communicate(timeout=60)[0] for run in runs]
    equal([run.returncode for run in runs], [0] * 4, f"status: {said}")
    equal(os.listdir(m.out), [BOOTS[0]], "harvests")
    equal(sum("3 files were harvested already" in text for text in said), 3, f"{said}")


# ---- --bundle --------------------------------------------------------------

def unpack(bundle, folder):
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    subprocess.run(["tar", "--zstd", "-xf", bundle, "-C", folder], check=True)
    listed = subprocess.run(["tar", "--zstd", "-tvf", bundle], check=True, capture_output=True,
                            text=True).stdout.splitlines()
    want(all(line.startswith("-rw------- 0/0 ") for line in listed), f"{listed}")
    archive = subprocess.run(["zstd", "-dcq", bundle], check=True, capture_output=True).stdout
    want(len(archive) % 512 == 0 and archive.endswith(bytes(1024)), "the end")
    return folder


def bundles(trace):
    m = Machine(trace, "bundle")
    bundle, out = f"{m.root}/crash.tar.zst", f"{m.root}/unpacked"
    m.crash()
    write(f"{m.pstore}/17/001/dmesg.txt", "deeper\n")
    done = m.harvest("--bundle", bundle)
    equal((done.returncode, done.stderr), (0, ""), "status")
    want(done.stdout.endswith(f"{bundle}: 7 files of {m.out}/{BOOTS[0]}\n"), done.stdout)
    equal(stat.S_IMODE(os.stat(bundle).st_mode), 0o600, "mode")
    made = f"{unpack(bundle, out)}/{BOOTS[0]}"
    for name in [*ALL, "17/001/dmesg.txt"]:
        same(name, made, f"{m.out}/{BOOTS[0]}")
        equal(int(os.stat(f"{made}/{name}").st_mtime),
              int(os.stat(f"{m.out}/{BOOTS[0]}/{name}").st_mtime), f"time of {name}")
    # of what was harvested before, the newest
    m.crash([BOOTS[1]])
    equal(m.harvest("--erase").returncode, 0, "status")
    done = m.harvest("-a", bundle)
    equal(done.returncode, 0, f"status: {done.stderr}")
    equal(os.listdir(unpack(bundle, out)), [BOOTS[1]], "what is in it")


def bundle_fails(trace):
    m = Machine(trace, "nobundle")
    bundle = f"{m.root}/crash.tar.zst"
    done = m.harvest("-a", bundle)
    equal(done.returncode, 3, "status with no harvest")
    want("there is no harvest to make a bundle of" in done.stderr, done.stderr)
    m.crash(pages=100, events=150)
    equal(m.harvest("--erase").returncode, 0, "status")
    write(bundle, "old\n")
    done = m.harvest("-a", bundle, preexec_fn=small_files(5000))
    equal(done.returncode, 3, f"status with a full disk: {done.stderr}")
    want(f"{bundle}: File too large" in done.stderr, done.stderr)
    with open(bundle) as old:
        equal(old.read(), "old\n", "the old file")
    equal(left(m.root, "crash"), ["crash.tar.zst"], "files left")
    done = m.harvest("-a", f"{m.root}/missing/b")
    equal(done.returncode, 3, "status with no place")
    want("missing/b: No such file" in done.stderr, done.stderr)
    fails(["harvest", "--redact", m.out], 2, "--redact is for a --bundle")
    fails(["harvest", "--bundle", "-", m.out], 2, "a bundle needs a file")


OOPS = ("<1>[    9.5] BUG: unable to handle page fault for address: ffff888012345678\n"
        "<4>[    9.6] CPU: 0 UID: 0 PID: 77 Comm: my secret Not tainted 6.12 #1\n"
        "<4>[    9.7] RIP: 0010:vfs_read+0x10/0x80, my secret reads /home/me/diary of crashed\n")


def redacts(trace):
    m = Machine(trace, "redact")
    bundle, out = f"{m.root}/crash.tar.zst", f"{m.root}/unpacked"
    m.crash()
    write(f"{m.pstore}/dmesg-ramoops-0", OOPS)
    write(f"{m.pstore}/pmsg-ramoops-0", "my secret\n")
    write(f"{m.pstore}/dmesg-ramoops-1.enc.z", "my secret\n")
    write(f"{m.pstore}/console-ramoops-0", "my secret\0\n")
    done = m.harvest("--bundle", bundle, "--redact")
    equal((done.returncode, done.stderr), (0, ""), "status")
    want("3 files of " in done.stdout and "redacted; 5 that are no text are left out\n" in
         done.stdout, done.stdout)
    made, kept = f"{unpack(bundle, out)}/{BOOTS[0]}", f"{m.out}/{BOOTS[0]}"
    equal(sorted(os.listdir(made)), ["dmesg-ramoops-0", MANIFEST, "trace.txt"], "files")
    text = {}
    for name in os.listdir(made):
        with open(f"{made}/{name}") as source:
            text[name] = source.read()
    equal(text["dmesg-ramoops-0"],
          "<1>[    9.5] BUG: unable to handle page fault for address: ptr-1\n"
          "<4>[    9.6] CPU: 0 UID: 0 PID: 77 Comm: task-1 Not tainted 6.12 #1\n"
          "<4>[    9.7] RIP: 0010:vfs_read+0x10/0x80, task-1 reads path-1 of host-1\n", "dmesg")
    told, before = json.loads(text[MANIFEST]), m.manifest(BOOTS[0])
    equal(told["recordings"][0]["kernel"]["nodename"], "host-1", "host")
    equal([told[key] for key in ("boot_id", "complete", "schema")],
          [before[key] for key in ("boot_id", "complete", "schema")], "manifest")
    equal([each["crc32c"] for each in told["files"]], [each["crc32c"] for each in before["files"]],
          "crcs")
    with open(f"{kept}/trace.txt") as source:
        equal(len(text["trace.txt"].splitlines()), len(source.read().splitlines()), "lines")


# ---- setup -----------------------------------------------------------------

IOMEM = ("00001000-0009fbff : System RAM\n00100000-bfffffff : System RAM\n"
         "  01000000-02ffffff : Kernel code\n  20000000-2fffffff : Crash kernel\n")


def sets_up(trace):
    m = Machine(trace, "setup")
    write(f"{m.root}/proc/iomem", IOMEM)
    setup = ["setup", "--history", "10s", "--cpus", "4", "-r", m.root]
    done = tool(*setup)
    equal(done.returncode, 0, "status")
    (about,), (line,) = done.stderr.splitlines(), done.stdout.splitlines()
    equal(line, "reserve_mem=43M@0x30000000:4096:oops ramoops.mem_name=oops "
          "ramoops.trace_size=42M ramoops.record_size=65536 ramoops.console_size=262144", "line")
    equal(about, "# 10 s of 20000 events a second, 48 bytes each, on each of 4 CPUs: 42M of 1 "
          "recording, 2402 sub-buffers a CPU", "what was reckoned with")
    told = json.loads(tool(*setup, "--json").stdout)
    equal([told[key] for key in ("schema", "version", "command_line", "trace_size", "area_size",
                                 "address", "remark")],
          ["pstore_rb.setup", 1, line, 42 << 20, 43 << 20, "0x30000000", None], "JSON")
    want(told["bytes_per_cpu"] >= 10 * 20000 * 48, told)
    line = tool(*setup, "-g", "2", "--at", "1G", "-w", "1000").stdout.splitlines()[-1]
    want(line.startswith("reserve_mem=9M@0x40000000:4096:oops ramoops.mem_name=oops ramoops."
                         "trace_size=8M ramoops.trace_generations=2 "), line)
    for iomem, words in ("0-0 : System RAM\n", "to root only"), \
            ("0-fffff : System RAM\n", "no such piece"), (None, "cannot be read"):
        os.unlink(f"{m.root}/proc/iomem")
        if iomem:
            write(f"{m.root}/proc/iomem", iomem)
        done = tool(*setup)
        want(words in done.stderr.splitlines()[1] and "@0x20000000:" in done.stdout, done)


def setup_usage(trace):
    fails(["setup"], 2, "--history TIME is wanted")
    fails(["setup", "-H", "1s"], 2, "--cpus N is wanted")
    for wrong in ["-H", "1x"], ["-H", "-1"], ["-H", "0"], ["-H", "nan"], ["-H", "9e99h"], \
            ["-m", "0"], ["-m", "x"], ["-w", "0"], ["-g", "3"], ["-A", "0x20000001"], \
            ["-A", "1T"], ["-A", "0xfffffffffffff000G"]:
        fails(["setup", *wrong], 2, "wants", f'not "{wrong[1]}"', "usage: pstore-rb setup")
    fails(["setup", "-H", "100h", "-w", "1000000000", "-m", "5"], 2, "so much memory")
    fails(["setup", "-H", "1s", "-m", "5", "more"], 2, '"more" is one argument too many')


CASES = {
    "harvest: all files of pstore, trace.dat, text, a manifest": harvests,
    "harvest: what is there already is not copied again, nothing is overwritten": harvests_once,
    "harvest --erase: what was compared, also in an earlier run": erases,
    "harvest --keep: the newest by order, and what is still in pstore": keeps,
    "harvest --keep: restarts in order push out no crash": keeps_crashes,
    "harvest: what a killed run left is removed, and nothing else": left_behind,
    "harvest: what systemd-pstore moved, and no pstore at all": systemd_moves,
    "harvest: each recording of an image": two_slots,
    "harvest: a damaged sub-buffer: in the manifest, status 1": damaged_images,
    "harvest: an image without a header is kept as it is, status 1": no_header,
    "harvest: what cannot be read costs only itself, and stays": unreadable,
    "harvest: a copy that is not the same is none": changes,
    "harvest: a full disk: what fits, and nothing is erased that did not": no_room,
    "harvest: SIGTERM ends it by the signal, nothing is left or erased": interrupted,
    "harvest: one at a time": at_once,
    "harvest --bundle: all of the newest harvest, in a tar.zst": bundles,
    "harvest --bundle: no room, nothing to make one of: a message, the old file stays":
        bundle_fails,
    "harvest --redact: text only, without names and pointers": redacts,
    "setup: the least memory, where nothing is, as text and JSON": sets_up,
    "setup: wrong use": setup_usage,
    "harvest: no place for it: a message with the path, nothing is erased": nowhere,
}
