#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Check every #include against the matrix in layers.txt.

layers.py TOP          check the tree
layers.py --self-test  show that a forbidden include is found
"""
import os
import re
import sys

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*(<[^>]+>|"[^"]+")', re.M)
STD = {"stddef.h", "stdint.h", "stdbool.h", "stdarg.h", "stdatomic.h", "stdalign.h",
       "stdnoreturn.h", "limits.h", "float.h", "iso646.h"}
ROOTS = ("libmach", "ipc", "vm", "kernel", "boot", "mig", "bsd-server")
ABI = ("mach/", "device/", "mach_debug/", "servers/")


def read_matrix(path):
    matrix = {}
    with open(path, encoding="utf-8") as file:
        for line in file:
            words = line.split("#")[0].split()
            if words:
                matrix[words[0]] = set(words[1:])
    return matrix


def row_for(matrix, path):
    """The row of the longest folder that holds the file."""
    folder = os.path.dirname(path)
    while folder and folder not in matrix:
        folder = os.path.dirname(folder)
    return folder


class Tree:
    """Where headers live, to tell the family of an included name."""

    def __init__(self, top):
        self.top = top

    def exists(self, *parts):
        return os.path.exists(os.path.join(self.top, *parts))

    def family(self, path, name, quoted, folder):
        if name in STD:
            return "std"
        own = os.path.dirname(path)
        if quoted and self.exists(own, name):
            return "own" if row_kin(own, folder) else "private"
        if name == "vm/pmap.h":
            return "pmap"
        first = name.split("/")[0]
        if first in ("kern", "arch") and self.exists("kernel/include", name):
            return first
        if name.startswith(ABI) and self.exists("libmach/include", name):
            return "abi"
        if first in ("ipc", "vm") and self.exists(name):
            return "own" if folder == first else first
        # <device/device.h> outside the kernel is the header of the user stubs.
        if first in ("core", "glue", "device", "debug") and self.exists("kernel", name) \
                and (folder.startswith("kernel") or name != "device/device.h"):
            return "kernel"
        if self.exists(folder, name):
            return "own"
        for family, roots in (("server", ("bsd-server", "bsd-server/include")),
                              ("libc", ("libmach/include",))):
            if any(self.exists(root, name) for root in roots):
                return family
        return "gen" if quoted else "libc"


def row_kin(own, folder):
    return own == folder or own.startswith(folder + "/")


def check_text(tree, matrix, path, text):
    folder = row_for(matrix, path)
    if not folder:
        return []
    found = []
    for match in INCLUDE.finditer(text):
        name = match.group(1)[1:-1]
        quoted = match.group(1)[0] == '"'
        family = tree.family(path, name, quoted, folder)
        if family in matrix[folder] or (family == "libc" and "gen" in matrix[folder]
                                        and is_generated(name)):
            continue
        line = text.count("\n", 0, match.start()) + 1
        found.append(f"{path}:{line}: {folder} may not include {name} ({family})")
    return found


def is_generated(name):
    """Headers that mig or a script writes during the build."""
    return re.search(r"(_server|_user|_kernel|_offsets|_trace)\.h$", name) \
        or name in ("glue/reply_sizes.h",)


def sources(top):
    for root in ROOTS:
        for folder, _, names in os.walk(os.path.join(top, root)):
            for name in sorted(names):
                if name.endswith((".c", ".h", ".S", ".l", ".y")):
                    yield os.path.relpath(os.path.join(folder, name), top)


def check(top):
    matrix = read_matrix(os.path.join(os.path.dirname(os.path.abspath(__file__)), "layers.txt"))
    tree = Tree(top)
    found = []
    count = 0
    for path in sources(top):
        count += 1
        with open(os.path.join(top, path), encoding="utf-8", errors="replace") as file:
            found += check_text(tree, matrix, path, file.read())
    print("\n".join(found + [f"{count} files, {len(found)} forbidden includes"]))
    return 1 if found or not count else 0


def self_test(top):
    matrix = read_matrix(os.path.join(os.path.dirname(os.path.abspath(__file__)), "layers.txt"))
    tree = Tree(top)
    bad = [("ipc/x.c", "#include <vm/pmap.h>\n"), ("vm/x.c", "#include <arch/cpu.h>\n"),
           ("libmach/include/mach/x.h", "#include <kern/list.h>\n"),
           ("mig/x.c", "#include <kern/list.h>\n")]
    missed = [path for path, text in bad if not check_text(tree, matrix, path, text)]
    print("missed:", missed)
    return 1 if missed else 0


if __name__ == "__main__":
    TOP = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
    sys.exit(self_test(TOP) if "--self-test" in sys.argv else check(TOP))
