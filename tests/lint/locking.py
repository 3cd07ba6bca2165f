#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The rank table of docs/locking.md against the kernel: rows, order and words
must be those of kern/lock_rank.h, and each row names the files that make locks
of its class.

locking.py              check the tree
locking.py --self-test  show that differences are found
"""
import os
import re
import sys

TOP = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
HEADER = "kernel/include/kern/lock_rank.h"
DOCUMENT = "docs/locking.md"
SOURCES = ("kernel", "ipc", "vm")
ROW = re.compile(r'^\s*LOCK_RANK\((\w+),\s*(spin|sleep),\s*(true|false),\s*"([^"]*)"\)', re.M)
MADE = re.compile(r"(?:\w_init\([^;]*LOCK_RANK_|SPINLOCK_INITIALIZER\()([A-Z_]+)\)")


def read(path):
    with open(os.path.join(TOP, path), encoding="utf-8") as file:
        return file.read()


def header_rows(text):
    """(name, kind, equal, what), in order."""
    return [(name, kind, "by address" if equal == "true" else "no", what)
            for name, kind, equal, what in ROW.findall(text)]


def document_rows(text):
    """The same from the table, and the last column by name."""
    rows, where = [], {}
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.split("|")[1:-1]]
        if len(cells) == 6 and cells[0].isdigit():
            name = cells[1].strip("`")
            if int(cells[0]) != len(rows):
                return rows, where, f"row {name}: number {cells[0]}, expected {len(rows)}"
            rows.append((name, *cells[2:5]))
            where[name] = cells[5]
    return rows, where, None


def lock_sites():
    """(class, file) of every place that makes a lock."""
    for top in SOURCES:
        for folder, _, names in sorted(os.walk(os.path.join(TOP, top))):
            for name in sorted(names):
                if name.endswith(".c"):
                    path = os.path.relpath(os.path.join(folder, name), TOP)
                    for rank in MADE.findall(read(path)):
                        yield rank, path


def differences(header, document, sites):
    expected = header_rows(header)
    rows, where, trouble = document_rows(document)
    if not expected:
        yield f"{HEADER}: no LOCK_RANK rows found"
    if trouble:
        yield f"{DOCUMENT}: {trouble}"
    for wanted, found in zip(expected, rows):
        if wanted != found:
            yield f"{DOCUMENT}: {' | '.join(found)}\n{HEADER}: {' | '.join(wanted)}"
            return
    if len(expected) != len(rows):
        yield f"{HEADER} has {len(expected)} rows, {DOCUMENT} {len(rows)}"
    for rank, path in sites:
        if os.path.basename(path) not in where.get(rank, ""):
            yield f"{DOCUMENT}: row {rank} does not name {path}"


def self_test():
    header, document, sites = read(HEADER), read(DOCUMENT), list(lock_sites())
    changed = [
        (header.replace("LOCK_RANK(PV, spin", "LOCK_RANK(PV, sleep"), document, sites),
        (header.replace('"a port:', '"the port:'), document, sites),
        (header.replace("LOCK_RANK(EVENT,", "LOCK_RANK(EVENTS,"), document, sites),
        (header, "\n".join(line for line in document.splitlines() if "`ZONE`" not in line), sites),
        (header, document, sites + [("PHYS", "vm/nowhere.c")]),
    ]
    missed = [number for number, case in enumerate(changed) if not list(differences(*case))]
    print(f"self-test: {len(changed) - len(missed)} of {len(changed)} differences found")
    return 1 if missed else 0


def main():
    if "--self-test" in sys.argv[1:]:
        return self_test()
    found = list(differences(read(HEADER), read(DOCUMENT), lock_sites()))
    for line in found:
        print(line)
    print(f"{len(header_rows(read(HEADER)))} lock classes, {len(found)} differences")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
