# SPDX-License-Identifier: GPL-2.0-or-later
"""Cases: damage done to a real region: what the reader says is damaged is what was hit.

The layout is read here by docs/format.md alone."""

import json
import mmap
import os
import random
import re
import struct
import subprocess

from bench import HANGS, TOP, want
from bench import same as equal

TOOL = f"{TOP}/build/pstore-rb"
COUNTS = re.compile(r"(\d+) sealed, (\d+) of them restored, (\d+) unsealed, (\d+) corrupt, (\d+) missing")
LINE = 64


class Region:
    """Where things are in an image whose first slot begins at 0."""

    def __init__(self, image):
        self.image = image
        want(image[:8] == b"TrcPrst\n", "the image does not begin with a header")
        self.header_size, = struct.unpack_from("<I", image, 16)
        self.arming, = struct.unpack_from("<I", image, 64)
        self.subbuf_size, self.long_size, chunks, offset, step, self.seal_size = \
            struct.unpack_from("<6I", image, 76)
        self.sealed = [at for number in range(chunks)
                       for at in self.of_chunk(offset + number * step)]

    def of_chunk(self, at):
        """(place, commit) of the sub-buffers that are as their seal says"""
        _, count, _, _, subbufs, seals = struct.unpack_from("<IIQQQQ", self.image, at)
        for number in range(count):
            seal = struct.unpack_from("<QQQQIII", self.image, seals + number * self.seal_size)
            place = subbufs + number * self.subbuf_size
            stamp, commit = struct.unpack_from("<QQ" if self.long_size == 8 else "<QI",
                                               self.image, place)
            if seal[4] == self.arming and seal[0] == stamp and seal[5] == commit and commit > LINE:
                yield place, commit


def flip(image, place, size, rng):
    at = place + rng.randrange(size)
    image[at] ^= 1 << rng.randrange(8)


def zero_line(image, place, size, rng):
    """A cache line that was never written back; one that is zero already would be none."""
    for _ in range(100):
        at = place + rng.randrange(size - LINE + 1)
        if any(image[at:at + LINE]):
            image[at:at + LINE] = bytes(LINE)
            return
    flip(image, place, size, rng)


def tear(image, place, size, rng):
    """Its end is another sub-buffer's."""
    half = size // 2
    other = rng.randbytes(size - half)
    if image[place + half:place + size] == other:
        other = bytes(byte ^ 1 for byte in other)
    image[place + half:place + size] = other


HOW = (flip, zero_line, tear)


def counts_of(path, wanted):
    done = subprocess.run([TOOL, "info", "--json", path], timeout=HANGS, text=True,
                          stdin=subprocess.DEVNULL, capture_output=True)
    want(done.returncode in wanted, f"exit status {done.returncode}: {done.stderr[-300:]}")
    told = json.loads(done.stdout)
    found = [list(map(int, line)) for line in COUNTS.findall("\n".join(told["remarks"]))]
    want(found, f"no counts: {told['remarks']}")
    return [sum(column) for column in zip(*found)], told


def damage_is_told(region, path, seeds):
    """Of each image so many corrupt sub-buffers as were hit, all others as before."""
    with open(path, "wb") as out:
        out.write(region)
    before, told = counts_of(path, (0,))
    events = told["events"]
    with open(path, "r+b") as file, mmap.mmap(file.fileno(), 0) as image:
        layout = Region(image)
        want(len(layout.sealed) > 100, f"only {len(layout.sealed)} sub-buffers are sealed")
        for seed in seeds:
            rng = random.Random(seed)
            hit = rng.sample(layout.sealed, rng.randint(1, 20))
            kept = [bytes(image[place:place + layout.subbuf_size]) for place, _ in hit]
            for place, commit in hit:
                rng.choice(HOW)(image, place + 8 + layout.long_size, commit, rng)
            after, told = counts_of(path, (1,))
            equal(after, [before[0] - len(hit), *before[1:3], before[3] + len(hit), before[4]],
                  f"seed {seed}: sealed, restored, unsealed, corrupt, missing")
            want(told["events"] < events, f"seed {seed}: {told['events']} events of {events}")
            for (place, _), content in zip(hit, kept):
                image[place:place + layout.subbuf_size] = content
        equal(counts_of(path, (0,))[0], before, "the image as it was")
    os.unlink(path)
