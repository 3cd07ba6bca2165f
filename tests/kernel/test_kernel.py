#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The kernel under load, and its answers to bad boot modules."""
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "qemu"))
from guest import check, main, run  # noqa: E402

BUILD = os.environ.get("PORTOLAN_BUILD", "build")
STRESS = os.path.join(BUILD, "tests", "kernel", "stress")


def stress(*options):
    result = run(None, "--module", f"{STRESS} --host-port=${{host-port}} --rounds=60 "
                 "$(task-create) $(task-resume)", *options, timeout=150)
    summary = re.search(r"^stress: (\d+) passed, (\d+) failed", result.out, re.M)
    check(summary is not None, f"no summary: {result!r}")
    check(summary.group(2) == "0", f"{result!r}")


def test_stress_1_cpu():
    stress()


def test_stress_2_cpus():
    stress("--cpus", "2")


def test_stress_4_cpus():
    stress("--cpus", "4")


if __name__ == "__main__":
    sys.exit(main())
