#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""./run's options and bad input: a clear message and the promised status."""
import os
import sys
import tempfile

from guest import Result, check, expect, main, run


def refuse(*options, words):
    result = run(None, *options)
    check(result.status == 2, f"{options}: {result!r}")
    check("usage:" in result.err and words in result.err, f"{options}: {result!r}")


def test_wrong_usage_is_status_2():
    refuse("--bogus", words="--bogus")
    refuse("--cpus", "0", words="CPUs")
    refuse("--cpus", "two", words="CPUs")
    refuse("--memory", "12", words="size")
    refuse("--add", "/does/not/exist", words="no such file")
    refuse("--module", "/does/not/exist x", words="no such file")
    refuse("--timeout", "-1", words="seconds")


def test_timeout_is_status_124():
    result = run("sleep 100", timeout=6)
    check(result.status == 124 and "timed out" in result.err, f"{result!r}")


def test_add_file_and_directory():
    with tempfile.TemporaryDirectory() as folder:
        os.mkdir(os.path.join(folder, "sub"))
        for name, text in (("one", "1\n"), ("sub/two", "2\n")):
            with open(os.path.join(folder, name), "w", encoding="ascii") as file:
                file.write(text)
        os.symlink("one", os.path.join(folder, "link"))
        expect("cat /data/x/one /data/x/sub/two /data/x/link /one", "1\n2\n1\n1\n",
               options=("--add", f"{folder}:/data/x", "--add", os.path.join(folder, "one")))


def test_more_cpus_and_memory():
    for cpus in ("2", "4"):
        expect("nproc", f"{cpus}\n", options=("--cpus", cpus))


def module_run(data, *words):
    with tempfile.NamedTemporaryFile() as file:
        file.write(data)
        file.flush()
        return run(None, "--module", " ".join((file.name,) + words), timeout=20)


def test_garbage_module_is_named():
    result: Result = module_run(b"\x7fELFgarbage" * 10, "thing", "$(task-create)", "$(task-resume)")
    check(result.status != 0 and "thing" in result.out + result.err, f"{result!r}")


def test_bad_boot_script_is_named():
    result = module_run(b"x", "thing", "${nonsense}", "$(task-create)")
    check(result.status != 0 and "nonsense" in result.out + result.err, f"{result!r}")


def test_too_little_memory_is_said():
    result = run("true", "--memory", "8M", timeout=20)
    check(result.status not in (0, 124) and "memory" in result.out + result.err, f"{result!r}")


def test_bad_boot_arguments_are_said():
    for argument in ("ipc=bogus", "cpus=abc"):
        result = run("echo fine", "--pvh", "--kernel-args", argument)
        check(result.out == "fine\n" and result.status == 0, f"{result!r}")
        check(argument in result.err, f"{argument}: {result!r}")


if __name__ == "__main__":
    sys.exit(main())
