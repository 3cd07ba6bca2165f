#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Entry, exit and translation under ill will: in QEMU with several CPU models
and counts, under UEFI, and in Bochs, which behaves as Intel does."""
import os
import re
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "qemu"), os.path.join(HERE, "..", "..", "tools")]
from guest import check, main, run  # noqa: E402
from bochs import bochs  # noqa: E402
from run import Run, parse  # noqa: E402

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


def hostile_bochs(cpus):
    file, words = module("hostile_check").split(" ", 1)
    judge("hostile", bochs(BUILD, [(file, f"hostile_check {words}")], cpus))


def test_hostile_bochs():
    hostile_bochs(1)


def test_hostile_bochs_2_cpus():
    hostile_bochs(2)


def test_unix_bochs():
    options = parse(["--build", BUILD, "--", "uname -s; seq 1 100 | tail -n 1; exec /bin/bash"
                     " -c 'echo $((6 * 7)) | cat'"])
    with tempfile.TemporaryDirectory() as scratch:
        printed = bochs(BUILD, Run(options, scratch).modules())
    check("Linux\n100\n42\n" in printed.replace("\r", ""), printed)


def test_tlb_2_cpus():
    qemu("tlb_check", "tlb", "--cpus", "2", timeout=200)


def test_tlb_4_cpus():
    qemu("tlb_check", "tlb", "--cpus", "4", timeout=200)


if __name__ == "__main__":
    sys.exit(main())
