#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Rules that a reader relies on: an opening comment in every header, no
leftovers, no preprocessor conditionals outside arch/ and kern/ headers."""
import os
import re
import subprocess
import sys

TOP = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
LEFTOVER = re.compile(r"\b(" + "TO" + r"DO|FIX" + r"ME|X" + r"XX|HA" + r"CK)\b")
CONDITIONAL_FREE = ("ipc/", "vm/", "kernel/core/", "kernel/glue/", "kernel/device/")


def tracked():
    listed = subprocess.run(["git", "-C", TOP, "ls-files", "--cached", "--others",
                             "--exclude-standard"], stdout=subprocess.PIPE, check=False)
    return [name for name in listed.stdout.decode().splitlines()
            if name.endswith((".c", ".h")) and os.path.exists(os.path.join(TOP, name))]


def conditionals(path, text):
    """#if lines other than an include guard and the lock checker's switch."""
    lines = [line for line in text.splitlines()
             if re.match(r"\s*#\s*if", line) and "PORTOLAN_LOCK_CHECK" not in line]
    if path.endswith(".h") and lines:
        lines = lines[1:]
    return lines


def problems(path, text):
    if path.startswith("subprojects/"):
        return
    if path.endswith(".h") and "/*" not in "\n".join(text.splitlines()[:12]):
        yield "header without an opening comment"
    for number, line in enumerate(text.splitlines(), 1):
        if LEFTOVER.search(line):
            yield f"line {number}: left open: {line.strip()}"
    if path.startswith(CONDITIONAL_FREE) and conditionals(path, text):
        yield f"preprocessor conditional: {conditionals(path, text)[0].strip()}"


def main():
    count = 0
    names = tracked()
    for name in names:
        with open(os.path.join(TOP, name), encoding="utf-8", errors="replace") as file:
            for problem in problems(name, file.read()):
                print(f"{name}: {problem}")
                count += 1
    print(f"{len(names)} files, {count} problems")
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main())
