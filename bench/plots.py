# SPDX-License-Identifier: BSD-2-Clause
"""SVG plots by gnuplot: cost against size, and where one RPC's instructions go."""
import collections
import os
import shutil
import subprocess
import sys

import benchlib
import where

COLOURS = ("#4e79a7", "#f28e2b", "#59a14f", "#e15759", "#b07aa1", "#76b7b2", "#edc948", "#9c755f",
           "#ff9da7", "#bab0ac", "#333333")


def liedtke_factors():
    """Bytes -> how many times L3 was quicker than Mach on the same machine."""
    return {each["bytes"]: each["factor"] for each in benchlib.published() if "factor" in each}


def liedtke_shape(size):
    """
    1993's two systems as straight lines in the size: L3 costs 1 + s * size,
    Mach m + s * size, with the m and s that give the published factors.
    """
    (short, factor), (long, least) = sorted(liedtke_factors().items())
    slope = (factor - least) / ((least - 1) * long - (factor - 1) * short)
    start = factor + (factor - 1) * short * slope
    return start + slope * size, 1 + slope * size


def points(records, operation, transport):
    return [(max(record["bytes"], 1), record["instructions"], record["rep"]) for record in records
            if record["operation"] == operation and record["transport"] == transport]


def block(name, rows):
    return f"${name} << EOD\n" + "\n".join(" ".join(str(cell) for cell in row) for row in rows) + "\nEOD\n"


def gnuplot(path, script):
    head = f"set terminal svg size 1000,600 font 'Helvetica,13' background rgb 'white'\nset output '{path}'\n"
    done = subprocess.run(["gnuplot"], input=head + script, text=True, stderr=subprocess.PIPE, check=False)
    if done.returncode != 0 or not os.path.exists(path):
        sys.exit("bench/ipc: gnuplot: " + done.stderr)


def cost_by_size(path, records):
    """Lines for each transport, rep iterations in; other systems as points."""
    data, lines = "", []
    kinds = [("rpc", "in line"), ("rpc_ool", "out of line"), ("rpc_ool_touched", "out of line, written to")]
    for transport in ("buffered", "handoff", "register"):
        for operation, title in kinds:
            found = points(records, operation, transport)
            if not found:
                continue
            name = f"{operation}_{transport}"
            data += block(name, [(size, count + rep) for size, count, rep in found])
            lines.append(f"${name} using 1:2 with linespoints lw 2 title '{transport}, {title}'")
    others = collections.defaultdict(list)
    for other in benchlib.others():
        if other["operation"] in ("rpc", "rpc_ool") and other["transport"] not in ("unix", "none"):
            others[other["system"]].append((max(other["bytes"], 1), other["instructions"]))
    for number, (system, rows) in enumerate(sorted(others.items())):
        data += block(f"other{number}", rows)
        lines.append(f"$other{number} using 1:2 with points ps 1.2 title '{system}'")
    base = min((count for _, count, _ in points(records, "rpc", "handoff")), default=1000)
    shape = [(size, *(value * base for value in liedtke_shape(size))) for size in
             (1, 8, 32, 128, 512, 1024, 2048, 4096)]
    data += block("liedtke", shape)
    lines.append("$liedtke using 1:2 with lines dt 2 lc rgb '#999999' title 'shape of 1993: Mach'")
    lines.append("$liedtke using 1:3 with lines dt 3 lc rgb '#999999' title 'shape of 1993: L3'")
    gnuplot(path, data + "set logscale xy\nset xlabel 'bytes each way (0 drawn at 1)'\n"
            "set ylabel 'guest instructions, round trip, rep iterations in'\n"
            "set format y '%.0s%c'\nset format x '%.0s%c'\n"
            "set key outside right font ',10'\nset grid\nplot " + ", \\\n  ".join(lines) + "\n")


def chosen(records):
    """The RPCs that the stacked bars show: (label, record)."""
    wanted = [("rpc", "buffered", 32), ("rpc", "handoff", 32), ("rpc", "register", 32),
              ("rpc_port", "handoff", 16), ("rpc_kernel", "handoff", 16), ("exception", "handoff", 0)]
    found = {(record["operation"], record["transport"], record["bytes"]): record for record in records}
    return [(f"{key[0]} {key[1]} {key[2]}", found[key]) for key in wanted
            if key in found and "window" in found[key]]


def stacked(path, records):
    bars = [(label, where.parts(record["window"])) for label, record in chosen(records)]
    if not bars:
        return
    names = [name for name in where.NAMES if any(parts[name] for _, parts in bars)]
    rows = [[f'"{label.replace("_", " ")}"'] + [parts[name] for name in names] for label, parts in bars]
    columns = [f"$parts using {i + 2}:xtic(1) lc rgb '{COLOURS[i % len(COLOURS)]}' title \"{name}\""
               for i, name in enumerate(names)]
    gnuplot(path, block("parts", rows) + "set style data histograms\nset style histogram rowstacked\n"
            "set style fill solid 0.9 noborder\nset boxwidth 0.7\nset ylabel 'guest instructions'\n"
            "set xtics rotate by 20 right font ',10'\nset key outside right\nset grid ytics\nset yrange [0:*]\n"
            "plot " + ", \\\n  ".join(columns) + "\n")


def draw(directory, records):
    if shutil.which("gnuplot") is None:
        sys.exit("bench/ipc: --svg needs gnuplot (package gnuplot-nox)")
    os.makedirs(directory, exist_ok=True)
    cost_by_size(os.path.join(directory, "size.svg"), records)
    stacked(os.path.join(directory, "parts.svg"), records)
    print(f"{directory}/size.svg  {directory}/parts.svg")
