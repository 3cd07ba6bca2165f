#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Register IPC as a boot module, on 1, 2 and 4 CPUs."""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from test_native import main, program  # noqa: E402


def test_register():
    program("register_check", "register")


def test_register_2_cpus():
    program("register_check", "register", "--cpus", "2")


def test_register_4_cpus():
    program("register_check", "register", "--cpus", "4")


if __name__ == "__main__":
    sys.exit(main())
