#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""--fastpath: which routines get register stubs, with which labels, and that all else stays."""
import argparse
import os
import re
import subprocess
import sys
import tempfile

HEAD = '#include <mach/std_types.defs>\n#include <mach/mach_types.defs>\n'
TYPES = 'type pair = struct[2] of int; type four = struct[4] of int; type name_t = c_string[16];\n'

# A routine and the label of its request, or None when it does not fit.
ROUTINES = [
    ("routine r(p: mach_port_t);", 0),
    ("routine r(p: mach_port_t; in a: int);", 0x3),
    ("routine r(p: mach_port_t; in a: int64; in b: boolean_t; in c: mach_port_name_t);", 0x914),
    ("routine r(p: mach_port_t; inout a: pair);", 0xa),
    ("routine r(p: mach_port_t; in a: int; in b: int; in c: int; in d: int; in e: int; in f: int);", 0x333333),
    ("routine r(p: mach_port_t; out a: int; out b: int; out c: int; out d: int; out e: int);", 0),
    ("routine r(p: mach_port_t; out a: int; out b: int; out c: int; out d: int; out e: int; out f: int);", None),
    ("routine r(p: mach_port_t; in a: four);", None),
    ("routine r(p: mach_port_t; in a: name_t);", None),
    ("routine r(p: mach_port_t; in a: mach_port_t);", None),
    ("routine r(p: mach_port_t; out a: mach_port_send_t);", None),
    ("simpleroutine r(p: mach_port_t; in a: int);", None),
    ("routine r(p: mach_port_move_send_t; in a: int);", None),
    ("routine r(p: mach_port_t; waittime t: int; in a: int);", None),
    ("routine r(p: mach_port_t; ureplyport q: mach_port_make_send_once_t; in a: int);", None),
]


def stubs(mig, defs, include, text, *options):
    with tempfile.TemporaryDirectory() as where:
        path = os.path.join(where, "x.defs")
        with open(path, "w", encoding="ascii") as file:
            file.write("subsystem x 100;\n" + HEAD + TYPES + text + "\n")
        names = [os.path.join(where, name) for name in ("u.c", "s.c", "u.h", "s.h")]
        done = subprocess.run([mig, "-q", "-I", defs, "-I", include, *options, "-user", names[0],
                               "-server", names[1], "-header", names[2], "-sheader", names[3], path],
                              stderr=subprocess.PIPE, check=False)
        if done.returncode != 0:
            return None, done.stderr.decode()
        return [open(name, encoding="ascii").read() for name in names], ""


def check(mig, defs, include, text, label):
    plain, why = stubs(mig, defs, include, text)
    if plain is None:
        return why
    fast, why = stubs(mig, defs, include, text, "--fastpath")
    if fast is None:
        return why
    if not fast[0].startswith(plain[0]):
        return "the ordinary user stubs changed"
    found = re.search(r"label = UINT64_C\((0x[0-9a-f]+)\)", fast[0])
    if (found is None) != (label is None) or ("r_register(" in fast[2]) != (label is not None):
        return "register stub: " + ("missing" if found is None else "not expected")
    case = re.search(r"case UINT64_C\((0x[0-9a-f]+)\)", fast[1])
    if label is not None:
        wanted = label << 32 | 100
        if int(found.group(1), 16) != wanted or case is None or int(case.group(1), 16) != wanted:
            return f"label {found.group(1)}, wanted {wanted:#x}"
    return "a server case not expected" if label is None and case else None


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--mig", required=True)
    parser.add_argument("--defs", required=True)
    parser.add_argument("--include", required=True)
    arguments = parser.parse_args()
    failed = 0
    for text, label in ROUTINES:
        why = check(arguments.mig, arguments.defs, arguments.include, text, label)
        if why:
            failed += 1
            print(f"{text}: {why}")
    print(f"{len(ROUTINES)} routines, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
