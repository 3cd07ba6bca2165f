#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""./run --gdb and the gdb commands that look at kernel objects."""
import os
import re
import socket
import subprocess
import sys

from guest import RUN, TOP, check, main

BUILD = os.environ.get("PORTOLAN_BUILD", os.path.join(TOP, "build"))

# Stops where kcounts asks the kernel for its counts: the shell then waits in
# wait(), kcounts for the kernel, the server for requests.
SCRIPT = """
set pagination off
target remote :{port}
hbreak host_kernel_counts
continue
portolan cpus
portolan tasks
portolan threads
portolan ports server
python print("SETS")
python import re
python names = gdb.execute("portolan ports server", to_string=True)
python for at in re.findall("port set (0x[0-9a-f]+)", names): gdb.execute("portolan queue " + at)
portolan ports no-such-task
kill
"""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def look():
    """What gdb printed over the stopped system."""
    port = free_port()
    guest = subprocess.Popen(RUN + ["--pvh", "--gdb", "--gdb-port", str(port), "--timeout", "90", "--",
                                    "sleep 1000 & sleep 0.3; kcounts"],
                             stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    try:
        told = guest.stderr.readline().decode()
        check(f"target remote :{port}" in told and "portolan.py" in told, told)
        gdb = ["gdb", "-q", "-nx", "-batch", "-x", os.path.join(TOP, "tools", "gdb", "portolan.py")]
        for line in SCRIPT.format(port=port).strip().splitlines():
            gdb += ["-ex", line]
        done = subprocess.run(gdb + [os.path.join(BUILD, "kernel", "portolan")], timeout=90,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, check=False)
        return done.stdout.decode(errors="replace")
    finally:
        guest.terminate()
        guest.wait()


def test_kernel_objects_are_listed():
    text = look()

    def found(pattern):
        check(re.search(pattern, text, re.M), f"no {pattern!r} in:\n{text}")

    found(r"^ +CPU 0: thread 0x[0-9a-f]+ \(kcounts\), ticks \d+, ast \d+")
    found(r"^0x[0-9a-f]+ server +alive +\d+ +\d+ 0$")
    found(r"^0x[0-9a-f]+ sleep +alive +1 +\d+ 0$")
    found(r"^  0x[0-9a-f]+ user rip 0x[0-9a-f]+: waits.*, then \w+")
    found(r"^  0x[0-9a-f]+ user rip 0x[0-9a-f]+: on CPU 0")
    found(r"^ +\d+ send +refs \d+ +port 0x[0-9a-f]+, kernel host")
    found(r"^ +\d+ receive.* port 0x[0-9a-f]+, \d+ send, \d+ once")
    found(r"^SETS\nport set 0x[0-9a-f]+, \d+ members")
    found(r"no task named no-such-task")


if __name__ == "__main__":
    sys.exit(main())
