#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""mig installed alone: `meson install --tags mig`, moved away, without the rest.

install.py --meson MESON --build DIR
"""
import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile

DEFS = '''#define COUNT 10
subsystem alone 700;
type mach_port_t = MACH_MSG_TYPE_COPY_SEND;
type v_t = array[*:COUNT] of char;
routine alone_put(server : mach_port_t; data : v_t; out left : int);
'''
OUTPUTS = ['alone.h', 'aloneServer.c', 'aloneUser.c']


def run(*command, **keywords):
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=60, **keywords)


def install(meson, build, top):
    """What the tag installs; all of it ends up in top/moved."""
    stage = os.path.join(top, 'stage')
    run(meson, 'install', '-C', build, '--no-rebuild', '--tags', 'mig', '--destdir', stage)
    files = [os.path.join(folder, name) for folder, _, names in os.walk(stage) for name in names]
    names = sorted(os.path.relpath(f, stage) for f in files)
    assert len(names) == 2 and names[0].endswith('/bin/mig'), names
    assert names[1].endswith('/man1/mig.1'), names
    moved = os.path.join(top, 'moved')
    os.makedirs(moved)
    for path in files:
        shutil.move(path, moved)
    shutil.rmtree(stage)
    return os.path.join(moved, 'mig')


def empty_environment(mig, top):
    """Nothing but a C compiler, called as the only program there is."""
    tools, work = os.path.join(top, 'tools'), os.path.join(top, 'work')
    os.makedirs(tools)
    os.makedirs(work)
    os.symlink(shutil.which('cc'), os.path.join(tools, 'cc'))
    with open(os.path.join(work, 'alone.defs'), 'w') as f:
        f.write(DEFS)
    run(mig, 'alone.defs', cwd=work, env={'PATH': tools})
    assert sorted(set(os.listdir(work)) - {'alone.defs'}) == OUTPUTS, os.listdir(work)
    return work


def no_compiler(mig, work):
    """Preprocessed input needs no program at all."""
    text = run('cc', '-E', '-x', 'c', os.path.join(work, 'alone.defs')).stdout
    for name in OUTPUTS:
        os.remove(os.path.join(work, name))
    run(mig, '-', cwd=work, env={}, input=text)
    assert sorted(set(os.listdir(work)) - {'alone.defs'}) == OUTPUTS, os.listdir(work)
    return text


def bare_root(mig, top, text):
    """A root file system of mig and the C library alone."""
    libraries = re.findall(r'(/\S+) \(0x', run('ldd', mig).stdout)
    others = [l for l in libraries if not re.search(r'/(libc\.so|ld-linux|libasan|libubsan|libm\.so)', l)]
    sanitized = any('asan' in l for l in libraries)
    assert not others or sanitized, f'needs more than the C library: {others}'
    if os.geteuid() != 0 or sanitized:
        return 'no bare root (needs root and a plain build)'
    root = os.path.join(top, 'root')
    for path in libraries:
        os.makedirs(root + os.path.dirname(path), exist_ok=True)
        shutil.copy(path, root + path)
    os.makedirs(os.path.join(root, 'out'))
    shutil.copy(mig, os.path.join(root, 'mig'))

    def enter():
        os.chroot(root)
        os.chdir('/out')
    run('/mig', '-', preexec_fn=enter, env={}, input=text)
    assert sorted(os.listdir(os.path.join(root, 'out'))) == OUTPUTS
    return 'and in a root of itself and the C library'


def main():
    p = argparse.ArgumentParser()
    p.add_argument('--meson', required=True)
    p.add_argument('--build', required=True)
    a = p.parse_args()
    with tempfile.TemporaryDirectory(prefix='mig-install-') as top:
        mig = install(a.meson, a.build, top)
        text = no_compiler(mig, empty_environment(mig, top))
        print('works alone,', bare_root(mig, top, text))


try:
    main()
except subprocess.CalledProcessError as e:
    sys.exit(f'{e}\n{e.stdout}{e.stderr}')
