#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Compare --dump=layout, plan and types of every test file with the golden dumps.

layouts.py --mig MIG [--cc CC] [--update] FILE.defs ...
"""
import argparse
import difflib
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))


def header(path, word, default):
    with open(path) as f:
        m = re.search(r'/\* ' + word + r': (.*) \*/', f.read())
    return m.group(1) if m else default


def main():
    p = argparse.ArgumentParser()
    p.add_argument('--mig', required=True)
    p.add_argument('--cc', default='cc')
    p.add_argument('--update', action='store_true')
    p.add_argument('files', nargs='+')
    a = p.parse_args()
    failed = 0
    for path in a.files:
        name = os.path.splitext(os.path.basename(path))[0]
        abi = header(path, 'abi', 'both')
        text = ''
        source = subprocess.run([a.cc, '-E', '-x', 'c', path], capture_output=True).stdout
        for dialect in ('typed', 'osf'):
            if abi not in ('both', dialect):
                continue
            for dump in ('types', 'layout', 'plan') if dialect == 'typed' or abi == 'osf' else ('layout',):
                r = subprocess.run([a.mig, f'--abi={dialect}', f'--dump={dump}',
                                    *header(path, 'options', '').split(), '-'],
                                   input=source, capture_output=True)
                if r.returncode != 0:
                    sys.exit(f'{path}: {r.stderr.decode()}')
                text += f'== {dialect} {dump}\n{r.stdout.decode()}'
        golden = os.path.join(HERE, 'golden', name + '.txt')
        if a.update:
            with open(golden, 'w') as f:
                f.write(text)
            continue
        with open(golden) as f:
            expected = f.read()
        if text != expected:
            failed += 1
            sys.stdout.writelines(difflib.unified_diff(expected.splitlines(True), text.splitlines(True),
                                                       'golden/' + name, name))
    print(f'{len(a.files)} files, {failed} differ')
    sys.exit(failed != 0)


main()
