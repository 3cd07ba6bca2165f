#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Make the guest's root file system, a newc cpio archive.

mkroot.py --output OUT --tree DIR --busybox FILE --bash FILE [--program FILE:PATH ...]

DIR is copied as it is; busybox gets a link for every applet it has.
"""
import argparse
import os
import stat
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import mkbundle  # noqa: E402

DIRECTORIES = {
    "bin": 0o755, "sbin": 0o755, "usr": 0o755, "usr/bin": 0o755, "usr/sbin": 0o755,
    "usr/local": 0o755, "usr/local/bin": 0o755, "etc": 0o755, "dev": 0o755, "proc": 0o555,
    "root": 0o700, "home": 0o755, "home/user": 0o755, "var": 0o755, "var/log": 0o755,
    "var/run": 0o755, "mnt": 0o755, "opt": 0o755, "tmp": 0o1777, "var/tmp": 0o1777,
}


def read(path):
    with open(path, "rb") as file:
        return file.read()


def applets(busybox):
    listed = subprocess.run([busybox, "--list-full"], stdout=subprocess.PIPE, check=True)
    return sorted(set(listed.stdout.decode().split()))


def add_applets(writer, busybox, taken):
    for path in applets(busybox):
        if path in taken or os.path.dirname(path) not in DIRECTORIES:
            continue
        taken.add(path)
        depth = path.count("/")
        writer.add(path, stat.S_IFLNK | 0o777, ("../" * depth + "bin/busybox").encode())


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", required=True)
    parser.add_argument("--tree", required=True)
    parser.add_argument("--busybox", required=True)
    parser.add_argument("--bash", required=True)
    parser.add_argument("--program", action="append", default=[])
    options = parser.parse_args()
    with open(options.output, "wb") as out:
        writer = mkbundle.CpioWriter(out)
        for path, mode in DIRECTORIES.items():
            writer.add(path, stat.S_IFDIR | mode, nlink=2)
        taken = {"bin/busybox", "bin/bash"}
        writer.add("bin/busybox", stat.S_IFREG | 0o755, read(options.busybox))
        writer.add("bin/bash", stat.S_IFREG | 0o755, read(options.bash))
        for program in options.program:
            file, path = program.split(":", 1)
            taken.add(path)
            writer.add(path, stat.S_IFREG | 0o755, read(file))
        for name in sorted(os.listdir(options.tree)):
            mkbundle.add_tree(writer, os.path.join(options.tree, name), name)
        add_applets(writer, options.busybox, taken)
        writer.close()


if __name__ == "__main__":
    main()
