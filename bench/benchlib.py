# SPDX-License-Identifier: BSD-2-Clause
"""What the benchmark commands share: booting with icount, results, tables."""
import json
import os
import re
import subprocess
import sys

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BUILD = os.environ.get("PORTOLAN_BUILD", os.path.join(TOP, "build"))
RESULT = re.compile(r"^RESULT (\S+) (\S+) (\d+) (\d+)(?: (\d+))?\s*$", re.M)


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


def parse(text):
    """RESULT lines -> list of records."""
    return [{"operation": operation, "transport": transport, "bytes": int(size),
             "instructions": int(count) - int(rep or 0), "rep": int(rep or 0),
             "unit": "guest instructions"}
            for operation, transport, size, count, rep in RESULT.findall(text)
            if operation != "done"]


def native():
    binary = os.path.join(BUILD, "bench", "ipcbench")
    module = f"{binary} ipcbench --host-port=${{host-port}} $(task-create) $(task-resume)"
    return parse(boot(["--module", module]))


def unix():
    binary = os.path.join(BUILD, "bench", "unixbench")
    return parse(boot(["--add", f"{binary}:/unixbench", "--", "/unixbench"]))


def others():
    with open(os.path.join(TOP, "bench", "others.json"), encoding="utf-8") as file:
        return json.load(file)


def comparison(record, published):
    """Other systems' figures for the same operation and size."""
    found = [f"{other['system']} {other['instructions']:,}" for other in published
             if other["operation"] == record["operation"] and other["bytes"] == record["bytes"]
             and (record["transport"] in ("unix", "none")) == (other["transport"] in ("unix", "none"))]
    return "; ".join(found)


def table(records):
    published = others()
    rows = [("operation", "transport", "bytes", "instructions", "others")]
    for record in records:
        rows.append((record["operation"], record["transport"], f"{record['bytes']:,}",
                     f"{record['instructions']:,}", comparison(record, published)))
    widths = [max(len(row[i]) for row in rows) for i in range(5)]
    for row in rows:
        print("  ".join((row[0].ljust(widths[0]), row[1].ljust(widths[1]), row[2].rjust(widths[2]),
                         row[3].rjust(widths[3]), row[4])).rstrip())
