# SPDX-License-Identifier: BSD-2-Clause
"""Driving the guest through ./run, and a TAP runner for test functions."""
import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
import traceback

TOP = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
RUN = [sys.executable, os.path.join(TOP, "tools", "run.py"), "--build",
       os.environ.get("PORTOLAN_BUILD", os.path.join(TOP, "build"))]


class Result:
    def __init__(self, status, out, err):
        self.status = status
        self.out = out
        self.err = err

    def __repr__(self):
        return f"status {self.status}\n--- output\n{self.out}\n--- error\n{self.err}"


# For kernels that check themselves, and busy machines: so many times the time.
PATIENCE = float(os.environ.get("PORTOLAN_PATIENCE", "1"))


def run(command=None, *options, timeout=60, binary=False):
    """./run [options] [-- command]; the result with its output as text."""
    line = RUN + ["--timeout", str(timeout * PATIENCE)] + list(options)
    if command is not None:
        line += ["--", command]
    done = subprocess.run(line, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          stdin=subprocess.DEVNULL, check=False)
    out = done.stdout if binary else done.stdout.decode(errors="replace")
    return Result(done.returncode, out, done.stderr.decode(errors="replace"))


def expect(command, output, status=0, options=(), timeout=60):
    """Run a guest command; its output and status must be exactly these."""
    result = run(command, *options, timeout=timeout)
    if result.out != output or result.status != status:
        raise AssertionError(f"{command!r}: expected status {status}, output\n{output}\n"
                             f"--- but got {result!r}")
    return result


def check(condition, what):
    if not condition:
        raise AssertionError(what)


class Session:
    """The interactive system on a pseudo-terminal, as a person drives it."""

    def __init__(self, *options, timeout=60):
        timeout *= PATIENCE
        self.deadline = time.monotonic() + timeout
        self.seen = ""
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.execv(RUN[0], RUN + ["--timeout", str(timeout)] + list(options))

    def send(self, text):
        os.write(self.fd, text.encode())

    def line(self, text):
        self.send(text + "\r")

    def wait_for(self, pattern, seconds=20):
        """Read until the pattern matches what came since the last match."""
        limit = min(self.deadline, time.monotonic() + seconds * PATIENCE)
        while True:
            match = re.search(pattern, self.seen)
            if match:
                self.seen = self.seen[match.end():]
                return match
            left = limit - time.monotonic()
            if left <= 0 or not select.select([self.fd], [], [], left)[0]:
                raise AssertionError(f"no {pattern!r} in {self.seen!r}")
            try:
                data = os.read(self.fd, 4096)
            except OSError:
                data = b""
            if not data:
                raise AssertionError(f"ended before {pattern!r}: {self.seen!r}")
            # QEMU leaves the host terminal's own newline translation on.
            self.seen = (self.seen + data.decode(errors="replace")).replace("\r\r\n", "\r\n")

    def prompt(self, seconds=20):
        # The shell's line editor asks a serial terminal where its cursor is.
        return self.wait_for(r"[#$] (\x1b\[6n)?$", seconds)

    def end(self):
        """Wait for the system to end; its exit status."""
        while True:
            try:
                if not os.read(self.fd, 4096):
                    break
            except OSError:
                break
        _, status = os.waitpid(self.pid, 0)
        self.pid = None
        return os.waitstatus_to_exitcode(status)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.pid is not None:
            os.kill(self.pid, signal.SIGTERM)
            os.waitpid(self.pid, 0)
        os.close(self.fd)


def main(module="__main__"):
    """Run the module's test_* functions, or those named as arguments; TAP."""
    functions = [(name, function) for name, function in vars(sys.modules[module]).items()
                 if name.startswith("test_") and callable(function)]
    wanted = sys.argv[1:]
    if wanted:
        functions = [item for item in functions if item[0] in wanted]
    print(f"1..{len(functions)}", flush=True)
    failed = 0
    for number, (name, function) in enumerate(functions, 1):
        begin = time.monotonic()
        try:
            function()
            verdict = "ok"
        except Exception:
            failed += 1
            verdict = "not ok"
            for text in traceback.format_exc().splitlines():
                print("# " + text)
            # Meson shows the error output of a test that failed.
            traceback.print_exc()
        print(f"{verdict} {number} {name} # {time.monotonic() - begin:.1f} s", flush=True)
    return 1 if failed else 0
