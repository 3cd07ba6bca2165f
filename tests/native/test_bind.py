#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Threads bound to CPUs, as a boot module, on 1, 2 and 4 CPUs."""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from test_native import main, program  # noqa: E402


def test_bind():
    program("bind_check", "bind")


def test_bind_2_cpus():
    program("bind_check", "bind", "--cpus", "2")


def test_bind_4_cpus():
    program("bind_check", "bind", "--cpus", "4")


if __name__ == "__main__":
    sys.exit(main())
