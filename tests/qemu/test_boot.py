#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The machines it boots on: BIOS, UEFI, the PVH note; CPUs; memory sizes."""
import sys

from guest import check, expect, main, run


def test_bios():
    expect("echo ok", "ok\n")


def test_pvh():
    expect("echo ok", "ok\n", options=("--pvh",))


def test_uefi():
    expect("echo ok", "ok\n", options=("--uefi",))


def test_64_mib():
    expect("echo ok; seq 1 2000 | sort -n | tail -1", "ok\n2000\n", options=("--memory", "64M"))


def test_4_gib_and_4_cpus():
    expect("echo ok; awk '/MemTotal/ { print ($2 > 3800000) }' /proc/meminfo", "ok\n1\n",
           options=("--memory", "4G", "--cpus", "4"))


def test_icount_is_deterministic():
    first = run("echo ok", "--icount")
    check(first.out == "ok\n" and first.status == 0, f"{first!r}")


if __name__ == "__main__":
    sys.exit(main())
