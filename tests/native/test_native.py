#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Native programs as boot modules: the ABI, the library, the library on musl."""
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "qemu"))
from guest import check, main, run  # noqa: E402

BUILD = os.environ.get("PORTOLAN_BUILD", "build")
WORDS = ("--host-port=${host-port} --device-port=${device-port} "
         "$(task-create) $(task-resume)")


def program(name, word, *options, arguments="", timeout=90):
    """Boot one program; its summary line must say that nothing failed."""
    path = os.path.join(BUILD, "tests", "native", name)
    result = run(None, "--module", f"{path} {arguments} {WORDS}", *options, timeout=timeout)
    summary = re.search(rf"^{word}: (\d+) passed, (\d+) failed", result.out, re.M)
    check(summary is not None, f"no summary: {result!r}")
    check(summary.group(2) == "0" and int(summary.group(1)) > 10, f"{result!r}")


def test_abi():
    program("abi_check", "abi")


def test_abi_2_cpus():
    program("abi_check", "abi", "--cpus", "2")


def test_abi_4_cpus():
    program("abi_check", "abi", "--cpus", "4")


def test_exceptions():
    program("exc_check", "exc")


def test_exceptions_2_cpus():
    program("exc_check", "exc", "--cpus", "2")


def test_exceptions_4_cpus():
    program("exc_check", "exc", "--cpus", "4")


def window(seed, *options):
    """PORTOLAN_RACES: so many races, and a seed, as in long campaigns."""
    races = os.environ.get("PORTOLAN_RACES", f"--races=100 --seed={seed}")
    program("window_check", "window", *options, arguments=races,
            timeout=int(os.environ.get("PORTOLAN_RANDOM_TIMEOUT", "120")))


def test_window():
    program("window_check", "window")


def test_window_2_cpus():
    window(1, "--cpus", "2")


def test_window_4_cpus():
    window(2, "--cpus", "4")


def random_calls(seed, *options):
    """Random calls against the model; PORTOLAN_RANDOM says more, as in long campaigns."""
    words = os.environ.get("PORTOLAN_RANDOM", f"--first={seed} --rounds=120")
    path = os.path.join(BUILD, "tests", "native", "ipc_random")
    timeout = int(os.environ.get("PORTOLAN_RANDOM_TIMEOUT", "120"))
    result = run(None, "--module",
                 f"{path} --host-port=${{host-port}} {words} $(task-create) $(task-resume)",
                 *options, timeout=timeout)
    summary = re.search(r"^random: (\d+) passed, (\d+) failed", result.out, re.M)
    check(summary is not None, f"no summary: {result!r}")
    check(summary.group(2) == "0" and int(summary.group(1)) > 100, f"{result!r}")


def test_random():
    random_calls(1)


def test_random_2_cpus():
    random_calls(2, "--cpus", "2")


def test_random_4_cpus():
    random_calls(3, "--cpus", "4")


def test_libmach():
    program("libmach_check", "libmach")


def test_libmach_4_cpus():
    program("libmach_check", "libmach", "--cpus", "4")


def test_musl():
    program("musl_check", "musl")


def test_musl_4_cpus():
    program("musl_check", "musl", "--cpus", "4")


if __name__ == "__main__":
    sys.exit(main())
