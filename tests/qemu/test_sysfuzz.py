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

# The server keeps some threads that wait for requests and lets others go
# after a while: let it have as many as it keeps, before and after.
SETTLE = ("for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16; do sleep 0.5 & done; wait;"
          " sleep 1")

SEED = int(os.environ.get("SYSFUZZ_SEED", "1"))
CHILDREN = int(os.environ.get("SYSFUZZ_CHILDREN", "12"))


def fuzz(*options):
    with tempfile.TemporaryDirectory() as folder:
        program = os.path.join(folder, "sysfuzz")
        subprocess.run(["musl-gcc", "-static", "-O1", "-o", program,
                        os.path.join(TOP, "tests", "guest", "sysfuzz.c")], check=True)
        printed = around(f"sysfuzz {SEED} 3 500; {SETTLE}",
                         f"sysfuzz {SEED} {CHILDREN} 500; {SETTLE}",
                         "--add", program + ":/bin/sysfuzz", *options, timeout=60 + 4 * CHILDREN)
        check(printed == f"{CHILDREN} children\n", printed)


def test_1_cpu():
    fuzz()


def test_4_cpus():
    fuzz("--cpus", "4")


if __name__ == "__main__":
    sys.exit(main())
