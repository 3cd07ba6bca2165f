#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""A lot of the same, and nothing left behind: live kernel objects before and
after are compared, caches emptied (kcounts -e)."""
import hashlib
import os
import subprocess
import sys
import tempfile

from guest import RUN, TOP, check, main, run

EXACT = ("tasks", "threads", "spaces", "port-sets", "kmsgs", "maps", "map-copies", "pmaps",
         "accounts", "devices-open")
# The server's heap and the stacks of its threads may lie in a few more pieces; a
# thread of it may be in the middle of a call, with a reply port beside those kept.
NEARLY = {"ports": 2, "entries": 2, "map-entries": 16, "objects": 8, "pages-resident": 64,
          "pages-free": 128, "pages-wired": 64, "pages-kernel": 128}

# A smaller piece of the work warms everything up; then compare around it. The
# server keeps some threads that have nothing to do and sends the others home
# after a while: before each look it has as many as it keeps.
AROUND = """
warm() {
%s
}
work() {
%s
}
settle() {
for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16; do sleep 0.5 & done; wait; sleep 1
}
warm > /tmp/out; settle; kcounts -e > /tmp/before; kcounts -e > /tmp/before
work > /tmp/out; settle; kcounts -e > /tmp/after
tail -n 3 /tmp/out
echo BEFORE; cat /tmp/before; echo AFTER; cat /tmp/after
"""


def counts(text):
    return {name: int(value) for name, value in (line.split() for line in text.split("\n") if line)}


def around(warm, work, *options, timeout=600):
    """Run the work; what it printed last, after the counts were compared."""
    result = run(AROUND % (warm, work), *options, timeout=timeout)
    check(result.status == 0 and "AFTER\n" in result.out, f"{result!r}")
    printed, rest = result.out.split("BEFORE\n")
    before, after = (counts(text) for text in rest.split("AFTER\n"))
    leaks = [f"{name}: {before[name]} -> {after[name]}" for name in EXACT
             if before[name] != after[name]]
    leaks += [f"{name}: {before[name]} -> {after[name]}" for name, slack in NEARLY.items()
              if abs(before[name] - after[name]) > slack]
    check(not leaks, "left behind: " + ", ".join(leaks))
    return printed


FORKS = "i=0; while [ $i -lt %d ]; do /bin/busybox true || echo bad; i=$((i+1)); done; echo $i"


def test_fork_exec_wait_10000_times():
    printed = around(FORKS % 300, FORKS % 10000)
    check(printed == "10000\n", printed)


def test_fork_exec_wait_on_four_cpus():
    four = "for j in 1 2 3 4; do (" + FORKS + ") & done; wait"
    printed = around(four % 50, four % 250, "--cpus", "4")
    check(printed.endswith("250\n"), printed)


def pipeline(mebibytes):
    """The pipeline of 20 stages and its checksum as Linux has it."""
    size = mebibytes << 20
    text = b"portolan: a chart of ports\n"
    digest = hashlib.md5((text * (size // len(text) + 1))[:size]).hexdigest()
    stages = "yes 'portolan: a chart of ports' | head -c %d" + 18 * " | cat" + " | md5sum"
    printed = around(stages % (1 << 20), stages % size, timeout=900)
    check(printed == f"{digest}  -\n", printed)


def test_pipeline_of_20_stages():
    pipeline(int(os.environ.get("PIPELINE_MIB", "10")))


def test_kill_9_leaves_nothing():
    kills = ("for i in 1 2 3 4 5 6 7 8; do (yes | cat > /dev/null) & sleep 0.05;"
             " killall -9 yes cat; wait; sleep 100 & kill -9 $!; wait; done 2>/dev/null; echo ok")
    around(kills, kills)


def hostile(*attacks):
    """Attacks of tests/guest/hostile.c: the attackers are gone, all else as before."""
    with tempfile.TemporaryDirectory() as folder:
        table = os.path.join(folder, "hostile_requests.h")
        binary = os.path.join(folder, "hostile")
        mig = os.path.join(RUN[RUN.index("--build") + 1], "mig", "mig")
        with open(table, "w", encoding="ascii") as file:
            subprocess.run([sys.executable, os.path.join(TOP, "tests", "guest", "make_requests.py"),
                            mig, TOP], stdout=file, check=True)
        source = os.path.join(TOP, "tests", "guest", "hostile.c")
        subprocess.run(["musl-gcc", "-static", "-O1", "-Wall", "-Werror", "-I", folder,
                        "-o", binary, source], check=True)
        work = "hostile " + " ".join(attacks)
        printed = around(work, work, "--add", f"{binary}:/bin/hostile", timeout=120)
    check(printed.endswith(f"{attacks[-1]} ok\n") and "failed" not in printed, printed)


def test_killed_in_the_middle_of_each_wait():
    hostile("waits")


def test_random_requests():
    hostile("requests")


def test_forged_exceptions():
    hostile("exceptions")


def test_pagers_that_never_answer():
    hostile("pager", "pager-write", "pager-read")
    hostile("pager-fork", "pager-signal")


if __name__ == "__main__":
    sys.exit(main())
