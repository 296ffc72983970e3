# SPDX-License-Identifier: GPL-2.0-or-later
"""Guests whose traces are read, each run once: while its script and the kernel stay."""

import os

from programs import OUT, VM, run

HERE = os.path.dirname(os.path.realpath(__file__))
KERNEL = "6.12"


def vmlinux():
    return run(f"{VM}/kernel", KERNEL).strip() + "/vmlinux"


def make(name, script, *options):
    """What it leaves is in OUT/name"""
    key = f"{vmlinux()}\n{open(f'{HERE}/{script}').read()}"
    key_file = f"{OUT}/{name}.key"
    if os.path.exists(key_file) and open(key_file).read() == key:
        return
    print(f"running the guest of {script} (a minute or some)", flush=True)
    with open(f"{OUT}/{name}.log", "w") as log:
        run(f"{VM}/run", "--kernel", KERNEL, "--cpus", "4", "--script", f"tests/bench/{script}",
            *options, "--timeout", "280", "--out", f"{OUT}/{name}", stderr=log)
    with open(key_file, "w") as target:
        target.write(key)
