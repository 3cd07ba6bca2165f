#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Write the requests of the kernel's routines as rows of a C table.

usage: call_table.py OUTPUT MIG INCLUDE-DIR FILE.defs ...

What a request looks like comes from `mig --dump=json`.
"""
import json
import subprocess
import sys

FORMS = {"value": "FORM_VALUE", "string": "FORM_STRING", "variable string": "FORM_VARIABLE",
         "variable array": "FORM_VARIABLE", "indefinite array": "FORM_VARIABLE",
         "out of line": "FORM_OUT_OF_LINE", "room": "FORM_VALUE"}

# Poweroff and reboot are for the privileged; these end the machine's use.
LEFT_OUT = {"host_reboot", "host_exit"}

# These would end the caller's own work too soon too often.
DRASTIC = {"task_terminate", "task_suspend", "thread_suspend", "thread_terminate", "vm_deallocate",
           "vm_protect", "thread_terminate_release", "thread_abort", "thread_set_state",
           "task_set_emulation_entry"}


def dump(mig, include, path):
    done = subprocess.run([mig, "-I", include, "--dump=json", path], check=True,
                          stdout=subprocess.PIPE)
    return json.loads(done.stdout)


def wire_type(name):
    return "0" if name == "UNSTRUCTURED" else \
        "POLYMORPHIC" if name == "POLYMORPHIC" else f"MACH_MSG_TYPE_{name}"


def row(field):
    return (f"\t{{ {FORMS[field['kind']]}, {wire_type(field['send'])}, {field['bits']},"
            f" {int(field['variable'])}, {int(field['longform'])}, {field['descriptor']},"
            f" {field['offset']}, {field['bytes']}, {field['number']} }},\n")


def main():
    output, mig, include, *paths = sys.argv[1:]
    fields, calls = [], []
    for path in paths:
        for routine in dump(mig, include, path)["routines"]:
            if routine["name"] in LEFT_OUT:
                continue
            wire = routine["request"]
            calls.append(f"\t{{ \"{routine['name']}\", {routine['id']}, {wire['min_size']},"
                         f" {int(routine['name'] in DRASTIC)}, {len(fields)},"
                         f" {len(wire['fields'])} }},\n")
            fields += [row(field) for field in wire["fields"]]
    with open(output, "w", encoding="utf-8") as out:
        out.write("/* Made by call_table.py; do not edit. */\n")
        out.write("static const struct call_field call_fields[] = {\n" + "".join(fields) + "};\n\n")
        out.write("static const struct call calls[] = {\n" + "".join(calls) + "};\n")


main()
