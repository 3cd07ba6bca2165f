# SPDX-License-Identifier: BSD-2-Clause
"""
The same programs without icount, timed by the time-stamp counter: on the
machine's own CPU by KVM, where that counts cycles, or under emulation, where
it only shows that all of this works.
"""
import os
import re
import subprocess
import sys
import tempfile
import time

import benchlib

sys.path.insert(0, os.path.join(benchlib.TOP, "tools"))
import run  # noqa: E402

SECONDS = 120
BATCHES = {"kvm": 30, "tcg": 3}
UNITS = {"kvm": "TSC cycles", "tcg": "host time-stamp ticks under emulation, not cycles"}
# Some hosts cannot set again the register (MSR 10ah) that arch-capabilities tells.
CPUS = {"kvm": "host,-arch-capabilities", "tcg": "max"}
# What QEMU says when it has stopped the guest but goes on itself.
STUCK = re.compile(r"KVM internal error|emulation failure|entry failed", re.I)


class PlainRun(run.Run):
    """./run with the accelerator of choice."""

    def __init__(self, options, scratch, accelerator):
        super().__init__(options, scratch)
        self.accelerator = accelerator

    def command_line(self):
        line = super().command_line()
        line[line.index("-accel") + 1] = self.accelerator
        line[line.index("-cpu") + 1] = CPUS[self.accelerator]
        return line


def unusable(accelerator):
    """Why this accelerator cannot be used, or None."""
    if accelerator != "kvm":
        return None
    if not os.path.exists("/dev/kvm"):
        return "this machine has no hardware virtualization (/dev/kvm)"
    if not os.access("/dev/kvm", os.R_OK | os.W_OK):
        return "/dev/kvm is not open to this user (group kvm)"
    return None


def first_line(path):
    with open(path, encoding="utf-8", errors="replace") as file:
        return next((line.strip() for line in file if line.strip()), "")


def watch(process, errors):
    """Until QEMU ends, says that it is stuck, or has had its time: why not, or None."""
    end = time.monotonic() + SECONDS
    while process.poll() is None:
        with open(errors, encoding="utf-8", errors="replace") as file:
            stuck = STUCK.search(file.read())
        if stuck or time.monotonic() > end:
            run.end(process)
            return first_line(errors) or f"no end after {SECONDS} s"
        time.sleep(0.05)
    return None


def boot(words, accelerator, cpus):
    """(what the guest printed, MHz of its counter, None), or (.., .., why not)."""
    with tempfile.TemporaryDirectory(prefix="portolan-") as scratch:
        line = ["--build", benchlib.BUILD, "--pvh", "--cpus", str(cpus), "--module", benchlib.module_line(words)]
        machine = PlainRun(run.parse(line), scratch, accelerator)
        printed, errors = machine.path("printed"), machine.path("errors")
        with open(printed, "wb") as out, open(errors, "wb") as complaints:
            process = subprocess.Popen(machine.command_line(), stdin=subprocess.DEVNULL, stdout=out,
                                       stderr=complaints)
            reason = watch(process, errors)
        with open(printed, encoding="utf-8", errors="replace") as file:
            text = file.read().replace("\r", "")
        if reason is None and "RESULT done" not in text:
            reason = first_line(errors) or (text.strip().splitlines() or ["the guest said nothing"])[-1]
        log = ""
        if os.path.exists(machine.log_file):
            with open(machine.log_file, encoding="utf-8", errors="replace") as file:
                log = file.read()
    clock = re.search(r"time-stamp counter (\d+) MHz", log)
    return text, int(clock[1]) if clock else None, reason


def records_of(text, accelerator, cpus, mhz):
    return [{"operation": match[0], "transport": match[1], "bytes": int(match[2]), "cpus": cpus,
             "cycles": int(match[3]), "median": int(match[6] or match[3]), "mhz": mhz,
             "unit": UNITS[accelerator]}
            for match in benchlib.RESULT.findall(text) if match[0] != "done"]


def measure(boots, accelerator="kvm"):
    """(records, None), or (None, why not). `boots`: words and number of CPUs of each."""
    reason = unusable(accelerator)
    records = []
    for words, cpus in boots:
        if reason is None:
            text, mhz, reason = boot(f"{words} --batches={BATCHES[accelerator]}", accelerator, cpus)
            records += records_of(text, accelerator, cpus, mhz)
            if reason:
                reason = f"{accelerator.upper()} does not run the guest: {reason}"
    return (None, reason) if reason else (records, None)


def table(records):
    """Print them: the smallest batch's mean, the middle one's, others'."""
    published = benchlib.published()
    mhz = next((record["mhz"] for record in records if record["mhz"]), None)
    print(f"unit: {records[0]['unit']}" + (f", {mhz:,} MHz" if mhz else ""))
    rows = [("operation", "transport", "bytes", "least", "median", "ns", "others (cycles)")]
    for record in records:
        rows.append((record["operation"], record["transport"], f"{record['bytes']:,}", f"{record['cycles']:,}",
                     f"{record['median']:,}", f"{record['median'] * 1000 / mhz:,.0f}" if mhz else "",
                     "; ".join(f"{other['system']} {other['cycles']:,}" for other in published
                               if other.get("cycles") and (other["like"], other["bytes"]) ==
                               (record["operation"], record["bytes"]))))
    benchlib.show(rows)
