#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Write newc cpio archives: bundles of boot modules, and root images.

mkbundle.py OUT 'FILE|MODULE STRING' ...

A bundle is what QEMU's one -initrd carries when the kernel is started by its
PVH note: every entry is a boot module, the entry's name its module string.
"""
import os
import stat
import sys


class CpioWriter:
    """A newc archive; deterministic: no times, owners 0, inodes counted."""

    def __init__(self, out):
        self.out = out
        self.inode = 0
        self.offset = 0

    def _write(self, data):
        self.out.write(data)
        self.offset += len(data)

    def _pad(self):
        self._write(b"\0" * (-self.offset % 4))

    def add(self, name, mode, data=b"", mtime=0, uid=0, gid=0, rdev=(0, 0), nlink=1):
        self.inode += 1
        encoded = name.encode() + b"\0"
        fields = (self.inode, mode, uid, gid, nlink, mtime, len(data), 0, 0,
                  rdev[0], rdev[1], len(encoded), 0)
        self._write(b"070701" + b"".join(b"%08x" % field for field in fields))
        self._write(encoded)
        self._pad()
        self._write(data)
        self._pad()

    def close(self):
        self.inode = -1
        self.add("TRAILER!!!", 0)


def write_bundle(path, modules):
    """modules: pairs of (file, module string)."""
    with open(path, "wb") as out:
        writer = CpioWriter(out)
        for file, string in modules:
            with open(file, "rb") as source:
                writer.add(string or "-", stat.S_IFREG | 0o644, source.read())
        writer.close()


def add_tree(writer, host, guest):
    """Add a host file or directory to a root image at the guest path."""
    guest = guest.strip("/")
    parts = guest.split("/")[:-1]
    for depth in range(1, len(parts) + 1):
        writer.add("/".join(parts[:depth]), stat.S_IFDIR | 0o755, nlink=2)
    status = os.lstat(host)
    mtime = int(status.st_mtime)
    if stat.S_ISLNK(status.st_mode):
        writer.add(guest, stat.S_IFLNK | 0o777, os.readlink(host).encode(), mtime)
    elif stat.S_ISDIR(status.st_mode):
        if guest:
            writer.add(guest, stat.S_IFDIR | stat.S_IMODE(status.st_mode), b"", mtime, nlink=2)
        for name in sorted(os.listdir(host)):
            add_tree(writer, os.path.join(host, name), f"{guest}/{name}")
    elif stat.S_ISREG(status.st_mode):
        with open(host, "rb") as source:
            writer.add(guest, stat.S_IFREG | stat.S_IMODE(status.st_mode), source.read(), mtime)
    elif stat.S_ISFIFO(status.st_mode):
        writer.add(guest, status.st_mode, b"", mtime)


def main(arguments):
    if len(arguments) < 2 or not all("|" in module for module in arguments[1:]):
        sys.exit(__doc__)
    write_bundle(arguments[0], [module.split("|", 1) for module in arguments[1:]])


if __name__ == "__main__":
    main(sys.argv[1:])
