#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The shell prompt's world, one command at a time: what a user tries first."""
import os
import subprocess
import sys
import tempfile

from guest import TOP, check, expect, main, run

FIRST = ("uname -a; echo $((6*7)) | cat; ls -l / | wc -l;"
         " for i in 1 2 3; do (echo $i; exit $i); echo $?; done")


def first_command(shell):
    result = run(FIRST if shell == "sh" else f"bash -c '{FIRST}'")
    lines = result.out.splitlines()
    check(result.status == 0, f"{result!r}")
    check(lines[0].startswith("Linux ") and "x86_64" in lines[0], f"uname: {lines[0]}")
    check(lines[1] == "42", f"arithmetic: {lines[1]}")
    check(int(lines[2]) > 8, f"ls: {lines[2]}")
    check(lines[3:] == ["1", "1", "2", "2", "3", "3"], f"loop: {lines[3:]}")


def test_first_command_in_busybox_sh():
    first_command("sh")


def test_first_command_in_bash():
    first_command("bash")


def test_exit_status_is_the_command_s():
    expect("exit 7", "", 7)
    expect("false", "", 1)


def test_output_is_byte_exact():
    result = run(r"printf 'a\nb\tc\r\n\001\377'", binary=True)
    check(result.out == b"a\nb\tc\r\n\x01\xff", f"{result.out!r}")


def test_pipes_and_substitution():
    expect("x=$(echo one two | wc -w); echo $x; seq 1 1000 | sort -rn | head -1", "2\n1000\n")


def test_bash_features():
    expect("bash -c 'a=(x y z); echo ${#a[@]} ${a[1]}; echo {1..5}; [[ abc =~ b ]] && echo yes'",
           "3 y\n1 2 3 4 5\nyes\n")


def test_here_document_and_files():
    expect("cat > /tmp/f <<E\nhello\nE\ncat /tmp/f; wc -c < /tmp/f; rm /tmp/f; ls /tmp/f",
           "hello\n6\nls: /tmp/f: No such file or directory\n", 1)


def test_job_control_without_terminal():
    expect("sleep 0.1 & wait $!; echo $?; (exit 3) & wait $!; echo $?", "0\n3\n")


def test_devices():
    expect("head -c 5 /dev/zero | od -An -tx1; echo x > /dev/null; echo y > /dev/full; echo $?",
           " 00 00 00 00 00\nsh: write error: No space left on device\n1\n")


def test_signals_and_traps():
    expect("trap 'echo got' USR1; kill -USR1 $$; sh -c 'kill -9 $$'; echo $?", "got\nKilled\n137\n")


def unixcheck(*names):
    """Run these checks of tests/guest/unixcheck.c."""
    with tempfile.TemporaryDirectory() as folder:
        binary = os.path.join(folder, "unixcheck")
        subprocess.run(["musl-gcc", "-static", "-O1", "-Wall", "-Werror", "-o", binary,
                        os.path.join(TOP, "tests", "guest", "unixcheck.c")], check=True)
        expect("unixcheck " + " ".join(names), "".join(name + " ok\n" for name in names),
               options=("--add", f"{binary}:/bin/unixcheck"))


def test_programs_create_no_tasks_but_by_fork():
    unixcheck("tasks")


def test_vector_registers_of_children():
    unixcheck("fpu-fork", "fpu-vfork", "fpu-thread")


def test_shared_mappings_of_files():
    unixcheck("map-shared", "map-rights", "map-program", "map-end", "map-private")


def test_robust_mutexes_and_local_sockets():
    unixcheck("robust", "robust-kill", "sockets")


def test_clone3():
    unixcheck("clone3")


if __name__ == "__main__":
    sys.exit(main())
