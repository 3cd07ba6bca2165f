#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Random calls of every kernel routine: nobody is harmed, nothing is left behind."""
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "qemu"))
from guest import check, main, run  # noqa: E402

BUILD = os.environ.get("PORTOLAN_BUILD", "build")
FUZZ = os.path.join(BUILD, "tests", "kfuzz", "fuzz")
ROUNDS = int(os.environ.get("KFUZZ_ROUNDS", "12"))
SEED = int(os.environ.get("KFUZZ_SEED", "1"))


def fuzz(*options):
    line = (f"{FUZZ} --host-port=${{host-port}} --device-port=${{device-port}}"
            f" --rounds={ROUNDS} --seed={SEED} $(task-create) $(task-resume)")
    result = run(None, "--module", line, *options, timeout=60 + 10 * ROUNDS)
    check(re.search(rf"^fuzz: {ROUNDS} passed, 0 failed", result.out, re.M), f"{result!r}")


def test_1_cpu():
    fuzz()


def test_2_cpus():
    fuzz("--cpus", "2")


def test_4_cpus():
    fuzz("--cpus", "4")


if __name__ == "__main__":
    sys.exit(main())
