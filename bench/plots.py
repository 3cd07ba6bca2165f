# SPDX-License-Identifier: BSD-2-Clause
"""SVG plots by gnuplot: cost against size, and where one RPC's instructions go."""
import collections
import os
import shutil
import subprocess
import sys

import benchlib
import where

PART_COLOURS = ("#4e79a7", "#f28e2b", "#59a14f", "#e15759", "#b07aa1", "#76b7b2", "#edc948", "#9c755f",
                "#ff9da7", "#bab0ac", "#333333")
# A colour for each transport, a line and a mark for each kind of message.
TRANSPORT_COLOURS = {"buffered": "#4e79a7", "handoff": "#e8760b", "register": "#c0272d"}
KINDS = (("rpc", "in line", "dt 1 lw 2.5 pt 7 ps 0.6"), ("rpc_ool", "out of line", "dt (8,4) lw 2 pt 5 ps 0.6"),
         ("rpc_ool_touched", "out of line, written to", "dt (2,3) lw 2 pt 9 ps 0.7"),
         ("rpc_port", "port rights, of 8 bytes", "dt (1,3) lw 1.5 pt 3 ps 0.7"),
         ("rpc_cpus", "in line, between two CPUs", "dt (12,4,2,4) lw 1.5 pt 13 ps 0.8"))
OTHER_MARKS = {"GNU Mach x86-64": "pt 2", "seL4 x86-64": "pt 1", "NOVA x86-64": "pt 4", "L4Ka::Pistachio x86-64": "pt 8"}


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
    head = "set terminal svg size 1060,640 dynamic enhanced font 'Helvetica,13' background rgb 'white'\n" \
           f"set output '{path}'\nset border 3 lc rgb '#666666'\nset tics nomirror textcolor rgb '#222222'\n" \
           "set grid lc rgb '#dddddd' lt 1\nset key outside right top Left reverse samplen 3 spacing 1.2 font ',11'\n"
    done = subprocess.run(["gnuplot"], input=head + script, text=True, stderr=subprocess.PIPE, check=False)
    if done.returncode != 0 or not os.path.exists(path):
        sys.exit("bench/ipc: gnuplot: " + done.stderr)


def transport_lines(records):
    """Data and plot elements of our own figures."""
    data, lines = "", []
    for transport, colour in TRANSPORT_COLOURS.items():
        for operation, title, style in KINDS:
            found = points(records, operation, transport)
            if found:
                name = f"{operation}_{transport}"
                data += block(name, [(size, count + rep) for size, count, rep in found])
                lines.append(f"${name} using 1:2 with linespoints {style} lc rgb '{colour}'"
                             f" title '{transport}, {title}'")
    return data, lines


def other_points():
    """The same of other systems, measured alike (others.json)."""
    data, lines = "", []
    others = collections.defaultdict(list)
    for other in benchlib.others():
        if other["operation"] in ("rpc", "rpc_ool") and other["transport"] not in ("unix", "none"):
            others[other["system"]].append((max(other["bytes"], 1), other["instructions"]))
    for number, (system, rows) in enumerate(sorted(others.items())):
        data += block(f"other{number}", rows)
        mark = OTHER_MARKS.get(system, f"pt {number + 1}")
        lines.append(f"$other{number} using 1:2 with points {mark} ps 1.1 lw 1.8 lc rgb '#222222' title '{system}'")
    return data, lines


def liedtke_lines(records):
    """The curves of 1993, L3's short message as high as ours."""
    base = min((count for _, count, _ in points(records, "rpc", "handoff")), default=1000)
    sizes = (1, 8, 32, 64, 128, 256, 512, 1024, 2048, 4096)
    data = block("liedtke", [(size, *(value * base for value in liedtke_shape(size))) for size in sizes])
    return data, [f"$liedtke using 1:{column} with lines dt {dash} lw 1.5 lc rgb '#999999' title '1993, to scale: {name}'"
                  for column, dash, name in ((2, "(6,3)", "Mach"), (3, "(2,3)", "L3"))]


def cost_by_size(path, records):
    """Lines for each transport, rep iterations in; other systems as points."""
    made = [transport_lines(records), other_points(), liedtke_lines(records)]
    gnuplot(path, "".join(data for data, _ in made) +
            "set title 'What a message costs by its size' font ',16'\nset logscale xy\n"
            "set xlabel 'bytes each way (0 is drawn at 1)'\n"
            "set ylabel 'guest instructions of a round trip, rep iterations among them'\n"
            "set format y '%.0s%c'\nset format x '%.0s%c'\nset xrange [0.8:8e6]\nset yrange [100:5e6]\nplot "
            + ", \\\n  ".join(line for _, lines in made for line in lines) + "\n")


def chosen(records):
    """The RPCs that the stacked bars show: (label, record)."""
    wanted = [("rpc", "buffered", 32), ("rpc", "handoff", 32), ("rpc", "register", 32),
              ("rpc_cpus", "handoff", 32), ("rpc_port", "handoff", 16), ("rpc_kernel", "handoff", 16), ("exception", "handoff", 0)]
    found = {(record["operation"], record["transport"], record["bytes"]): record for record in records}
    return [(key, found[key]) for key in wanted if key in found and "window" in found[key]]


def stacked(path, records):
    bars = [(key, record["instructions"] + record["rep"] + record["idle"], where.parts(record["window"]))
            for key, record in chosen(records)]
    if not bars:
        return
    names = [name for name in where.NAMES if any(parts[name] for _, _, parts in bars)]
    rows = [[f'"{operation.replace("_", " ")}\\n{transport}\\n{size} bytes"', total]
            + [parts[name] for name in names] for (operation, transport, size), total, parts in bars]
    columns = [f"$parts using {i + 3}:xtic(1) lc rgb '{PART_COLOURS[i % len(PART_COLOURS)]}' title \"{name}\""
               for i, name in enumerate(names)]
    columns.append("$parts using 0:2:(sprintf('%.0f', $2)) with labels offset 0,0.7 font ',12' notitle")
    gnuplot(path, block("parts", rows) + "set title 'Where the instructions of one round trip are' font ',16'\n"
            "set bmargin 5\nset style data histograms\nset style histogram rowstacked\nset style fill solid 0.9 noborder\n"
            "set boxwidth 0.7\nset ylabel 'guest instructions, rep iterations among them'\nset xtics scale 0 font ',11'\n"
            "set key invert\nset grid noxtics ytics\nset yrange [0:*]\nset offsets 0, 0, graph 0.06, 0\n"
            "plot " + ", \\\n  ".join(columns) + "\n")


def check(directory):
    """Can be drawn, and there?"""
    if shutil.which("gnuplot") is None:
        sys.exit("bench/ipc: --svg needs gnuplot (package gnuplot-nox)")
    os.makedirs(directory, exist_ok=True)


def draw(directory, records):
    cost_by_size(os.path.join(directory, "size.svg"), records)
    stacked(os.path.join(directory, "parts.svg"), records)
    print(f"{directory}/size.svg  {directory}/parts.svg")
