#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Write the longest reply of each kernel routine as a C function.

usage: reply_sizes.py OUTPUT STUBS.c ...

Reads the layout comments that mig puts above each server stub. Routines whose
reply fits the default are left out.
"""
import re
import sys

DEFAULT = 256
REPLY = re.compile(r"^ \* reply\s+(\d+), (?:\d+ to )?(\d+) bytes")


def main():
    output, stubs = sys.argv[1], sys.argv[2:]
    rows = []
    for stub in stubs:
        with open(stub, encoding="utf-8") as text:
            found = [REPLY.match(line) for line in text]
        rows += [(int(m[1]) - 100, int(m[2])) for m in found if m]
    with open(output, "w", encoding="utf-8") as out:
        out.write("/* Made by reply_sizes.py; do not edit. */\n")
        out.write(f"#define REPLY_SIZE_DEFAULT {DEFAULT}\n")
        out.write("static inline uint32_t\nreply_size(uint32_t id)\n{\n\tswitch (id) {\n")
        for routine, size in sorted(rows):
            if size > DEFAULT:
                out.write(f"\tcase {routine}:\n\t\treturn {size};\n")
        out.write("\tdefault:\n\t\treturn REPLY_SIZE_DEFAULT;\n\t}\n}\n")


main()
