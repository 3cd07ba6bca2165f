#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""--trace and --fuzz of every test file compile; a captured message reads as it should.

tools.py --mig MIG --out DIR --include DIR FILE.defs ...
"""
import argparse
import json
import os
import subprocess
import sys

import gen_roundtrip
from roundtrip import HERE, file_options, run, wants

TRACE = '''
#include "trace.c"
#include <stdio.h>
#include <string.h>

int
main(void)
{
	static const unsigned words[] = {
		0x80001513u, 128, 1, 0, 9, 0, 0, ID,
		0x20002002u, 1, 77, 0,
		0x20000808u, 3, 0x00636261u, 0,
		0x20004013u, 1, 5, 0,
		0xc0000809u, 4096, 0x1000, 0,
		0x2000400bu, 1, 0x89abcdefu, 0x01234567u,
	};
	unsigned char message[sizeof(words)];
	char line[400];
	char tiny[8];

	memcpy(message, words, sizeof(words));
	if (trc_trace_format(message, sizeof(message), line, sizeof(line)) != strlen(line) + 1)
		return 1;
	puts(line);
	/* Cut short, at every place: never a byte too many. */
	for (size_t n = 0; n <= sizeof(words); n++)
		trc_trace_format(message, n, tiny, sizeof(tiny));
	trc_trace_format(message, 56, line, sizeof(line));
	puts(line);
	message[28] = 0;
	return trc_trace_format(message, sizeof(message), line, sizeof(line)) != 0;
}
'''
DEFS = '''subsystem trc 8000;
type mach_port_t = MACH_MSG_TYPE_COPY_SEND;
type name_t = array[*:8] of char;
type memory_t = ^array[] of MACH_MSG_TYPE_BYTE;
routine trc_put(server : mach_port_t; key : int; name : name_t; port : mach_port_t; data : memory_t; big : int64);
'''
EXPECTED = [
    'trc_put(key=77, name="abc", port=copy-send 5, data=memory[4096] at 0x1000, '
    'big=0x123456789abcdef) remote 1 local 9',
    'trc_put(key=77, name=<cut off>) remote 1 local 9',
]


def trace_text(a):
    run([a.mig, '-n', '--trace', os.path.join(a.out, 'trace.c'), '-'], input=DEFS.encode())
    main_c = os.path.join(a.out, 'trace_main.c')
    with open(main_c, 'w') as f:
        f.write(TRACE.replace('ID', '8000'))
    program = os.path.join(a.out, 'trace_main')
    run(['cc', '-std=c11', '-g', '-Wall', '-Wextra', '-Wconversion', '-Werror',
         '-fsanitize=address,undefined', main_c, '-o', program])
    lines = run([program], capture_output=True).stdout.decode().splitlines()
    if lines != EXPECTED:
        sys.exit('\n'.join(['trace:', *lines, 'instead of:', *EXPECTED]))


def compile_all(a, abi):
    include = ['-I' + os.path.join(HERE, 'osf')] if abi == 'osf' else ['-I' + a.include]
    names = []
    for path in a.files:
        if not wants(path, abi):
            continue
        name = f'{abi}_{os.path.splitext(os.path.basename(path))[0]}'
        source = run(['cc', '-E', '-x', 'c', path], capture_output=True).stdout
        base = [a.mig, f'--abi={abi}', *file_options(path), '-n']
        out = {k: os.path.join(a.out, f'{name}.{k}') for k in ('trace.c', 'fuzz.c', 'types.h')}
        run([*base, '--trace', out['trace.c'], '--fuzz', out['fuzz.c'], '-'], input=source)
        interface = json.loads(run([*base, '--dump=json', '-'], input=source, capture_output=True).stdout)
        with open(out['types.h'], 'w') as f:
            f.write(gen_roundtrip.types(interface))
        names.append(name)
        run(['cc', '-std=c11', '-fsyntax-only', '-Wall', '-Wextra', '-Werror', '-include',
             out['types.h'], *include, out['fuzz.c']])
    everything = os.path.join(a.out, f'{abi}_trace.c')
    with open(everything, 'w') as f:
        for name in names:
            f.write(f'#include "{name}.trace.c"\n')
    run(['cc', '-std=c11', '-fsyntax-only', '-Wall', '-Wextra', '-Wconversion', '-Werror', everything])
    return len(names)


def main():
    p = argparse.ArgumentParser()
    p.add_argument('--mig', required=True)
    p.add_argument('--out', required=True)
    p.add_argument('--include', required=True)
    p.add_argument('files', nargs='+')
    a = p.parse_args()
    os.makedirs(a.out, exist_ok=True)
    trace_text(a)
    print(sum(compile_all(a, abi) for abi in ('typed', 'osf')), 'trace tables and harnesses compile')


main()
