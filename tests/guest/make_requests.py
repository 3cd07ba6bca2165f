#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""hostile_requests.h: the requests of subsystems as tables for hostile.c.

usage: make_requests.py MIG TOP > hostile_requests.h
"""
import json
import subprocess
import sys

TYPES = {"INTEGER_32": 2, "CHAR": 8, "INTEGER_64": 11, "STRING": 12}


def routines(mig, top, name):
    line = [mig, "-cc", "gcc", "-I", f"{top}/libmach/defs", "-I", f"{top}/bsd-server/defs",
            "--dump=json", f"{top}/bsd-server/defs/{name}.defs"]
    return json.loads(subprocess.run(line, stdout=subprocess.PIPE, check=True).stdout)["routines"]


def field(f):
    string = f["kind"] == "variable string"
    return (f"{{ {TYPES[f['send']]}, {f['bits']}, {f['number']}, {int(f['variable'])},"
            f" {int(string)} }}")


def main():
    mig, top = sys.argv[1:]
    rows = []
    for name in ("bsd", "bsd_file", "bsd_socket"):
        for routine in routines(mig, top, name):
            fields = routine["request"]["fields"]
            print(f"static const struct field fields_{routine['id']}[] = {{")
            for f in fields:
                print(f"\t{field(f)},")
            print("\t{ 0, 0, 0, 0, 0 }\n};")
            rows.append(f"\t{{ {routine['id']}, {len(fields)}, fields_{routine['id']} }},")
    print("static const struct request requests[] = {", *rows, "};", sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
