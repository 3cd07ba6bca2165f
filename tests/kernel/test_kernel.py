#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The kernel under load, and its answers to bad boot modules."""
import os
import re
import sys
import tempfile

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


def bad_boot(expected, *modules):
    """A boot that must end in a panic that says what is wrong."""
    options = [word for module in modules for word in ("--module", module)]
    result = run(None, *options, timeout=60)
    check(result.status == 127, f"status: {result!r}")
    check(expected in result.err + result.out, f"no {expected!r}: {result!r}")


def scratch(name, content):
    path = os.path.join(tempfile.mkdtemp(prefix="portolan-"), name)
    with open(path, "wb") as out:
        out.write(content)
    return path


def test_garbage_program():
    bad_boot("not a 64-bit ELF file",
             scratch("garbage", b"#!/bin/sh\n" * 100) + " x $(task-create) $(task-resume)")


def test_truncated_program():
    with open(STRESS, "rb") as program:
        head = program.read(5000)
    bad_boot("a segment lies outside the file",
             scratch("truncated", head) + " x $(task-create) $(task-resume)")


def test_bad_lines():
    bad_boot("undefined symbol 'nothing'", f"{STRESS} x ${{nothing}} $(task-create)")
    bad_boot("undefined function 'task-destroy'", f"{STRESS} x $(task-destroy)")
    bad_boot("invalid variable in assignment 'task-create'",
             f"{STRESS} x $(task-create=task-create)")
    bad_boot("task-resume without task-create", f"{STRESS} x $(task-resume)")


def test_cpus_argument():
    """A limit is kept; what is no number is told and ignored."""
    hello = f"{STRESS} --host-port=${{host-port}} --rounds=8 $(task-create) $(task-resume)"
    result = run(None, "--module", hello, "--cpus", "4", "--kernel-args", "cpus=abc", timeout=60)
    check("boot argument cpus=abc" in result.err, f"{result!r}")
    check("stress:" in result.out, f"{result!r}")
    result = run(None, "--module", hello, "--cpus", "4", "--kernel-args", "cpus=2", timeout=60)
    check("boot argument" not in result.err, f"{result!r}")
    check("stress:" in result.out, f"{result!r}")


def test_exhaustion():
    hog = os.path.join(BUILD, "tests", "kernel", "hog")
    result = run(None, "--module", f"{hog} --host-port=${{host-port}} "
                 "$(task-create) $(task-resume)", "--memory", "64M", timeout=120)
    summary = re.search(r"^hog: (\d+) passed, (\d+) failed", result.out, re.M)
    check(summary is not None, f"no summary: {result!r}")
    check(summary.group(2) == "0", f"{result!r}")


if __name__ == "__main__":
    sys.exit(main())
