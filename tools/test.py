#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Run the Meson suites and count; run the long campaigns of tests/long.txt."""
import argparse
import json
import os
import re
import subprocess
import sys
import time

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
FIRST = ("lint", "unit", "vm", "mig", "host")   # quick ones first


def tap_counts(text):
    """Passed and failed cases of a TAP stream, None if it is none."""
    lines = re.findall(r"^\s*(not ok|ok)\b(.*)$", text, re.M)
    if not lines or not re.search(r"^\s*1\.\.\d+", text, re.M):
        return None
    skipped = sum(1 for verdict, rest in lines if "# skip" in rest.lower())
    failed = sum(1 for verdict, _ in lines if verdict == "not ok")
    return len(lines) - failed - skipped, failed


def count(log):
    """Passed and failed over all tests of a Meson log; the failing names."""
    passed = failed = 0
    names = []
    with open(log, encoding="utf-8") as file:
        for line in file:
            entry = json.loads(line)
            if entry["result"] == "SKIP":
                continue
            good = entry["result"] in ("OK", "EXPECTEDFAIL")
            cases = tap_counts(entry.get("stdout") or "") or (int(good), 0)
            passed += cases[0]
            failed += cases[1] if good or cases[1] else 1
            if not good or cases[1]:
                names.append(entry["name"])
    return passed, failed, names


def known_suites(build):
    """The suites of the build, the quick ones first."""
    listed = subprocess.run(["meson", "introspect", "--tests", build], stdout=subprocess.PIPE,
                            check=True)
    names = {suite.split(":")[-1] for test in json.loads(listed.stdout) for suite in test["suite"]}
    return sorted(names, key=lambda name: (FIRST.index(name) if name in FIRST else len(FIRST), name))


def run_suites(build, suites):
    passed = failed = 0
    broken = []
    for suite in suites:
        begin = time.monotonic()
        base = f"test-{suite}"
        command = ["meson", "test", "-C", build, "--no-rebuild", "--print-errorlogs",
                   "--suite", suite, "--logbase", base, "--num-processes", "2"]
        log = os.path.join(build, "meson-logs", f"{base}.json")
        if os.path.exists(log):
            os.unlink(log)
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        if not os.path.exists(log):
            if b"No suitable tests" not in done.stdout and b"No tests" not in done.stdout:
                sys.stdout.buffer.write(done.stdout)
                failed += 1
                broken.append(suite)
            continue
        good, bad, names = count(log)
        if bad:
            sys.stdout.buffer.write(done.stdout)
        print(f"{suite}: {good} passed, {bad} failed in {time.monotonic() - begin:.0f} s", flush=True)
        passed += good
        failed += bad
        broken += names
    if broken:
        print("failing: " + "; ".join(broken))
    return passed, failed


def campaigns():
    """NAME -> command, from tests/long.txt."""
    table = {}
    with open(os.path.join(TOP, "tests", "long.txt"), encoding="utf-8") as file:
        for line in file:
            line = line.strip()
            if line and not line.startswith("#"):
                name, _, command = line.partition(":")
                table[name.strip()] = command.strip()
    return table


def run_campaigns(build, wanted):
    table = campaigns()
    if wanted == ["list"]:
        for name, command in table.items():
            print(f"{name}: {command}")
        sys.exit(0)
    unknown = [name for name in wanted if name not in table]
    if unknown:
        print(f"test: no campaign {unknown[0]}; there are: {' '.join(table)}", file=sys.stderr)
        sys.exit(2)
    passed = failed = 0
    environment = dict(os.environ, PORTOLAN_BUILD=os.path.abspath(build))
    for name in wanted or table:
        print(f"campaign {name}: {table[name]}", flush=True)
        done = subprocess.run(table[name], shell=True, cwd=TOP, env=environment, check=False)
        passed += done.returncode == 0
        failed += done.returncode != 0
    return passed, failed


def main():
    parser = argparse.ArgumentParser(prog="./test")
    parser.add_argument("--build", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--long", action="store_true")
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
    if options.long:
        passed, failed = run_campaigns(options.build, options.names)
    else:
        suites = known_suites(options.build)
        unknown = [name for name in options.names if name not in suites]
        if unknown:
            parser.error(f"no suite '{unknown[0]}'; there are: {' '.join(suites)}")
        passed, failed = run_suites(options.build, options.names or suites)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
