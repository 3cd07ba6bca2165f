# SPDX-License-Identifier: BSD-2-Clause
"""The same programs on the machine's own CPU by KVM: the TSC then counts cycles."""
import os
import subprocess
import sys
import tempfile

import benchlib

sys.path.insert(0, os.path.join(benchlib.TOP, "tools"))
import run  # noqa: E402

SECONDS = 60


class KvmRun(run.Run):
    """./run with hardware virtualization in place of TCG."""

    def command_line(self):
        line = super().command_line()
        line[line.index("-accel") + 1] = "kvm"
        line[line.index("-cpu") + 1] = "host,-arch-capabilities"
        return line


def unusable():
    """Why KVM cannot be used, or None."""
    if not os.path.exists("/dev/kvm"):
        return "this machine has no hardware virtualization (/dev/kvm)"
    if not os.access("/dev/kvm", os.R_OK | os.W_OK):
        return "/dev/kvm is not open to this user (group kvm)"
    return None


def measure(words):
    """(records, None), or (None, why not)."""
    reason = unusable()
    if reason:
        return None, reason
    with tempfile.TemporaryDirectory(prefix="portolan-") as scratch:
        options = run.parse(["--build", benchlib.BUILD, "--pvh", "--module", benchlib.module_line(words)])
        line = KvmRun(options, scratch).command_line()
        try:
            done = subprocess.run(line, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE, timeout=SECONDS, check=False)
        except subprocess.TimeoutExpired as late:
            complaint = (late.stderr or b"").decode(errors="replace").splitlines()
            return None, "KVM does not run the guest: " + (complaint[0] if complaint else "no answer")
    records = benchlib.parse(done.stdout.decode(errors="replace").replace("\r", ""))
    if not records:
        complaint = done.stderr.decode(errors="replace").splitlines()
        return None, "KVM does not run the guest: " + (complaint[0] if complaint else "no output")
    for record in records:
        record["unit"] = "TSC cycles"
    return records, None
