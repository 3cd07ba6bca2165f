#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The tree obeys .clang-format, as clang-format 14 (Debian 12) reads it."""
import os
import shutil
import subprocess
import sys

TOP = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
TOOL = shutil.which("clang-format-14") or shutil.which("clang-format")
SKIPPED = 77


def output(*line):
    return subprocess.run(line, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=TOP,
                          check=False).stdout.decode(errors="replace")


def main():
    if TOOL is None or " version 14." not in output(TOOL, "--version"):
        print("clang-format 14 is not here")
        return SKIPPED
    files = [name for name in output("git", "ls-files", "*.c", "*.h").splitlines()
             if os.path.exists(os.path.join(TOP, name))]
    complaints = ""
    for at in range(0, len(files), 40):
        complaints += output(TOOL, "--dry-run", "-Werror", "--ferror-limit=1", *files[at:at + 40])
    wrong = [line for line in complaints.splitlines() if "error: code should be" in line]
    print("\n".join(wrong + [f"{len(files)} files, {len(wrong)} not formatted (clang-format -i)"]))
    return 1 if wrong or not files else 0


if __name__ == "__main__":
    sys.exit(main())
