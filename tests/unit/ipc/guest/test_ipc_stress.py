#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Tasks that call one another and die, on 1, 2 and 4 CPUs and by every transport."""
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "..", "..", "qemu"))
from guest import check, main, run  # noqa: E402

BUILD = os.environ.get("PORTOLAN_BUILD", "build")
STRESS = os.path.join(BUILD, "tests", "unit", "ipc", "ipc_stress")
SECONDS = int(os.environ.get("IPC_STRESS_SECONDS", "3"))


def stress(cpus):
    for mode in ("buffered", "auto"):
        result = run(None, "--cpus", cpus, "--kernel-args", f"ipc={mode}", "--module",
                     f"{STRESS} --host-port=${{host-port}} --seconds={SECONDS} "
                     "$(task-create) $(task-resume)", timeout=60 + 3 * SECONDS)
        summary = re.search(r"^stress: (\d+) calls, (\d+) tasks, 0 failed", result.out, re.M)
        check(summary is not None, f"{mode}: {result!r}")
        check(int(summary.group(1)) > 100, f"{mode}: {result!r}")


def test_1_cpu():
    stress("1")


def test_2_cpus():
    stress("2")


def test_4_cpus():
    stress("4")


if __name__ == "__main__":
    sys.exit(main())
