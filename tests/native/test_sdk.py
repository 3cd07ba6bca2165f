#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The SDK: installed to a scratch place, it builds its example from there."""
import os
import shutil
import subprocess
import sys
import tempfile

BUILD = os.environ["PORTOLAN_BUILD"]
PREFIX = os.environ["PORTOLAN_PREFIX"].lstrip("/")


def command(*line, **options):
    done = subprocess.run(line, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          check=False, timeout=120, **options)
    if done.returncode != 0:
        sys.exit(f"{' '.join(line)}: status {done.returncode}\n{done.stdout}")
    return done.stdout


def main():
    scratch = tempfile.mkdtemp(prefix="portolan-sdk-")
    try:
        command("meson", "install", "-C", BUILD, "--no-rebuild", "--tags", "devel,mig",
                env=dict(os.environ, DESTDIR=scratch))
        sdk = os.path.join(scratch, PREFIX)
        example = os.path.join(scratch, "example")
        shutil.copytree(os.path.join(sdk, "share/portolan/examples"), example)
        output = command("make", "-C", example, f"SDK={sdk}", "CC=cc -Werror")
        for program in ("greet-client", "greet-server"):
            if not os.path.exists(os.path.join(example, program)):
                sys.exit(f"{program} was not made:\n{output}")
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
