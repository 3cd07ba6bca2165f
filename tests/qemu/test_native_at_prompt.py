#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Native Mach programs from the shell: the SDK's example, built outside the
tree, finds its server through the name service; who may have the host port."""
import os
import shutil
import subprocess
import sys
import tempfile

from guest import RUN, check, main, run

BUILD = RUN[RUN.index("--build") + 1]


def build_example(scratch):
    """Install the SDK into scratch and build the example with it."""
    quiet = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "check": True}
    subprocess.run(["meson", "install", "-C", BUILD, "--no-rebuild", "--tags", "devel,mig"],
                   env=dict(os.environ, DESTDIR=scratch), **quiet)
    share = next(folder for folder, names, _ in os.walk(scratch) if "examples" in names)
    sdk = os.path.dirname(os.path.dirname(share))
    example = os.path.join(scratch, "example")
    shutil.copytree(os.path.join(share, "examples"), example)
    subprocess.run(["make", "-C", example, f"SDK={sdk}"], **quiet)
    return example


def test_two_native_programs_find_each_other():
    with tempfile.TemporaryDirectory() as scratch:
        example = build_example(scratch)
        result = run("greet-server & sleep 0.3; greet-client; echo $?; greet-client; kill $!;"
                     " sleep 0.3; greet-client; echo $?",
                     "--add", f"{example}/greet-server:/bin/greet-server",
                     "--add", f"{example}/greet-client:/bin/greet-client")
    lines = result.out.splitlines()
    check(lines[:3] == ["hello, world (number 1)", "0", "hello, world (number 2)"], f"{result!r}")
    check("KERN_INVALID_NAME" in lines[-2] and lines[-1] == "1", f"{result!r}")


def test_host_port_is_for_uid_0():
    result = run("kcounts | head -1; su user -c kcounts; echo $?")
    lines = result.out.splitlines()
    check(lines[0].startswith("tasks ") and lines[-1] == "1", f"{result!r}")


if __name__ == "__main__":
    sys.exit(main())
