#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Entry, exit and translation under ill will: in QEMU with several CPU models
and counts, under UEFI, and in Bochs, which behaves as Intel does."""
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "qemu"))
from guest import check, main, run  # noqa: E402
from bochs import bochs  # noqa: E402

BUILD = os.environ.get("PORTOLAN_BUILD", "build")
WORDS = "--host-port=${host-port} $(task-create) $(task-resume)"


def module(name):
    return f"{os.path.join(BUILD, 'tests', 'arch', name)} {WORDS}"


def judge(word, output):
    summary = re.search(rf"^{word}: (\d+) passed, (\d+) failed", output, re.M)
    check(summary is not None, f"no summary in: {output}")
    check(summary.group(2) == "0" and int(summary.group(1)) > 10, output)


def qemu(name, word, *options, timeout=90):
    result = run(None, "--module", module(name), *options, timeout=timeout)
    judge(word, result.out)


def test_hostile():
    qemu("hostile_check", "hostile")


def test_hostile_4_cpus():
    qemu("hostile_check", "hostile", "--cpus", "4")


def test_hostile_uefi():
    qemu("hostile_check", "hostile", "--uefi")


def test_hostile_bochs():
    judge("hostile", bochs(BUILD, module("hostile_check")))


def test_hostile_bochs_2_cpus():
    judge("hostile", bochs(BUILD, module("hostile_check"), cpus=2))


def test_tlb_2_cpus():
    qemu("tlb_check", "tlb", "--cpus", "2", timeout=200)


def test_tlb_4_cpus():
    qemu("tlb_check", "tlb", "--cpus", "4", timeout=200)


if __name__ == "__main__":
    sys.exit(main())
