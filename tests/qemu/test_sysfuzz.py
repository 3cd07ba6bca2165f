#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Random system calls by an ordinary user: the system goes on, and nothing of
them is left behind."""
import os
import subprocess
import sys
import tempfile

from guest import TOP, check, main
from test_stress import around

SEED = int(os.environ.get("SYSFUZZ_SEED", "1"))
CHILDREN = int(os.environ.get("SYSFUZZ_CHILDREN", "12"))


def fuzz(*options):
    with tempfile.TemporaryDirectory() as folder:
        program = os.path.join(folder, "sysfuzz")
        subprocess.run(["musl-gcc", "-static", "-O1", "-o", program,
                        os.path.join(TOP, "tests", "guest", "sysfuzz.c")], check=True)
        printed = around(f"sysfuzz {SEED} 3 500", f"sysfuzz {SEED} {CHILDREN} 500",
                         "--add", program + ":/bin/sysfuzz", *options, timeout=60 + 4 * CHILDREN)
        check(printed == f"{CHILDREN} children\n", printed)


def test_1_cpu():
    fuzz()


def test_4_cpus():
    fuzz("--cpus", "4")


if __name__ == "__main__":
    sys.exit(main())
