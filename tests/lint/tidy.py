#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The C files obey .clang-tidy, as clang-tidy 14 (Debian 12) reads it.

tidy.py BUILD [--seconds N] [FILE...]

The whole tree takes minutes of CPU, so what was found clean is remembered in
BUILD/tidy-clean and looked at again only when the file, a header it includes,
its compiler options or a .clang-tidy changed. With --seconds no new file is
begun after that time: what is left is named by number and comes first the next
time, so that runs one after the other see everything.
"""
import argparse
import concurrent.futures
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import time

TOP = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
TOOL = shutil.which("clang-tidy-14") or shutil.which("clang-tidy")
SKIPPED = 77
FINDING = re.compile(r"^(\S+?):\d+:\d+: (warning|error): ")


def output(*line, cwd=TOP):
    return subprocess.run(line, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=cwd,
                          check=False).stdout.decode(errors="replace")


def commands(build):
    """{file: its command}: ours alone, as the product compiles it rather than a test."""
    found = {}
    with open(os.path.join(build, "compile_commands.json"), encoding="utf-8") as file:
        entries = json.load(file)
    for entry in entries:
        name = os.path.normpath(os.path.join(build, entry["file"]))
        inside = os.path.relpath(name, TOP)
        if not name.endswith(".c") or inside.startswith((".", "subprojects")):
            continue
        if name.startswith(build + os.sep):
            continue
        if name not in found or found[name]["output"].startswith("tests/"):
            found[name] = entry
    return found


def headers(build):
    """{object file: the files of the tree it was made from}, as ninja remembers them."""
    found, current = {}, None
    for line in output("ninja", "-C", build, "-t", "deps").splitlines():
        if not line.startswith(" "):
            current = found.setdefault(line.split(":")[0], [])
        elif not line.strip().startswith("/usr"):
            current.append(os.path.normpath(os.path.join(build, line.strip())))
    return found


def digest(entry, sources, settings):
    """What a verdict depends on."""
    mark = hashlib.sha256(settings + entry["command"].encode())
    for name in sorted(sources):
        try:
            with open(name, "rb") as file:
                mark.update(hashlib.sha256(file.read()).digest())
        except OSError:
            mark.update(b"gone")
    return mark.hexdigest()


def findings(text, build):
    """The complaints with their explanations. Those about what mig wrote (its
    names are those of the .defs) and about the C library are none."""
    kept, keep = [], False
    for line in text.splitlines():
        match = FINDING.match(line)
        if match:
            name = os.path.normpath(os.path.join(build, match.group(1)))
            keep = name.startswith(TOP + os.sep) and not name.startswith(build + os.sep)
            line = line.replace(match.group(1), os.path.relpath(name, TOP))
        if keep and not re.match(r"^\d+ (warnings?|errors?)", line):
            kept.append(line)
    return "\n".join(kept)


class Memory:
    """The digests of what was clean, one a line."""

    def __init__(self, build):
        self.path = os.path.join(build, "tidy-clean")
        self.clean = set()
        if os.path.exists(self.path):
            with open(self.path, encoding="ascii") as file:
                self.clean = set(file.read().split())

    def add(self, mark):
        self.clean.add(mark)
        with open(self.path, "a", encoding="ascii") as file:
            file.write(mark + "\n")


def check(files, build, end):
    """Yield (file, complaints) as they are found, till the time is over."""
    def one(name):
        if time.monotonic() >= end:
            return name, None
        return name, findings(output(TOOL, "--quiet", "-p", build, name, cwd=build), build)

    with concurrent.futures.ThreadPoolExecutor(max(1, os.cpu_count() or 1)) as pool:
        yield from pool.map(one, files)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build")
    parser.add_argument("--seconds", type=float, default=1e9)
    parser.add_argument("files", nargs="*")
    options = parser.parse_args()
    if TOOL is None or " 14." not in output(TOOL, "--version"):
        print("clang-tidy 14 is not here")
        return SKIPPED
    build = os.path.abspath(options.build)
    settings = b""
    for folder in ("", "tests"):
        with open(os.path.join(TOP, folder, ".clang-tidy"), "rb") as file:
            settings += file.read()
    known, memory, marks = headers(build), Memory(build), {}
    wanted = {os.path.abspath(name) for name in options.files}
    for name, entry in commands(build).items():
        if not wanted or name in wanted:
            marks[name] = digest(entry, known.get(entry["output"], [name]), settings)
    todo = [name for name, mark in marks.items() if mark not in memory.clean]
    bad = left = 0
    for name, complaints in check(todo, build, time.monotonic() + options.seconds):
        if complaints is None:
            left += 1
        elif complaints:
            bad += 1
            print(complaints, flush=True)
        else:
            memory.add(marks[name])
    print(f"{len(marks)} files: {len(marks) - bad - left} clean, {bad} not, {left} left for the next time")
    return 1 if bad or not marks else 0


if __name__ == "__main__":
    sys.exit(main())
