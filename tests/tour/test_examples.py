#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The examples of what capabilities give: chief and phoenix, on 1, 2 and 4 CPUs."""
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "qemu"))
from guest import RUN, check, main, run  # noqa: E402

BUILD = RUN[RUN.index("--build") + 1]


def example(name, *options):
    path = os.path.join(BUILD, "libmach", name)
    result = run(None, "--pvh", "--module",
                 f"{path} --host-port=${{host-port}} $(task-create) $(task-resume)", *options, timeout=90)
    check(result.status == 0, f"{result!r}")
    return result.out.replace("\r", "")


def chief(*options):
    out = example("chief", *options)
    for line in ("ward: allocate 64 KiB: KERN_SUCCESS",
                 "chief: vm_allocate (id 2021): KERN_RESOURCE_SHORTAGE",
                 "ward: allocate 64 MiB: KERN_RESOURCE_SHORTAGE", "ward: free 64 KiB: KERN_SUCCESS",
                 "ward: make a port: KERN_SUCCESS", "ward: make a task: KERN_NO_ACCESS",
                 "ward: suspend myself: KERN_NO_ACCESS",
                 "chief: task_terminate (id 2008): passed on", "chief: the ward is gone"):
        check(line in out.splitlines(), f"no line {line!r} in\n{out}")


def phoenix(*options):
    out = example("phoenix", *options)
    found = re.search(r"^phoenix: (\d+) deaths, (\d+) requests, asked (\d+) times: all done, none twice$",
                      out, re.M)
    check(found is not None, out)
    deaths, requests, asked = map(int, found.groups())
    check(deaths >= 5 and requests <= asked <= requests + 3 * deaths, out)


def test_chief():
    chief()


def test_chief_4_cpus():
    chief("--cpus", "4")


def test_phoenix():
    phoenix()


def test_phoenix_2_cpus():
    phoenix("--cpus", "2")


def test_phoenix_4_cpus():
    phoenix("--cpus", "4")


def test_phoenix_buffered():
    phoenix("--kernel-args", "ipc=buffered")


if __name__ == "__main__":
    sys.exit(main())
