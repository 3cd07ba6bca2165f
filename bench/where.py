# SPDX-License-Identifier: BSD-2-Clause
"""Where the instructions of one operation go: addresses -> functions -> parts."""
import collections
import os
import re
import subprocess

import benchlib

USER_END = 1 << 47

# The part of the work that a source file, or a function in it (file:function),
# stands for; the first match counts, innermost inlined function first. In the order of the plots.
PARTS = (
    ("user side", ()),
    ("entry and exit", (r"arch/x86_64/entry\.S", r"core/trap\.c", r"glue/traps\.c", r"arch/x86_64/trap")),
    ("copies", (r"copyio", r"debug/string\.c", r"arch/x86_64/string")),
    ("names and rights", (r"ipc/ipc_(space|right|entry|copyin|copyout|port|pset|notify)",
                          r"ipc/mach_msg_plain\.c:(plain_find|plain_name|reply_right_make)")),
    ("kernel messages and queues", (r"ipc/ipc_(kmsg|mqueue|item|kobject)", r"core/(zalloc|account)",
                                    r"kern/(fast/)?(account|zalloc)",
                                    r"ipc/mach_msg_plain\.c:plain_(alloc|free|give|queue|accept|header)")),
    ("message path", (r"ipc/",)),
    ("handing over, scheduling", (r"core/(sched|waiter|timer|thread|event|clock|times)", r"arch/x86_64/",
                                  r"kern/waiter", r"arch/(context|pmap|cpu)")),
    ("memory", (r"vm/", r"core/physmem", r"glue/(ool|pager|vm_)")),
    ("kernel's own service", (r"glue/", r"core/", r"device/")),
)
LOCKS = "locks"
IDLE = "idle loop"
OTHER = "other"
NAMES = [name for name, _ in PARTS] + [LOCKS, IDLE, OTHER]


def frames_of(addresses):
    """address -> [(function, file), ...], innermost inlined one first."""
    kernel = os.path.join(benchlib.BUILD, "kernel", "portolan")
    done = subprocess.run(["addr2line", "-e", kernel, "-f", "-i", "-a"],
                          input="\n".join(f"{address:#x}" for address in addresses),
                          stdout=subprocess.PIPE, check=True, text=True)
    frames = collections.defaultdict(list)
    address = None
    function = None
    for line in done.stdout.splitlines():
        if re.fullmatch(r"0x[0-9a-f]{16}", line):
            address, function = int(line, 16), None
        elif function is None:
            function = line
        else:
            frames[address].append((function, line.rsplit(":", 1)[0]))
            function = None
    return frames


def part_of(address, frames):
    if address < USER_END:
        return PARTS[0][0]
    if any(function in benchlib.IDLE_LOOP for function, _ in frames):
        return IDLE
    for function, file in frames:
        file = os.path.normpath(file)
        if file.endswith(("kern/spinlock.h", "kern/list.h", "kern/cpu_number.h", "arch/current.h")):
            if file.endswith("spinlock.h"):
                return LOCKS
            continue
        for name, patterns in PARTS[1:]:
            if any(re.search(pattern, f"{file}:{function}") for pattern in patterns):
                return name
    return OTHER


def each_of(window, counter):
    """The counts of one operation in place of those of all in the window."""
    if window.each > 1:
        for name in counter:
            counter[name] /= window.each
    return counter


def parts(window):
    """Counter of instructions by part, of one operation."""
    frames = frames_of([address for address in window.pcs if address >= USER_END])
    result = collections.Counter()
    for address, count in window.pcs.items():
        result[part_of(address, frames.get(address, ()))] += count
    return each_of(window, result)


def functions(window):
    """The same by (innermost function, file)."""
    frames = frames_of([address for address in window.pcs if address >= USER_END])
    result = collections.Counter()
    for address, count in window.pcs.items():
        if address < USER_END:
            result[("user side", "")] += count
            continue
        function, file = frames.get(address, [("?", "?")])[0]
        result[(function, os.path.relpath(file, benchlib.TOP) if os.path.isabs(file)
                else re.sub(r"^(\.\./)+", "", file))] += count
    return each_of(window, result)
