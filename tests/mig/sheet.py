#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Compare the layouts of libmach/defs with the message tables of the ABI sheet.

sheet.py --mig MIG      (tables in sheet.txt)
"""
import argparse
import json
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
DEFS = os.path.join(HERE, '..', '..', 'libmach', 'defs')
NAMES = {'BOOL': 'UNSTRUCTURED', 'I16': 'INTEGER_16', 'I32': 'INTEGER_32', 'I64': 'INTEGER_64',
         'NAME': 'PORT_NAME', 'SEND': 'MOVE_SEND', 'RECV': 'MOVE_RECEIVE', 'SONCE': 'MOVE_SEND_ONCE',
         'MOVE_RECV': 'MOVE_RECEIVE', 'MOVE_SONCE': 'MOVE_SEND_ONCE', 'MAKE_SONCE': 'MAKE_SEND_ONCE',
         'POLY': 'POLYMORPHIC', 'PORT': 'POLYMORPHIC', 'STRING': 'STRING', 'CHAR': 'CHAR', 'BYTE': 'BYTE'}


def sheet():
    table = {}
    routine = None
    with open(os.path.join(HERE, 'sheet.txt')) as f:
        for line in f:
            if line.startswith('#'):
                continue
            if not line.startswith(' '):
                number, name, _ = line.split()
                routine = table.setdefault(int(number), {'name': name, 'q': None, 'r': None})
            else:
                routine[line.strip()[0]] = line.strip()
    return table


def layouts(mig, cc):
    found = {}
    for folder, _, names in os.walk(DEFS):
        for name in sorted(names):
            if not name.endswith('.defs') or name.endswith('types.defs'):
                continue
            r = subprocess.run([mig, '-cc', cc, '-q', '-I', DEFS, '--dump=json', os.path.join(folder, name)],
                               capture_output=True, text=True)
            if r.returncode != 0:
                sys.exit(r.stderr)
            for routine in json.loads(r.stdout)['routines']:
                found.setdefault(routine['id'], routine)
    return found


def check_field(text, field):
    m = re.match(r'(\d+)\+? (\w+):(ool )?([\w>]+)/(\d+)(x(\d+))?(\[n<=(\d+)\])?(\[n\])?( inline if n<=(\d+) else ool)?', text)
    if m is None:
        return f'cannot read "{text}"'
    offset, name, ool, wire, bits, _, number, _, bound, _, _, inline = m.groups()
    send, _, receive = wire.partition('>')
    problems = []
    if field['descriptor'] != int(offset):
        problems.append(f'at {field["descriptor"]} instead of {offset}')
    if field['bits'] != int(bits):
        problems.append(f'{field["bits"]} bits instead of {bits}')
    names = {NAMES.get(send, send)} | ({NAMES.get(receive, receive)} if receive else set())
    if not names & {field['send'], field['receive']}:
        problems.append(f'{field["send"]} instead of {send}')
    if bool(ool) == field['inline']:
        problems.append('inline or not')
    if number and field['number'] != int(number):
        problems.append(f'{field["number"]} elements instead of {number}')
    if bound and (field['number'] != int(bound) or not field['variable']):
        problems.append(f'at most {field["number"]} instead of {bound}')
    if inline and (field['number'] != int(inline) or field['kind'] != 'indefinite array'):
        problems.append(f'inline up to {field["number"]} instead of {inline}')
    long = re.search(r'\d[\]]?L|ool L|\]L|L$|L,', text) is not None or ' L' in text
    if field['longform'] != long:
        problems.append(f'long form {field["longform"]}')
    return f'{name}: ' + ', '.join(problems) if problems else None


def split_fields(text):
    parts = re.split(r', (?=\d+\+? \w+:)', text)
    return [p for p in parts if p and p != '-']


def check_message(text, message, is_reply):
    m = re.match(r'[qr] (?:(\d+) )?(\d+)(\+?) (s\|C|s|C): ?(.*)', text) if is_reply else \
        re.match(r'q()? ?(\d+)(\+?) (s\|C|s|C): ?(.*)', text)
    if m is None:
        return [f'cannot read "{text}"']
    size, plus, complexity, fields = m.group(2), m.group(3), m.group(4), split_fields(m.group(5))
    problems = []
    ours = [f for f in message['fields'] if f['kind'] != 'retcode']
    if message['min_size'] != int(size) and not plus:
        problems.append(f'size {message["min_size"]} instead of {size}')
    # What the kernel sends is listed as received: there the sender's choice has been made.
    chosen = any(f['send'] == 'POLYMORPHIC' != f['receive'] for f in ours)
    if {'yes': 'C', 'no': 's', 'run time': 's|C'}[message['complex']] != complexity and \
            not (chosen and message['complex'] == 'run time' and complexity == 'C'):
        problems.append(f'complex: {message["complex"]} instead of {complexity}')
    if len(ours) != len(fields):
        problems.append(f'{len(ours)} fields instead of {len(fields)}')
    problems += [p for p in (check_field(t, f) for t, f in zip(fields, ours)) if p]
    return problems


def main():
    p = argparse.ArgumentParser()
    p.add_argument('--mig', required=True)
    p.add_argument('--cc', default='cc')
    a = p.parse_args()
    ours = layouts(a.mig, a.cc)
    compared = failed = 0
    for number, routine in sorted(sheet().items()):
        if number not in ours:
            continue
        compared += 1
        r = ours[number]
        problems = [] if r['name'] == routine['name'] else [f'called {r["name"]}']
        problems += check_message(routine['q'], r['request'], False)
        if (routine['r'] is None) != (r['reply'] is None):
            problems.append('reply or none')
        elif r['reply'] is not None:
            problems += check_message(routine['r'], r['reply'], True)
        if problems:
            failed += 1
            print(f'{number} {routine["name"]}: ' + '; '.join(problems))
    print(f'{compared} routines compared with the sheet, {failed} differ')
    sys.exit(failed != 0)


main()
