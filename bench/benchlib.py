# SPDX-License-Identifier: BSD-2-Clause
"""What the benchmark commands share: booting with icount, results, tables."""
import collections
import json
import os
import re
import subprocess
import sys
import tempfile

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BUILD = os.environ.get("PORTOLAN_BUILD", os.path.join(TOP, "build"))
# Operation, transport, bytes, cost; windows marked, operations in each, median cost.
RESULT = re.compile(r"^RESULT (\S+) (\S+) (\d+) (\d+)(?: (\d+)(?: (\d+) (\d+))?)?\s*$", re.M)
UNIT = "guest instructions"

# The columns of opcount's `window` lines after the total, in order.
EVENTS = ("rep", "cr3", "wrmsr", "iretq", "xsave", "invlpg", "locked", "syscall", "sysret", "swapgs", "idle")
# Of these, what stands beside every figure (design D12); those that must not grow.
SHOWN = ("rep", "cr3", "wrmsr", "iretq", "xsave", "invlpg", "locked", "idle")
COMPARED = SHOWN[1:-1]

# A CPU without work is in one of these; it halts in the second.
IDLE_LOOP = ("sched_idle", "cpu_idle_wait")


def prepare():
    """Install, configure and build what the benchmarks boot."""
    script = f'top="{TOP}"; . "{TOP}/tools/setup.sh"; install_packages;' \
             f' configure "{BUILD}"; build "{BUILD}"'
    if subprocess.run(["bash", "-euc", script], check=False).returncode != 0:
        sys.exit(1)


def boot(arguments, timeout=300):
    """./run --icount with the arguments; what it printed."""
    line = [sys.executable, os.path.join(TOP, "tools", "run.py"), "--build", BUILD,
            "--icount", "--timeout", str(timeout)] + arguments
    done = subprocess.run(line, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          stdin=subprocess.DEVNULL, check=False)
    out = done.stdout.decode(errors="replace").replace("\r", "")
    if done.returncode != 0:
        sys.stderr.write(out + done.stderr.decode(errors="replace"))
        sys.exit(f"bench: the guest ended with status {done.returncode}")
    return out


class Window:
    """What is between the marks: totals by kind, counts by address."""

    def __init__(self, numbers):
        self.each = 1   # operations in it
        self.total = numbers[0]
        self.events = dict(zip(EVENTS, numbers[1:]))
        self.pcs = collections.Counter()


def read_windows(path):
    windows = []
    with open(path, encoding="ascii") as file:
        for line in file:
            words = line.split()
            if words[0] == "window":
                windows.append(Window([int(word) for word in words[1:]]))
            else:
                windows[-1].pcs[int(words[1], 16)] += int(words[2])
    return windows


def record_of(match, windows):
    """One RESULT line and its marked windows -> a record."""
    operation, transport, size, count, _, each, _ = match
    record = {"operation": operation, "transport": transport, "bytes": int(size),
              "instructions": int(count), "rep": 0, "unit": UNIT}
    if windows:
        # The smallest is the one that no clock tick fell into.
        window = min(windows, key=lambda one: one.total)
        window.each = each = int(each or 1)
        record.update({event: round(count / each) for event, count in window.events.items()})
        record["instructions"] -= record["rep"] + record["idle"]
        record["window"] = window
    return record


def parse(text, windows=()):
    """RESULT lines and the windows of the same run, in order -> records."""
    windows = list(windows)
    records = []
    for match in RESULT.findall(text):
        if match[0] == "done":
            continue
        marked = int(match[4] or 0) if windows else 0
        records.append(record_of(match, windows[:marked]))
        del windows[:marked]
    return records


def symbols(binary):
    """name -> address"""
    if not os.path.exists(binary):
        sys.exit(f"bench: {binary} is not built")
    out = subprocess.run(["nm", binary], stdout=subprocess.PIPE, check=True).stdout.decode()
    return {words[2]: int(words[0], 16) for words in map(str.split, out.splitlines())
            if len(words) == 3}


def module_line(words=""):
    binary = os.path.join(BUILD, "bench", "ipcbench")
    return f"{binary} ipcbench --host-port=${{host-port}} {words} $(task-create) $(task-resume)"


def ranges(binary, names):
    """name -> (first address, address after the last) of functions."""
    out = subprocess.run(["nm", "-S", binary], stdout=subprocess.PIPE, check=True).stdout.decode()
    return {words[3]: (int(words[0], 16), int(words[0], 16) + int(words[1], 16))
            for words in map(str.split, out.splitlines()) if len(words) == 4 and words[3] in names}


def native(words="", cpus=1):
    """Boot ipcbench with these words; records with what opcount saw."""
    marks = symbols(os.path.join(BUILD, "bench", "ipcbench"))
    idle = ranges(os.path.join(BUILD, "kernel", "portolan"), IDLE_LOOP)
    with tempfile.TemporaryDirectory(prefix="portolan-") as scratch:
        path = os.path.join(scratch, "opcount")
        plugin = f"-plugin file={os.path.abspath(BUILD)}/bench/libopcount.so" \
                 f",begin={marks['bench_mark_begin']:#x},end={marks['bench_mark_end']:#x},out={path}" \
                 + "".join(f",idle={start:#x}-{end:#x}" for start, end in idle.values())
        out = boot(["--module", module_line(words), "--cpus", str(cpus), "--qemu-args", plugin])
        return [dict(record, cpus=cpus) for record in parse(out, read_windows(path))]


def unix():
    binary = os.path.join(BUILD, "bench", "unixbench")
    return parse(boot(["--add", f"{binary}:/unixbench", "--", "/unixbench"]))


def others():
    with open(os.path.join(TOP, "bench", "others.json"), encoding="utf-8") as file:
        return json.load(file)


def published():
    with open(os.path.join(TOP, "bench", "published.json"), encoding="utf-8") as file:
        return json.load(file)


def show(rows):
    """Columns; the first two and the last to the left."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    for row in rows:
        cells = [cell.rjust(width) if 1 < i < len(row) - 1 else cell.ljust(width)
                 for i, (cell, width) in enumerate(zip(row, widths))]
        print("  ".join(cells).rstrip())


def comparison(record, measured):
    """Other systems' figures for the same operation and size."""
    found = [f"{other['system']} {other['instructions'] - other.get('rep', 0):,}" for other in measured
             if other["operation"] == record["operation"] and other["bytes"] == record["bytes"]
             and (record["transport"] in ("unix", "none")) == (other["transport"] in ("unix", "none"))]
    return "; ".join(found)


def table(records):
    """Print the records; events that never occur in any get no column."""
    measured = others()
    shown = [event for event in SHOWN if any(record.get(event) for record in records)]
    rows = [("operation", "transport", "bytes", "instructions", *shown, "others")]
    for record in records:
        rows.append((record["operation"], record["transport"], f"{record['bytes']:,}",
                     f"{record['instructions']:,}",
                     *(f"{record[event]:,}" if event in record else "" for event in shown),
                     comparison(record, measured)))
    show(rows)
