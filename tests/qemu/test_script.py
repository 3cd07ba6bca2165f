#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Longer scripts, byte for byte as on Linux (tests/guest/*.expected)."""
import os
import sys

from guest import TOP, check, main, run

GUEST = os.path.join(TOP, "tests", "guest")


def same_as_linux(name, shell, *options, timeout=240):
    script = os.path.join(GUEST, name + ".sh")
    result = run(f"env -i PATH=/bin:/usr/bin TMPDIR=/tmp {shell} /tmp/{name}.sh 2>/dev/null",
                 "--add", f"{script}:/tmp/{name}.sh", *options, timeout=timeout)
    with open(os.path.join(GUEST, name + ".expected"), encoding="utf-8") as file:
        expected = file.read()
    if result.out == expected and result.status == 0:
        return
    got, want = result.out.splitlines(), expected.splitlines()
    for number, (line, right) in enumerate(zip(got + [""] * len(want), want), 1):
        check(line == right, f"line {number}: expected {right!r}, got {line!r}\n{result.err}")
    raise AssertionError(f"status {result.status}, {len(got)} lines for {len(want)}\n{result.err}")


def test_script_in_busybox_sh():
    same_as_linux("script", "/bin/sh")


def test_script_in_bash():
    same_as_linux("script", "/bin/bash")


def test_script_on_four_cpus():
    same_as_linux("script", "/bin/sh", "--cpus", "4")


if __name__ == "__main__":
    sys.exit(main())
