#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Write a driver for every routine of an interface.

gen_roundtrip.py NAME < NAME.json > driver.c     (with --types: the C types it needs)

The driver calls each user stub through loopback.c with random values; the
server functions it defines compare what arrives and answer random results,
which the caller compares in turn.
"""
import json
import sys

KNOWN = {
    'char', 'short', 'int', 'int64_t', 'uintptr_t', 'intptr_t', 'int16_t', 'int32_t', 'unsigned',
    'mach_port_t', 'mach_port_name_t', 'boolean_t', 'kern_return_t', 'vm_offset_t', 'vm_address_t',
    'vm_size_t', 'mach_port_array_t', 'natural_t', 'integer_t', 'security_token_t', 'audit_token_t',
    'unsigned char', 'long_integer_t', 'long_natural_t', 'mach_port_seqno_t', 'mach_msg_timeout_t',
    'mach_msg_option_t', 'mach_port_name_array_t', 'rpc_uintptr_t',
}
RIGHTS = {'MOVE_RECEIVE', 'MOVE_SEND', 'MOVE_SEND_ONCE', 'COPY_SEND', 'MAKE_SEND',
          'MAKE_SEND_ONCE', 'POLYMORPHIC'}
SEND_NUMBERS = {'MOVE_RECEIVE': 16, 'MOVE_SEND': 17, 'MOVE_SEND_ONCE': 18, 'COPY_SEND': 19,
                'MAKE_SEND': 20, 'MAKE_SEND_ONCE': 21}
ARRAYS = ('array', 'variable array', 'indefinite array')
STRINGS = ('string', 'variable string')


def is_port(t):
    return t['send'] in RIGHTS or t['receive'] in RIGHTS


def data_of(t):
    return t['element'] if t['form'] == 'out of line' else t


def is_variable(t):
    return data_of(t)['form'] in ('variable array', 'indefinite array')


def wire_bytes(t):
    return (t['bits'] * t['number'] + 7) // 8


def c_bytes(t):
    return 4 * t['number'] if is_port(t) else wire_bytes(t)


def element_bytes(t):
    return c_bytes(data_of(t)['element'])


def scalar_type(t):
    if is_port(t) or t['send'] == 'PORT_NAME':
        return 'mach_port_t'
    return {8: 'char', 16: 'short', 32: 'int', 64: 'int64_t'}.get(t['bits'])


def element_type(t):
    e = data_of(t)['element']
    if e['name'] is not None or e['user_type'] is not None:
        return e['user_type']
    return 'unsigned char'


def typedef(t, name):
    form = t['form']
    if form in STRINGS:
        n = wire_bytes(t)
        return f'typedef char {name}[{n}];'
    if form == 'scalar':
        c = scalar_type(t)
        if c is None:
            return f'typedef struct {{ unsigned char b[{wire_bytes(t)}]; }} {name};'
        return f'typedef {c} {name};'
    if form == 'struct':
        word = {1: 'unsigned char', 2: 'short', 4: 'int', 8: 'int64_t'}[t['alignment']]
        return f'typedef struct {{ {word} v[{wire_bytes(t) // t["alignment"]}]; }} {name};'
    if form == 'array':
        e = element_type(t)
        n = t['count'] if e != 'unsigned char' or is_port(t) else wire_bytes(t)
        return f'typedef {e} {name}[{n}];'
    if form == 'out of line':
        d = t['element']
        if d['element'] is not None:
            return f'typedef {element_type(t)} *{name};'
        return f'typedef {d["user_type"] or scalar_type(d) or "unsigned char"} *{name};'
    return f'typedef {element_type(t)} *{name};'


def types(interface):
    out = ['#pragma once', '#include <mach/std_types.h>', '#include <stdint.h>']
    done = set(KNOWN)

    def define(t, name):
        if name is None or name in done or '*' in name or name.startswith('struct '):
            return
        done.add(name)
        out.append(typedef(t, name))

    for t in interface['types']:
        define(t, t['user_type'])
        define(t, t['server_type'])
        tt = t['translated_type']
        st = t['server_type']
        if tt is not None and tt not in done:
            done.add(tt)
            out.append(f'typedef struct {{ {st} v; int made; }} {tt};')
        for key, text in (
                ('intran', f'static inline {tt} NAME({st} x) {{ {tt} t; t.v = x; t.made = 1; return t; }}'),
                ('intranpayload', f'static inline {tt} NAME(uintptr_t x) {{ {tt} t; t.v = ({st})x; t.made = 1; return t; }}'),
                ('outtran', f'static inline {st} NAME({tt} x) {{ return x.v; }}'),
                ('destructor', f'static inline void NAME({tt} x) {{ (void)x; }}')):
            f = t[key]
            if f is not None and f not in done:
                done.add(f)
                out.append(text.replace('NAME', f))
    return '\n'.join(out) + '\n'


class Argument:
    def __init__(self, routine, a, table):
        self.a = a
        self.name = a['name']
        self.type = table[a['type']]
        self.form = self.type['form']
        self.port = is_port(self.type)
        self.variable = is_variable(self.type)
        self.data = data_of(self.type)
        self.g = f'g_{routine}_{self.name}'
        self.leader = a['same_count'] or self.name
        self.cnt = f'g_{routine}_{self.leader}Cnt'
        self.element = element_bytes(self.type) if self.data['element'] else c_bytes(self.data)
        self.pointer = self.form == 'out of line'
        self.indefinite = self.form == 'indefinite array'
        self.maximum = self.data['count'] if self.data['bounded'] or self.indefinite else 300
        self.ctype = self.type['user_type']
        self.translated = self.type['translated_type'] != self.type['server_type']

    def poly_user(self):
        return self.port and self.type['send'] == 'POLYMORPHIC'

    def poly_received(self):
        return self.port and self.type['receive'] == 'POLYMORPHIC'

    def any_disposition(self):
        """A disposition whose received form is the one the type asks for."""
        return {'MOVE_RECEIVE': '16', 'MOVE_SEND': '(lb_below(2) ? 17 : 19 + lb_below(2))',
                'MOVE_SEND_ONCE': '(lb_below(2) ? 18 : 21)'}.get(self.type['receive'],
                                                               '16 + lb_below(6)')

    def fixed_bytes(self):
        return c_bytes(self.data)


class Driver:
    def __init__(self, interface, name):
        self.interface = interface
        self.name = name
        self.table = {t['name']: t for t in PREDEFINED}
        self.table.update({t['name']: t for t in interface['types']})
        self.out = []
        self.osf = interface['abi'] == 'osf'

    def put(self, text=''):
        self.out.append(text)

    # --- globals -----------------------------------------------------------
    def globals(self, a):
        if a.form in ('scalar', 'struct'):
            self.put(f'static {a.ctype} {a.g};')
        elif a.variable or a.pointer:
            self.put(f'static unsigned char {a.g}[{max(a.element * max(a.maximum, 600), 8)}] __attribute__((aligned(16)));')
        else:
            self.put(f'static unsigned char {a.g}[{max(a.fixed_bytes(), 8)}] __attribute__((aligned(16)));')
        if a.variable and not a.a['same_count']:
            self.put(f'static mach_msg_type_number_t {a.cnt};')
        if a.port:
            self.put(f'static mach_msg_type_name_t {a.g}Poly;')

    def fill_global(self, a, indent='\t'):
        p = indent
        if a.port:
            if a.form == 'scalar':
                self.put(f'{p}{a.g} = lb_port();')
            else:
                n = a.cnt if a.variable else str(a.data['number'])
                self.put(f'{p}for (unsigned i = 0; i < {n}; i++)')
                self.put(f'{p}\t((mach_port_t *)(void *){a.g})[i] = lb_port();')
        elif a.form in STRINGS:
            n = wire_bytes(a.type)
            self.put(f'{p}{{ unsigned lb_n = lb_below({n});')
            self.put(f'{p}for (unsigned i = 0; i < lb_n; i++) {a.g}[i] = (unsigned char)(1 + lb_below(255));')
            self.put(f'{p}{a.g}[lb_n] = 0; }}')
        elif a.form in ('scalar', 'struct'):
            self.put(f'{p}lb_fill(&{a.g}, sizeof({a.g}));')
        else:
            n = f'{a.cnt} * {a.element}u' if a.variable else f'{a.fixed_bytes()}u'
            self.put(f'{p}lb_fill({a.g}, {n});')

    def size(self, a, count=None):
        if a.variable:
            return f'(size_t){count or a.cnt} * {a.element}'
        return str(a.fixed_bytes())

    # --- server function ---------------------------------------------------
    def server_in(self, a):
        n = a.name
        if a.form in STRINGS:
            self.put(f'\tlb_touch({n}, strlen({n}) + 1);')
            self.put(f'\tlb_check("{n}", strcmp({n}, (const char *){a.g}) == 0);')
            return
        count = f'{a.leader}Cnt' if a.variable else None
        if a.variable:
            star = '*' if a.a['reply'] else ''
            self.put(f'\tlb_check("{n} count", {star}{count} == {a.cnt});')
            count = star + count
        if a.form in ('scalar', 'struct'):
            value = f'*{n}' if a.a['reply'] else n
            if a.translated:
                self.put(f'\tlb_check("{n} is translated", ({value}).made == 1);')
                value = f'({value}).v'
            self.put(f'\t{{ {a.type["server_type"]} got = {value}; lb_same("{n}", &got, &{a.g}, sizeof(got)); }}')
        else:
            pointer = f'*{n}' if a.pointer and a.a['reply'] else n
            if not a.variable and a.pointer:
                self.put(f'\tlb_same("{n}", (const void *){pointer}, {a.g}, {self.size(a)});')
            else:
                self.put(f'\tlb_same("{n}", (const void *){pointer}, {a.g}, {self.size(a, count)});')
        if self.server_poly(a):
            star = '*' if a.a['reply'] else ''
            self.put(f'\tlb_check("{n} disposition", {star}{n}Poly == {a.g}Poly);')

    def server_poly(self, a):
        return a.poly_received() if not a.a['reply'] else (a.poly_user() or a.poly_received())

    def server_consume(self, a):
        n = a.name
        count = f'{a.leader}Cnt' if a.variable else None
        star = '*' if a.a['reply'] else ''
        if a.port:
            guard = ''
            if a.poly_received():
                guard = f'if ({star}{n}Poly >= 16 && {star}{n}Poly <= 18) '
            if a.form == 'scalar':
                value = f'{star}{n}'
                if a.translated:
                    value = f'({value}).v'
                self.put(f'\t{guard}{{ mach_port_t lb_p = {value}; lb_consume(&lb_p, 1); }}')
            else:
                number = f'{star}{count}' if a.variable else str(a.data['number'])
                pointer = f'*{n}' if a.pointer and a.a['reply'] else n
                self.put(f'\t{guard}lb_consume((const mach_port_t *){pointer}, {number});')
        if a.pointer and not a.a['auto']:
            pointer = f'*{n}' if a.a['reply'] else n
            size = self.size(a, f'{star}{count}' if count else None)
            self.put(f'\tif ({size} != 0) lb_release((const void *){pointer}, {size});')
        elif a.indefinite and a.a['servercopy']:
            self.put(f'\tif (!{n}SCopy && {self.size(a, count)} != 0) lb_release((const void *){n}, {self.size(a, count)});')

    def server_out(self, a):
        n = a.name
        if a.variable and not a.a['same_count']:
            if a.a['countinout'] and not a.a['request']:
                self.put(f'\tlb_check("{n} room", *{n}Cnt == (g_room_{n} < {a.data["count"]} ? g_room_{n} : {a.data["count"]}));')
            if a.pointer:
                self.put(f'\t{a.cnt} = lb_count({a.maximum});')
            elif a.indefinite:
                self.put(f'\tint own_{n} = lb_below(2) != 0;')
                self.put(f'\t{a.cnt} = own_{n} ? lb_below({a.maximum * 2 if a.maximum < 300 else 600}) : lb_count(*{n}Cnt);')
            else:
                self.put(f'\t{a.cnt} = lb_count(*{n}Cnt);')
            self.put(f'\t*{n}Cnt = {a.cnt};')
        self.fill_global(a)
        if a.form in ('scalar', 'struct'):
            if a.translated:
                self.put(f'\t{n}->v = {a.g};')
            else:
                self.put(f'\t*{n} = {a.g};')
        elif a.form in STRINGS:
            self.put(f'\tstrcpy({n}, (const char *){a.g});')
        elif a.pointer or a.indefinite:
            pad = ''
            if a.indefinite:
                own = f'own_{a.leader}'
                self.put(f'\tif ({own})')
                pad = '\t'
            self.put(f'{pad}\t*{n} = ({a.type["server_type"]})lb_alloc({self.size(a)});')
            if self.osf and a.indefinite:
                # untyped: room is 2048 bytes in memory of the stub
                pass
            self.put(f'\tif ({self.size(a)} != 0) memcpy((void *)*{n}, {a.g}, {self.size(a)});')
        else:
            self.put(f'\tif ({self.size(a)} != 0) memcpy({n}, {a.g}, {self.size(a)});')
        if a.poly_user():
            self.put(f'\t*{n}Poly = {a.any_disposition()};')
            self.put(f'\t{a.g}Poly = *{n}Poly == 16 ? 16 : *{n}Poly == 18 || *{n}Poly == 21 ? 18 : 17;')
        if a.a['dealloc'] == 'run time':
            self.put(f'\t*{n}Dealloc = lb_below(2) != 0;')

    def server_function(self, r, arguments):
        result = r['server_result']
        self.put(f'{result}\n{r["server_function"]}({r["server_parameters"]})\n{{')
        for a in arguments:
            if a.a['server'] and a.a['request']:
                self.server_in(a)
        for a in arguments:
            if a.a['server'] and not a.a['request'] and not a.a['reply']:
                self.put(f'\t(void){a.name};')
        if result == 'kern_return_t':
            self.put('\tkern_return_t lb_result = lb_code();')
            self.put(f'\tresult_of_{r["name"]} = lb_result;')
            self.put('\tif (lb_result != KERN_SUCCESS)\n\t\treturn lb_result;')
        for a in arguments:
            if a.a['server'] and a.a['request']:
                self.server_consume(a)
        for a in arguments:
            if a.a['server'] and a.a['reply']:
                self.server_out(a)
        if result == 'kern_return_t':
            self.put('\treturn KERN_SUCCESS;')
        elif result != 'void':
            self.put(f'\tlb_fill(&g_{r["name"]}_value, sizeof(g_{r["name"]}_value));')
            self.put(f'\treturn g_{r["name"]}_value;')
        self.put('}\n')

    # --- caller ---------------------------------------------------------------
    def caller_prepare(self, r, a):
        n = a.name
        if a.variable and not a.a['same_count']:
            if a.a['request']:
                limit = a.maximum if not a.indefinite else min(2 * a.maximum, 600)
                self.put(f'\t{a.cnt} = lb_count({limit});')
                self.put(f'\tmach_msg_type_number_t {n}Cnt = {a.cnt};')
            elif a.pointer:
                self.put(f'\tmach_msg_type_number_t {n}Cnt = 0;')
            else:
                self.put(f'\tg_room_{n} = lb_below(4) == 0 ? lb_below({a.maximum + 1}) : {a.maximum};')
                self.put(f'\tmach_msg_type_number_t {n}Cnt = g_room_{n};')
        if a.a['request']:
            self.fill_global(a)
            if a.poly_user():
                self.put(f'\tmach_msg_type_name_t {n}Poly = {a.any_disposition()};')
                self.put(f'\t{a.g}Poly = {n}Poly == 16 ? 16 : {n}Poly == 18 || {n}Poly == 21 ? 18 : 17;')
            elif a.port and a.poly_received():
                send = SEND_NUMBERS[a.type['send']]
                got = 16 if send == 16 else 18 if send in (18, 21) else 17
                self.put(f'\t{a.g}Poly = {got};')
                if a.a['reply']:
                    self.put(f'\tmach_msg_type_name_t {n}Poly = 0;')
        elif a.poly_received():
            self.put(f'\tmach_msg_type_name_t {n}Poly = 0;')
        if a.a['dealloc'] == 'run time' and a.a['request']:
            self.put(f'\tboolean_t {n}Dealloc = lb_below(2) != 0;')
        if a.form in ('scalar', 'struct'):
            init = f' = {a.g}' if a.a['request'] else ''
            self.put(f'\t{a.ctype} {n}{init};')
            if not a.a['request']:
                self.put(f'\tmemset(&{n}, 0, sizeof({n}));')
        elif a.pointer or a.indefinite:
            if a.a['request']:
                self.put(f'\t{a.ctype} {n} = ({a.ctype})lb_alloc({self.size(a)});')
                self.put(f'\tif ({self.size(a)} != 0) memcpy((void *){n}, {a.g}, {self.size(a)});')
            elif a.pointer:
                self.put(f'\t{a.ctype} {n};\n\tmemset(&{n}, 0, sizeof({n}));')
            else:
                self.put(f'\tunsigned char *buffer_{n} = lb_alloc((size_t)g_room_{a.leader} * {a.element});')
                self.put(f'\t{a.ctype} {n} = ({a.ctype})(void *)buffer_{n};')
        else:
            room = f'(size_t){"g_room_" + a.leader if not a.a["request"] else a.cnt} * {a.element}' if a.variable else str(max(a.fixed_bytes(), 1))
            self.put(f'\tunsigned char *{n} = lb_alloc({room});')
            if a.a['request']:
                n_bytes = self.size(a) if a.form not in STRINGS else str(wire_bytes(a.type))
                self.put(f'\tif ({n_bytes} != 0) memcpy({n}, {a.g}, {n_bytes});')

    def user_arguments(self, r, arguments):
        out = []
        for a in arguments:
            if not a.a['user']:
                continue
            n = a.name
            carried = a.a['request'] or a.a['reply']
            if a.form in ('scalar', 'struct', 'out of line', 'indefinite array'):
                token = a.a['direction'] in ('sectoken', 'usersectoken', 'audittoken', 'useraudittoken')
                out.append(f'&{n}' if a.a['reply'] or token else n)
            else:
                out.append(f'(void *){n}')
            if carried:
                by_reference = a.a['reply'] and a.poly_received()
                if by_reference:
                    out.append(f'&{n}Poly')
                elif a.a['request'] and a.poly_user():
                    out.append(f'{n}Poly')
            elif a.poly_user():
                out.append('19' if a.a['direction'] == 'requestport' else '21')
            if a.variable and not a.a['same_count']:
                out.append(f'&{n}Cnt' if a.a['reply'] else f'{n}Cnt')
            if a.a['dealloc'] == 'run time' and a.a['request']:
                out.append(f'{n}Dealloc')
        return ', '.join(out)

    def caller_compare(self, a):
        n = a.name
        if a.form in STRINGS:
            self.put(f'\tlb_check("{n}", strcmp((const char *){n}, (const char *){a.g}) == 0);')
            return
        if a.variable:
            self.put(f'\tlb_check("{n} count", {a.leader}Cnt == {a.cnt});')
        count = f'{a.leader}Cnt'
        if a.form in ('scalar', 'struct'):
            self.put(f'\tlb_same("{n}", &{n}, &{a.g}, sizeof({n}));')
            pointer = f'&{n}'
            number = '1'
        else:
            self.put(f'\tlb_same("{n}", (const void *){n}, {a.g}, {self.size(a, count)});')
            pointer = f'(const mach_port_t *)(const void *){n}'
            number = count if a.variable else str(a.data['number'])
        if a.port:
            guard = ''
            if a.poly_received():
                self.put(f'\tlb_check("{n} disposition", {n}Poly == {a.g}Poly);')
                guard = f'if ({n}Poly >= 16 && {n}Poly <= 18) '
            self.put(f'\t{guard}lb_consume({pointer}, {number});')
        if a.pointer:
            self.put(f'\tif ({self.size(a, count)} != 0) lb_release((const void *){n}, {self.size(a, count)});')
        if a.indefinite:
            self.put(f'\tif ((unsigned char *)(uintptr_t){n} != buffer_{n} && {self.size(a, count)} != 0) lb_release((const void *){n}, {self.size(a, count)});')

    def caller(self, r, arguments):
        name = r['name']
        self.put(f'static void\ncall_{name}(void)\n{{')
        for a in arguments:
            if not a.a['user']:
                continue
            if a.a['request'] or a.a['reply']:
                self.caller_prepare(r, a)
            else:
                self.put(f'\t{a.ctype} {a.name};\n\tmemset(&{a.name}, 0, sizeof({a.name}));')
                if a.a['direction'] == 'requestport':
                    self.put(f'\t{a.name} = 7;')
                elif 'replyport' in a.a['direction']:
                    self.put(f'\t{a.name} = 9;')
        result = r['user_result']
        call = f'{r["user_function"]}({self.user_arguments(r, arguments)})'
        outs = [a for a in arguments if a.a['reply'] and a.a['user']]
        arrays = [a for a in outs if a.variable and not a.pointer and not a.indefinite]
        if result == 'kern_return_t':
            self.put(f'\tresult_of_{name} = KERN_SUCCESS;')
            self.put(f'\tkern_return_t lb_result = {call};')
            too_large = ' || '.join(f'{a.cnt} > g_room_{a.leader}' for a in arrays) or '0'
            self.put('\tif (lb_mode == LB_ERROR)')
            if r['reply'] is None:
                self.put('\t\tlb_check("sent", lb_result == KERN_SUCCESS);')
            else:
                self.put('\t\tlb_check("the error of the server", lb_result == KERN_FAILURE);')
            self.put('\tif (lb_mode == LB_EXACT)')
            self.put(f'\t\tlb_check("result", lb_result == (({too_large}) ? MIG_ARRAY_TOO_LARGE : KERN_SUCCESS));')
            self.put('\tif (lb_result != KERN_SUCCESS)\n\t\treturn;')
        elif result == 'void':
            self.put('\tlb_failed = 0;')
            self.put(f'\t{call};\n\tif (lb_failed)\n\t\treturn;')
        else:
            self.put('\tlb_failed = 0;')
            self.put(f'\t{result} value = {call};\n\tif (lb_failed)\n\t\treturn;')
            self.put(f'\tlb_same("value", &value, &g_{name}_value, sizeof(value));')
        for a in outs:
            self.caller_compare(a)
        self.put('}\n')

    def routine(self, r):
        arguments = [Argument(r['name'], a, self.table) for a in r['arguments']
                     if not (r['kind'] == 'function' and not a['user'] and not a['server'])]
        for a in arguments:
            if a.a['request'] or a.a['reply']:
                self.globals(a)
            if a.variable and a.a['reply'] and not a.a['request'] and not a.pointer and not a.a['same_count']:
                self.put(f'static mach_msg_type_number_t g_room_{a.name};')
        self.put(f'static kern_return_t result_of_{r["name"]} __attribute__((unused));')
        if r['kind'] == 'function':
            self.put(f'static {r["user_result"]} g_{r["name"]}_value;')
        self.server_function(r, arguments)
        self.caller(r, arguments)
        self.unset(arguments)

    def unset(self, arguments):
        # names of rooms are per argument, not per routine
        text = '\n'.join(self.out)
        for a in arguments:
            if a.variable:
                text = text.replace(f'g_room_{a.name};', f'g_room_{a.name};')
        self.out = [text]

    def write(self):
        self.put('#include <string.h>\n#include "loopback.h"')
        self.put(f'#include "{self.name}.types.h"')
        self.put(f'#include "{self.name}.user.h"\n#include "{self.name}.server.h"')
        for e in sorted({r['error'] for r in self.interface['routines'] if r.get('error')} - {'MsgError'}):
            self.put(f'void {e}(kern_return_t code) {{ MsgError(code); }}')
        bodies = []
        for r in self.interface['routines']:
            saved, self.out = self.out, []
            self.routine(r)
            text = '\n'.join(self.out).replace('g_room_', f'g_{r["name"]}_room_')
            self.out = saved
            bodies.append(text)
        self.out += bodies
        self.put(f'extern const struct lb_case {self.name}_cases[];')
        self.put(f'const struct lb_case {self.name}_cases[] = {{')
        for r in self.interface['routines']:
            self.put(f'\t{{ "{r["name"]}", {self.interface["demux"]}, call_{r["name"]} }},')
        self.put('\t{ 0, 0, 0 },\n};')
        return '\n'.join(self.out) + '\n'


def predefined(name, c, send, bits):
    return {'name': name, 'form': 'scalar', 'send': send, 'receive': send, 'bits': bits, 'number': 1,
            'alignment': bits // 8, 'bounded': True, 'dealloc': 'no', 'count': 0, 'element': None,
            'user_type': c, 'server_type': c, 'translated_type': c, 'intran': None,
            'intranpayload': None, 'outtran': None, 'destructor': None}


PREDEFINED = [
    predefined('char', 'char', 'CHAR', 8), predefined('short', 'short', 'INTEGER_16', 16),
    predefined('int', 'int', 'INTEGER_32', 32), predefined('int64', 'int64_t', 'INTEGER_64', 64),
    predefined('uintptr_t', 'uintptr_t', 'INTEGER_64', 64),
    predefined('intptr_t', 'intptr_t', 'INTEGER_64', 64),
]


def main():
    interface = json.load(sys.stdin)
    if sys.argv[1] == '--types':
        sys.stdout.write(types(interface))
    else:
        sys.stdout.write(Driver(interface, sys.argv[1]).write())


if __name__ == '__main__':
    main()
