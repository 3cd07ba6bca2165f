#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""
Keeps docs/tour/ true.

  tour.py             TAP: figures within 2%, commands run
  tour.py --anchors   the places in the source and the files that the text names
                      exist (lint)
  tour.py --renew     build, and write the figures into the text (--no-build: of
                      the build as it is)

A figure in the text is a number followed by what it is, in a comment:
`698 <!-- = rpc:handoff:32 -->`: operation, transport, bytes of bench/ipc,
then perhaps an event (rep, cr3, locked, ...). + - * / and parentheses join
several, with spaces around. `part:rpc:handoff:32:copies` is a part of
`bench/ipc --where`. A figure of the form 5.3 is rounded to its digits.
"""
import glob
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
sys.path[:0] = [os.path.join(TOP, "bench"), os.path.join(TOP, "tests", "qemu"),
                os.path.join(TOP, "tools", "trace")]
BUILD = os.environ.setdefault("PORTOLAN_BUILD", os.path.join(TOP, "build"))
TRACE_BUILD = os.environ.setdefault("PORTOLAN_TRACE_BUILD", BUILD.rstrip("/") + "-trace")

FIGURE = re.compile(r"(\d[\d,]*(?:\.\d+)?)(\s*<!--\s*=\s*(.*?)\s*-->)", re.S)
ANCHOR = re.compile(r"TOUR: ([a-z]+-\d+)")
FILE = re.compile(r"`([a-z][\w.*-]*/[\w./*-]*)`")
LINK = re.compile(r"\]\(([^)#:]+)[^):]*\)")
COMMAND = re.compile(r"^\$ (.*)$", re.M)
SOURCES = ("kernel", "ipc", "vm", "libmach", "bsd-server", "boot")
LIMIT = 0.02


def pages():
    return sorted(glob.glob(os.path.join(TOP, "docs", "tour", "*.md")) +
                  glob.glob(os.path.join(TOP, "docs", "history", "*.md")))


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


# -- Figures ----------------------------------------------------------------------


class Figures:
    """What bench/ipc measures in this build."""

    def __init__(self):
        import benchlib
        self.records = {f"{record['operation']}:{record['transport']}:{record['bytes']}": record
                        for record in benchlib.native() + benchlib.native("--apart", 2)}

    def part(self, key):
        import where
        operation, transport, size, name = key.split(":", 4)[1:]
        if name not in where.NAMES:
            raise KeyError(f"{key}: no such part")
        return where.parts(self.records[f"{operation}:{transport}:{size}"]["window"])[name]

    def one(self, key):
        if re.fullmatch(r"[-+*/()]|\d+", key):
            return key
        words = key.split(":")
        record = self.records[":".join(words[:3])]
        return str(record[words[3]] if len(words) > 3 else record["instructions"])

    def value(self, expression):
        if expression.startswith("part:"):
            return self.part(expression)
        # Only numbers, operators and parentheses reach eval.
        return eval(" ".join(self.one(token) for token in expression.split()), {})  # pylint: disable=eval-used


def as_written(text, value):
    """The value with as many digits as the text has."""
    decimals = len(text.partition(".")[2])
    return f"{value:,.{decimals}f}"


def is_true(text, value):
    number = float(text.replace(",", ""))
    digit = 10.0 ** -len(text.partition(".")[2]) if "." in text else 0
    return abs(number - value) <= max(abs(value) * LIMIT, digit)


def test_figures():
    from guest import check
    figures = Figures()
    wrong = []
    count = 0
    for path in pages():
        for text, _, expression in FIGURE.findall(read(path)):
            count += 1
            value = figures.value(expression)
            if not is_true(text, value):
                wrong.append(f"{os.path.relpath(path, TOP)}: {text} should be {as_written(text, value)} ({expression})")
    check(count > 30, f"only {count} figures found")
    check(not wrong, "\n".join(wrong + ["tests/tour/tour.py --renew writes them; read the sentences around them"]))


def renew():
    figures = Figures()
    changed = 0
    for path in pages():
        old = read(path)
        new = FIGURE.sub(lambda found: as_written(found.group(1), figures.value(found.group(3))) + found.group(2), old)
        if new != old:
            changed += 1
            with open(path, "w", encoding="utf-8") as file:
                file.write(new)
    print(f"{changed} pages changed")


# -- Commands ------------------------------------------------------------------------


def commands():
    found = []
    for path in pages():
        found += [line for line in COMMAND.findall(read(path)) if line not in found]
    return found


def on_this_build(command):
    """The command as it is run here: no installing, this build directory."""
    python = sys.executable
    for name, program in (("bench/ipc ", f"{python} bench/ipc --no-build "),
                          ("tools/ipctrace ", f"{python} tools/ipctrace --no-build "),
                          ("./run ", f"{python} tools/run.py --build {BUILD} --pvh ")):
        command = re.sub(r"^" + re.escape(name), program, command + " ")
    return command.replace("'build/", f"'{BUILD}/")


def test_commands():
    from guest import check
    import test_ipctrace
    test_ipctrace.build()
    wrong = []
    for command in commands():
        done = subprocess.run(["bash", "-c", on_this_build(command)], cwd=TOP, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120, check=False)
        if done.returncode != 0 or not done.stdout.strip():
            wrong.append(f"$ {command}\nstatus {done.returncode}\n{done.stdout}")
    check(len(commands()) > 10 and not wrong, "\n".join(wrong))


# -- Anchors ---------------------------------------------------------------------------


def anchors():
    """Every place that the text names stands once in the source, and is named."""
    named = {name for path in pages() for name in ANCHOR.findall(read(path))}
    places = {}
    for folder in SOURCES:
        for path in glob.glob(os.path.join(TOP, folder, "**", "*.[chS]"), recursive=True):
            for name in ANCHOR.findall(read(path)):
                places.setdefault(name, []).append(os.path.relpath(path, TOP))
    status = 0
    for name in sorted(named | set(places)):
        found = places.get(name, [])
        if len(found) == 1 and name in named:
            continue
        status = 1
        print(f"TOUR: {name}: " + (f"in the source {len(found)} times: {' '.join(found)}" if name in named
                                   else f"in {found[0]}, but not in docs/tour"))
    print(f"{len(named)} anchors")
    return status


def files():
    """Every file and page that the text names exists."""
    status = count = 0
    for path in pages():
        here = os.path.dirname(path)
        names = [(name, (TOP, os.path.join(TOP, "libmach", "include"))) for name in FILE.findall(read(path))]
        names += [(name, (here,)) for name in LINK.findall(read(path))]
        for name, folders in names:
            count += 1
            if not any(glob.glob(os.path.join(folder, name)) for folder in folders):
                status = 1
                print(f"{os.path.relpath(path, TOP)}: there is no {name}")
    print(f"{count} files named")
    return status


if __name__ == "__main__":
    if sys.argv[1:] == ["--anchors"]:
        sys.exit(anchors() | files())
    if sys.argv[1:2] == ["--renew"]:
        if "--no-build" not in sys.argv:
            import benchlib
            benchlib.prepare()
        sys.exit(renew())
    import guest
    sys.exit(guest.main())
