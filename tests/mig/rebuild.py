#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""An edit of a .defs file rebuilds what it must, and nothing else.

In a copy of the tree the user library and the emulator are built; then .defs
files are edited one by one, and what ninja does is compared with what the
edit asks for.
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile

TOP = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
TARGETS = ["libmach/libmach.a", "bsd-server/emulator"]
FAILURES = []


def output(*line, cwd):
    result = subprocess.run(line, cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                            timeout=500, check=False)
    text = result.stdout.decode(errors="replace")
    if result.returncode != 0:
        sys.exit(f"{' '.join(line)}: {text[-3000:]}")
    return text


class Tree:
    """A copy of what git tracks, as it stands, and a build of it."""

    def __init__(self, folder):
        self.source, self.build = os.path.join(folder, "tree"), os.path.join(folder, "build")
        for name in output("git", "ls-files", "-co", "--exclude-standard", "-z", cwd=TOP).split("\0"):
            if name and os.path.exists(os.path.join(TOP, name)):
                to = os.path.join(self.source, name)
                os.makedirs(os.path.dirname(to), exist_ok=True)
                shutil.copy2(os.path.join(TOP, name), to, follow_symlinks=False)
        output("meson", "setup", self.build, self.source, "--buildtype=plain", cwd=folder)
        self.ninja()

    def ninja(self):
        """Build; (stubs mig made, objects compiled)."""
        text = output("ninja", "-v", "-C", self.build, *TARGETS, cwd=self.build)
        made = re.findall(r"^\[.*? -MF (\S+)\.d .*\.defs$", text, re.M)
        compiled = re.findall(r"^\[.* -o (\S+\.o) -c ", text, re.M)
        return ({os.path.basename(name) for name in made}, set(compiled))

    def append(self, name, text):
        with open(os.path.join(self.source, name), "a", encoding="utf-8") as file:
            file.write(text)

    def users_of(self, header):
        """The objects whose sources include a header, as the compiler said."""
        found, current = set(), None
        for line in output("ninja", "-C", self.build, "-t", "deps", cwd=self.build).splitlines():
            if not line.startswith(" "):
                current = line.split(":")[0]
            elif line.strip() == header and current.endswith(".o"):
                found.add(current)
        return found


def expect(what, got, wanted):
    good = got == wanted
    print(("ok " if good else "not ok ") + what)
    if not good:
        FAILURES.append(what)
        print(f"# got {sorted(got)}\n# wanted {sorted(wanted)}")


def check(tree):
    stubs, objects = tree.ninja()
    expect("nothing changed: no stubs", stubs, set())
    expect("nothing changed: no objects", objects, set())

    tree.append("bsd-server/defs/bsd.defs", "\n/* Nothing. */\n")
    stubs, objects = tree.ninja()
    expect("a comment: the stubs of that file", stubs, {"bsd.defs"})
    expect("a comment: nothing compiled", objects, set())

    tree.append("bsd-server/defs/bsd_types.defs", "\n/* Nothing. */\n")
    stubs, objects = tree.ninja()
    expect("an included file: the stubs of all that include it", stubs,
           {"bsd.defs", "bsd_file.defs", "bsd_socket.defs"})
    expect("an included file: nothing compiled", objects, set())

    header = "bsd-server/bsd_socket_user.h"
    wanted = tree.users_of(header)
    wanted |= {name for name in wanted if name.endswith("bsd_socket_user.c.o")}
    tree.append("bsd-server/defs/bsd_socket.defs", "\nroutine rebuild_probe(process : bsd_process_t);\n")
    stubs, objects = tree.ninja()
    expect("a new routine: the stubs of that file", stubs, {"bsd_socket.defs"})
    expect("a new routine: who includes the header", objects, wanted)
    expect("a new routine: there is one", {len(wanted) > 1}, {True})

    stubs, objects = tree.ninja()
    expect("nothing changed since: no stubs", stubs, set())
    expect("nothing changed since: no objects", objects, set())


def main():
    with tempfile.TemporaryDirectory(prefix="portolan-rebuild-") as folder:
        check(Tree(folder))
    return 1 if FAILURES else 0


if __name__ == "__main__":
    sys.exit(main())
