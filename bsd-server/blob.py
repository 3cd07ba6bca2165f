#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""blob.py FILE SYMBOL OUT: an assembler source that carries FILE's bytes."""
import os
import sys


def main(file, symbol, out):
    path = os.path.abspath(file).replace("\\", "\\\\").replace('"', '\\"')
    with open(out, "w", encoding="utf-8") as source:
        source.write(f'''\t.section .rodata
\t.balign 4096
\t.globl {symbol}_start
{symbol}_start:
\t.incbin "{path}"
\t.globl {symbol}_end
{symbol}_end:
\t.section .note.GNU-stack, "", @progbits
''')


if __name__ == "__main__":
    main(*sys.argv[1:])
