#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Programs that go wrong get what Unix gives, and nothing else suffers."""
import os
import subprocess
import sys
import tempfile

from guest import check, expect, main, run

FAULTS = r"""
#include <stdlib.h>
#include <string.h>
#include <signal.h>
#include <unistd.h>
int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";
	if (!strcmp(what, "null"))
		*(volatile int *)0 = 1;
	if (!strcmp(what, "divide")) {
		volatile int zero = 0;
		return (argc + 5) / zero;
	}
	if (!strcmp(what, "undefined"))
		__asm__ volatile("ud2");
	if (!strcmp(what, "privileged"))
		__asm__ volatile("hlt");
	if (!strcmp(what, "breakpoint"))
		__asm__ volatile("int3");
	if (!strcmp(what, "kernel"))
		return *(volatile int *)0xffffffff80000000;
	if (!strcmp(what, "noncanonical"))
		return *(volatile int *)0x8000000000000000;
	if (!strcmp(what, "stack")) {
		__asm__ volatile("mov $0x1000, %rsp; push %rax");
	}
	if (!strcmp(what, "abort"))
		abort();
	if (!strcmp(what, "loop"))
		for (;;)
			;
	return 0;
}
"""

STATUS = {"null": 139, "divide": 136, "undefined": 132, "privileged": 139, "breakpoint": 133,
          "kernel": 139, "noncanonical": 139, "stack": 139, "abort": 134}


def program():
    folder = tempfile.mkdtemp(prefix="portolan-")
    source = os.path.join(folder, "faults.c")
    with open(source, "w", encoding="ascii") as file:
        file.write(FAULTS)
    binary = os.path.join(folder, "faults")
    subprocess.run(["musl-gcc", "-static", "-O1", "-fno-delete-null-pointer-checks", "-o", binary,
                    source], check=True)
    return binary


def test_each_fault_is_its_signal():
    script = "".join(f"/faults {what} 2>/dev/null; echo {what} $?\n" for what in STATUS)
    result = run(script + "echo alive", "--add", f"{program()}:/faults", timeout=60)
    lines = [line for line in result.out.splitlines() if line.split()[0] in STATUS or line == "alive"]
    expected = [f"{what} {status}" for what, status in STATUS.items()] + ["alive"]
    check(lines == expected, f"expected {expected}\ngot {result!r}")


def test_a_loop_in_user_mode_harms_nobody():
    expect("/faults loop & p=$!; echo one; sleep 0.2; echo two; kill -9 $p; wait $p; echo $?",
           "one\ntwo\n137\n", options=("--add", f"{program()}:/faults"))


def test_kill_during_a_pipeline():
    result = run("for i in 1 2 3 4 5; do (yes | cat | cat > /dev/null) & p=$!; sleep 0.1;"
                 " killall -9 yes; wait $p; done 2>/dev/null; echo alive", timeout=90)
    check(result.out.endswith("alive\n") and result.status == 0, f"{result!r}")


def test_fork_bomb_is_bounded_and_can_be_ended():
    """Bombs of many sizes; a shell outside their limit still gets its turn."""
    for limit in (20, 60):
        bomb = f"sh -c 'ulimit -u {limit}; f() {{ f | f & }}; f' 2>/dev/null"
        expect(f'exec bash -c "{bomb}; sleep 1; echo slept;'
               ' while killall -9 sh 2>/dev/null; do sleep 0.1; done; echo alive"',
               "slept\nalive\n")


def test_memory_hog_harms_nobody():
    result = run("echo before; tail -c 200000000 /dev/zero > /dev/null 2>&1; echo after;"
                 " seq 1 1000 | tail -1", "--memory", "64M", timeout=90)
    check(result.status == 0 and result.out == "before\nafter\n1000\n", f"{result!r}")


def test_full_ram_file_system_harms_nobody():
    result = run("dd if=/dev/zero of=/tmp/big bs=1M count=400 2>/dev/null; echo $?; rm /tmp/big;"
                 " echo after; seq 1 1000 | tail -1", "--memory", "64M", timeout=90)
    check(result.status == 0 and result.out == "1\nafter\n1000\n", f"{result!r}")


if __name__ == "__main__":
    sys.exit(main())
