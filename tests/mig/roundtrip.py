#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Build and run the round trips of one dialect.

roundtrip.py --mig MIG --cc CC --abi typed|osf --out DIR [--include DIR]
             [--rounds N] [--mutations N] [--seed N] [--each-demux N [--replies N] [--processes N]] FILE.defs ...

Generates stubs and a driver for each file, compiles all user stubs, all
server stubs and all drivers as one file each, with sanitizers, and runs
them: ROUNDS calls and MUTATIONS disturbed messages for each routine; or, with
--each-demux, so many disturbed requests to each demultiplexer and as many
(or --replies) disturbed replies to its user stubs.
"""
import argparse
import json
import os
import re
import subprocess
import sys

import gen_roundtrip

HERE = os.path.dirname(os.path.abspath(__file__))


def run(command, **keywords):
    result = subprocess.run(command, **keywords)
    if result.returncode != 0:
        sys.exit(f'failed ({result.returncode}): {" ".join(command)}')
    return result


def file_options(path):
    with open(path) as f:
        text = f.read()
    m = re.search(r'/\* options: (.*) \*/', text)
    return m.group(1).split() if m else []


def wants(path, abi):
    with open(path) as f:
        m = re.search(r'/\* abi: (\w+) \*/', f.read())
    return m is None or m.group(1) in ('both', abi)


def generate(a, path, out):
    name = os.path.splitext(os.path.basename(path))[0]
    source = run([a.cc, '-E', '-x', 'c', path], capture_output=True).stdout
    base = [a.mig, f'--abi={a.abi}', *file_options(path)]
    interface = json.loads(run([*base, '--dump=json', '-'], input=source, capture_output=True).stdout)
    files = {kind: os.path.join(out, f'{name}.{kind}') for kind in
             ('user.c', 'user.h', 'server.c', 'server.h', 'types.h', 'driver.c')}
    run([*base, '-user', files['user.c'], '-header', files['user.h'], '-server', files['server.c'],
         '-sheader', files['server.h'], '-'], input=source)
    with open(files['types.h'], 'w') as f:
        f.write(gen_roundtrip.types(interface))
    with open(files['driver.c'], 'w') as f:
        f.write(gen_roundtrip.Driver(interface, name).write())
    return name


def write_all(out, kind, names):
    path = os.path.join(out, f'all_{kind}.c')
    with open(path, 'w') as f:
        for name in names:
            f.write(f'#include "{name}.types.h"\n')
        for name in names:
            f.write(f'#include "{name}.{kind}.c"\n')
    return path


def write_tables(out, names):
    path = os.path.join(out, 'tables.c')
    with open(path, 'w') as f:
        f.write('#include "loopback.h"\n')
        for name in names:
            f.write(f'extern const struct lb_case {name}_cases[];\n')
        f.write('const struct lb_case *const lb_tables[] = {\n')
        for name in names:
            f.write(f'\t{name}_cases,\n')
        f.write(f'}};\nconst size_t lb_table_count = {len(names)};\n')
    return path


def main():
    p = argparse.ArgumentParser()
    p.add_argument('--mig', required=True)
    p.add_argument('--cc', default='cc')
    p.add_argument('--abi', default='typed')
    p.add_argument('--out', required=True)
    p.add_argument('--include', default='')
    p.add_argument('--rounds', default='40')
    p.add_argument('--mutations', default='400')
    p.add_argument('--seed', default='1')
    p.add_argument('--each-demux', default='')
    p.add_argument('--replies', default='')
    p.add_argument('--processes', type=int, default=1)
    p.add_argument('--clean', action='store_true', help='compile with warnings as errors only')
    p.add_argument('files', nargs='+')
    a = p.parse_args()
    os.makedirs(a.out, exist_ok=True)
    include = [f'-I{HERE}/osf', '-DLOOPBACK_OSF'] if a.abi == 'osf' else [f'-I{a.include}']
    include += [f'-I{a.out}', f'-I{HERE}']
    names = []
    for path in a.files:
        if wants(path, a.abi):
            names.append(generate(a, path, a.out))
    user, server, driver = (write_all(a.out, kind, names) for kind in ('user', 'server', 'driver'))
    if a.clean:
        for cc in ('gcc', 'clang'):
            for level in ('-O0', '-O2'):
                for path in (user, server):
                    run([cc, '-std=c11', level, '-Wall', '-Wextra', '-Wconversion', '-Wshadow', '-Wmissing-prototypes', '-Wstrict-prototypes', '-Wundef',
                         '-Werror', *include, '-c', path, '-o', path + '.o'])
        print(f'{len(names)} interfaces compile clean with gcc and clang')
        return
    flags = ['-g', '-O1', '-fsanitize=address,undefined', '-fno-sanitize-recover=all',
             '-fno-strict-aliasing']
    program = os.path.join(a.out, 'roundtrip')
    objects = []
    jobs = []
    for path, extra in ((user, ['-std=c11']), (server, ['-std=c11']), (driver, ['-std=gnu11', '-w']),
                        (write_tables(a.out, names), ['-std=gnu11']),
                        (os.path.join(HERE, 'loopback.c'), ['-std=gnu11', '-Wall', '-Wextra'])):
        object_file = os.path.join(a.out, os.path.basename(path) + '.o')
        objects.append(object_file)
        jobs.append(subprocess.Popen([a.cc, *extra, *flags, *include, '-c', path, '-o', object_file]))
    if any([job.wait() for job in jobs]):
        sys.exit('the round trip does not compile')
    run([a.cc, *flags, *objects, '-o', program])
    if not a.each_demux:
        run([program, a.rounds, a.mutations, a.seed])
        return
    # Freed memory stays poisoned for the length of a call many times over; no more is needed.
    environment = dict(os.environ, ASAN_OPTIONS='quarantine_size_mb=1:malloc_context_size=1:max_malloc_fill_size=0')
    jobs = [subprocess.Popen([program, '0', '0', a.seed, a.each_demux, a.replies or a.each_demux,
                              str(part), str(a.processes)], env=environment) for part in range(a.processes)]
    if any([job.wait() for job in jobs]):
        sys.exit(f'found something; seed {a.seed}')


if __name__ == '__main__':
    main()
