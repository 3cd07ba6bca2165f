#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Every routine of libmach/defs against the wire layouts of the ABI."""
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
DEFS = os.path.join(HERE, "..", "..", "..", "libmach", "defs")
OWN = range(5000, 6000)     # ids of this project's interfaces: not in the sheet
RECEIVED = {"SEND": "MOVE_SEND", "RECV": "MOVE_RECV", "SONCE": "MOVE_SONCE"}
PORT = re.compile(r"(ool)?([A-Z_>]*(?:SEND|RECV|SONCE|POLY))(.*)")


def read_table(path):
    """{(id, name): (kind, {"q": message, "r": message})}; message = (size, complex, items)."""
    table, entry = {}, None
    with open(path, encoding="ascii") as lines:
        for line in lines:
            words = line.split()
            if line.startswith("#") or not words:
                continue
            if not line.startswith(" "):
                entry = (words[2], {})
                table[int(words[0]), words[1]] = entry
            elif not line.startswith("    "):
                items = []
                entry[1][words[0]] = (words[1], words[2], items)
            else:
                items.append((words[0], words[1], "".join(words[2:]).replace(",", "")))
    return table


def parse_message(text):
    """'48..104 s: 32 name:WIRE, ...' of the dump."""
    size, flag, body = re.match(r"(\S+) (s\|C|s|C): ?(.*)", text).groups()
    if ".." in size:
        size = size.split("..")[0] + "+"
    items = []
    for part in body.split(", ") if body not in ("", "-") else []:
        offset, name, wire = re.match(r"(\d+\+?) (\w+):(.*)", part).groups()
        if name != "RetCode":
            items.append((offset, name, wire.replace(" ", "")))
    return size, flag, items


def read_dump(text):
    table, entry = {}, None
    for line in text.splitlines():
        routine = re.match(r"(\d+) (\w+) (simpleroutine|routine)", line)
        message = re.match(r"     (q|r \d+) (.*)", line)
        if routine:
            entry = ("S" if routine[3] == "simpleroutine" else "R", {})
            table[int(routine[1]), routine[2]] = entry
        elif message:
            entry[1][message[1][0]] = parse_message(message[2])
    return table


def same_wire(sheet, dump):
    """Rights are written as sent or as received in the sheet, both in the dump."""
    port = PORT.match(sheet)
    if not port:
        return sheet == dump
    rest, _, received = dump.partition(">")
    ool, sent, shape = PORT.match(rest).groups()
    wanted_sent, _, wanted_received = port[2].partition(">")
    if (ool, shape) != (port[1], port[3]):
        return False
    if wanted_received:
        return (wanted_sent in (sent, "PORT") and
                RECEIVED.get(wanted_received, wanted_received) == (received or sent))
    return wanted_sent == sent or RECEIVED.get(wanted_sent) == (received or sent)


def complex_at_run_time(sheet, dump):
    """Where the caller chooses the right, stubs set the bit at run time (mig says s|C);
    the sheet has C where only rights can be chosen."""
    chosen = any(re.match("(ool)?POLY.*>", item[2]) for item in dump[2])
    return chosen and (sheet[1], dump[1]) == ("C", "s|C")


def message_faults(sheet, dump):
    if sheet is None or dump is None:
        if sheet is not dump:
            yield f"message {'missing' if dump is None else 'not expected'}"
        return
    if sheet[0] != dump[0]:
        yield f"size {dump[0]}, not {sheet[0]}"
    if sheet[1] != dump[1] and not complex_at_run_time(sheet, dump):
        yield f"complex {dump[1]}, not {sheet[1]}"
    if [item[:2] for item in sheet[2]] != [item[:2] for item in dump[2]]:
        yield f"items {dump[2]}, not {sheet[2]}"
        return
    for wanted, got in zip(sheet[2], dump[2]):
        if not same_wire(wanted[2], got[2]):
            yield f"{wanted[1]} is {got[2]}, not {wanted[2]}"


def routine_faults(sheet, dump):
    if dump is None:
        yield "missing"
        return
    if sheet[0] != dump[0]:
        yield f"is {dump[0]}, not {sheet[0]}"
    for side in "qr":
        yield from message_faults(sheet[1].get(side), dump[1].get(side))


def definitions():
    for folder, _, files in sorted(os.walk(DEFS)):
        for name in sorted(files):
            if name.endswith(".defs") and not name.endswith("types.defs"):
                yield os.path.join(folder, name)


def main(mig, compiler):
    sheet = read_table(os.path.join(HERE, "abi_layout.txt"))
    found = {}
    for path in definitions():
        done = subprocess.run([mig, "-cc", compiler, "-I", DEFS, "-n", "--dump=layout", path],
                              stdout=subprocess.PIPE, check=True, text=True)
        found.update(read_dump(done.stdout))
    faults = 0
    for key, entry in sorted(sheet.items()):
        for fault in routine_faults(entry, found.get(key)):
            print(f"{key[0]} {key[1]}: {fault}")
            faults += 1
    for number, name in sorted(set(found) - set(sheet)):
        if number not in OWN and name != "device_intr_notify":
            print(f"{number} {name}: not in the sheet")
            faults += 1
    print(f"{len(sheet)} routines, {faults} faults")
    return 1 if faults or not sheet else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2]))
