#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Bad inputs and their exact messages: bad/cases.txt.

bad.py --mig MIG [--update]
A case is `=== name | options`, the input, `--- expect`, the messages.
`@nested N` stands for N parentheses around an array bound.
"""
import argparse
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
PATH = os.path.join(HERE, 'bad', 'cases.txt')


def cases():
    with open(PATH, encoding='latin1') as f:
        for block in f.read().split('=== ')[1:]:
            head, rest = block.split('\n', 1)
            name, _, options = head.partition(' | ')
            text, expected = rest.split('--- expect\n')
            yield name, options, text, expected


def expand(text):
    if text.startswith('@nested'):
        n = int(text.split()[1])
        return ('subsystem s 100;\ntype mach_port_t = MACH_MSG_TYPE_COPY_SEND;\ntype t = array[' +
                '(' * n + '1' + ')' * n + '] of int;\n')
    return text


def main():
    p = argparse.ArgumentParser()
    p.add_argument('--mig', required=True)
    p.add_argument('--update', action='store_true')
    a = p.parse_args()
    total = failed = 0
    out = []
    with tempfile.TemporaryDirectory() as directory:
        for name, options, text, expected in cases():
            # All outputs are asked for: none may be left behind.
            r = subprocess.run([os.path.abspath(a.mig), '-no-cpp', *options.split(), '-user', 'u.c',
                                '-server', 's.c', '-header', 'h.h', '-'], cwd=directory, timeout=30,
                               input=expand(text).encode('latin1'), capture_output=True)
            got = r.stderr.decode('latin1')
            total += 1
            left = os.listdir(directory)
            if r.returncode != 1 or got != expected or left:
                failed += 1
                print(f'{name}: status {r.returncode}, files {left}\nexpected:\n{expected}got:\n{got}')
            out.append(f'=== {name}{" | " + options if options else ""}\n{text}--- expect\n{got}')
    if a.update:
        with open(PATH, 'w', encoding='latin1') as f:
            f.write(''.join(out))
    print(f'{total} bad inputs, {failed} differ')
    sys.exit(failed != 0)


main()
