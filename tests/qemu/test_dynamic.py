#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Dynamically linked programs, of musl and of glibc, and what comes of a bad interpreter."""
import os
import subprocess
import sys
import tempfile

from guest import expect, main

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
GUEST = os.path.join(TOP, "tests", "guest")
MUSL = "/lib/ld-musl-x86_64.so.1"
GLIBC = "/lib64/ld-linux-x86-64.so.2"


def compile_into(folder, compiler, name, *arguments):
    """Compile a file of tests/guest; the way of what came of it."""
    out = os.path.join(folder, name)
    subprocess.run([compiler, "-O1", "-Wall", "-Werror", "-o", out, *arguments], check=True)
    return out


def source(name):
    return os.path.join(GUEST, name)


def add(*pairs):
    """Options of ./run that place these files, links followed."""
    return [word for host, guest in pairs for word in ("--add", f"{os.path.realpath(host)}:{guest}")]


def build(folder, compiler, libraries, *options):
    """The program and its library, to be found in the guest under `libraries`."""
    library = compile_into(folder, compiler, "libdynamic.so", "-shared", "-fPIC",
                           "-Wl,-soname,libdynamic.so", source("dynamic_library.c"))
    late = compile_into(folder, compiler, "late.so", "-shared", "-fPIC",
                        source("dynamic_library.c"))
    program = compile_into(folder, compiler, "dynamic", *options,
                           f'-DLIBRARY="{libraries}/late.so"', source("dynamic.c"), library,
                           f"-Wl,-rpath,{libraries}", "-pthread", "-ldl")
    return [(library, f"{libraries}/libdynamic.so"), (late, f"{libraries}/late.so"),
            (program, "/bin/dynamic")]


OUTPUT = """loaded 1
bump 6 7 thread 6
headers 1 entry 1 base 1
page 4096 name /bin/dynamic secure 0
late 42
"""


def run_dynamic(compiler, linker, *others, options=()):
    """Run it, and again, from itself: the second one is copied from what was kept."""
    with tempfile.TemporaryDirectory() as folder:
        files = build(folder, compiler, "/usr/lib/test", *options)
        expect("/bin/dynamic /bin/dynamic; echo $?; /bin/dynamic; echo $?",
               2 * OUTPUT + "7\n" + OUTPUT + "7\n",
               options=add((linker, linker), *files, *others))


def test_musl():
    run_dynamic("musl-gcc", MUSL)


def test_glibc():
    libc = "/lib/x86_64-linux-gnu/libc.so.6"
    run_dynamic("gcc", GLIBC, (libc, libc))


def test_glibc_at_fixed_addresses():
    libc = "/lib/x86_64-linux-gnu/libc.so.6"
    run_dynamic("gcc", GLIBC, (libc, libc), options=("-no-pie", "-fno-pie"))


def test_linker_as_a_program():
    """The linker runs what it is told to, without being told by the kernel."""
    with tempfile.TemporaryDirectory() as folder:
        files = build(folder, "musl-gcc", "/usr/lib/test")
        expect(f"{MUSL} /bin/dynamic | head -n 2; rm /usr/lib/test/libdynamic.so; "
               "/bin/dynamic 2>/dev/null; echo $?",
               "".join(OUTPUT.splitlines(True)[:2]) + "127\n", options=add((MUSL, MUSL), *files))


def interpreted(program, folder, name, path, keep_end=True):
    """The program with another interpreter, of at most as many characters."""
    old = MUSL.encode() + b"\0"
    new = path.encode().ljust(len(old), b"\0" if keep_end else b"x")
    with open(program, "rb") as file:
        bytes_ = file.read()
    out = os.path.join(folder, name)
    with open(out, "wb") as file:
        file.write(bytes_.replace(old, new))
    os.chmod(out, 0o755)
    return out


BAD = (("absent", "/nothing", 2), ("folder", "/tmp", 13), ("plain", "/etc/passwd", 13),
       ("short", "/t/little", 5), ("text", "/t/words", 80), ("object", "/t/object", 80),
       ("loop", "/t/loop", 40), ("below", "/etc/passwd/x", 20))


def test_bad_interpreters():
    with tempfile.TemporaryDirectory() as folder:
        execerr = compile_into(folder, "musl-gcc", "execerr", "-static", source("execerr.c"))
        program = build(folder, "musl-gcc", "/usr/lib/test")[2][0]
        files = [(execerr, "/bin/execerr"), (program, "/t/good"),
                 (interpreted(program, folder, "open-end", "/x", False), "/t/open-end")]
        for name, path, _ in BAD:
            files.append((interpreted(program, folder, name, path), f"/t/bad-{name}"))
        names = " ".join(f"/t/bad-{name}" for name, _, _ in BAD)
        expect("mkdir -p /t; printf abc > /t/little; seq 100 > /t/words; ln -s loop /t/loop; "
               "head -c 20 /bin/busybox > /t/object; seq 100 >> /t/object; "
               f"chmod +x /t/little /t/words /t/object; execerr {names} /t/open-end /t/good",
               "".join(f"/t/bad-{name}: error {number}\n" for name, _, number in BAD) +
               "/t/open-end: error 8\n/t/good: error 2\n",
               options=add(*files))


def test_interpreter_changes():
    """What was kept of a program is not used when its interpreter is another one."""
    with tempfile.TemporaryDirectory() as folder:
        execerr = compile_into(folder, "musl-gcc", "execerr", "-static", source("execerr.c"))
        files = build(folder, "musl-gcc", "/usr/lib/test")
        expect(f"execerr /bin/dynamic | tail -n 1; mv {MUSL} /lib/away; execerr /bin/dynamic; "
               f"cp /bin/busybox {MUSL}; execerr /bin/dynamic > /dev/null; cp /lib/away {MUSL}; "
               "execerr /bin/dynamic | tail -n 1",
               "/bin/dynamic: status 0x700\n/bin/dynamic: error 2\n/bin/dynamic: status 0x700\n",
               options=add((execerr, "/bin/execerr"), (MUSL, MUSL), *files))


if __name__ == "__main__":
    sys.exit(main())
