#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""ipcstat: counters and modes, at the prompt and as a boot module."""
import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "tests", "qemu"))
from guest import RUN, check, main, run  # noqa: E402

MODULE = os.path.join(RUN[RUN.index("--build") + 1], "tools", "guest", "ipcstat-module")


def counters(text):
    return {name: int(value) for name, value in re.findall(r"^([A-Z_]+) +(\d+)  \S", text, re.M)}


def test_counts_by_mode():
    """A mode forbids a path; the counters of a command's time show it."""
    result = run("for m in buffered handoff register auto; do"
                 " ipcstat --mode $m; ipcstat --mode; ipcstat ls /bin/ipcstat; done")
    parts = re.split(r"^(buffered|handoff|register|auto)\n", result.out, flags=re.M)
    found = dict(zip(parts[1::2], map(counters, parts[2::2])))
    check(list(found) == ["buffered", "handoff", "register", "auto"], f"{result!r}")
    for mode, counts in found.items():
        check(counts["BUFFERED_SEND"] > 5, f"{mode}: {counts}")
        check(("HANDOFF" in counts) == (mode in ("handoff", "auto")), f"{mode}: {counts}")
    check(found["buffered"]["NO_OPTION"] > found["auto"]["NO_OPTION"], f"{found}")


def test_status_and_errors():
    result = run("exec 2>/dev/null; ipcstat false >/dev/null; echo $?; ipcstat sh -c 'kill -9 $$' >/dev/null; echo $?;"
                 " ipcstat --mode never; echo $?; ipcstat /nonexistent >/dev/null; echo $?;"
                 " su user -c 'ipcstat --mode buffered'; echo $?; ipcstat --mode;"
                 " su user -c 'ipcstat true' | grep -c BUFFERED_SEND")
    check(result.out.split() == ["1", "137", "2", "127", "1", "auto", "1"], f"{result!r}")


def test_mode_of_a_command():
    """The mode holds while the command runs; what comes after the options is its own."""
    result = run("ipcstat --mode buffered ipcstat --mode; ipcstat --mode; ipcstat --mode handoff sh -c 'exit 7';"
                 " echo status $?; ipcstat --mode buffered ls -l /bin/ipcstat; ipcstat --nonsense; echo status $?")
    words = result.out.split()
    check(words[0] == "buffered" and "auto" in words and "status 7\n" in result.out, f"{result!r}")
    counts = counters(result.out.partition("status 7")[2])
    check(counts["BUFFERED_SEND"] > 5 and "HANDOFF" not in counts, f"{result!r}")
    check("usage: ipcstat" in result.out and result.out.endswith("status 2\n"), f"{result!r}")


def test_boot_argument():
    result = run("ipcstat --mode; ipcstat | grep -c HANDOFF", "--kernel-args", "ipc=buffered")
    check(result.out.split() == ["buffered", "0"], f"{result!r}")


def test_module():
    result = run(None, "--pvh", "--module",
                 f"{MODULE} ipcstat --host-port=${{host-port}} --power-off $(task-create) $(task-resume)")
    check(result.status == 0 and counters(result.out).get("KERNEL_RPC", 0) > 0, f"{result!r}")


if __name__ == "__main__":
    sys.exit(main())
