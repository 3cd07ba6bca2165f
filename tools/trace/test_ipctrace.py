#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""ipctrace: a kernel with the ring, its messages told step by step."""
import fcntl
import json
import os
import re
import struct
import subprocess
import sys
import tempfile
from xml.etree import ElementTree

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(TOP, "tests", "qemu"))
from guest import check, main  # noqa: E402

BUILD = os.environ.get("PORTOLAN_BUILD", os.path.join(TOP, "build"))
TRACE_BUILD = os.environ.setdefault("PORTOLAN_TRACE_BUILD", BUILD.rstrip("/") + "-trace")
TARGETS = ["kernel/portolan", "bench/ipcbench", "tools/trace/trace_decode"]


def ipctrace(*arguments, status=0):
    done = subprocess.run([sys.executable, os.path.join(TOP, "tools", "ipctrace"), "--no-build", *arguments],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=120, check=False)
    check(done.returncode == status, f"{arguments}: status {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout + done.stderr


def build():
    """The kernel with the ring; one test at a time builds it."""
    with open(os.path.join(BUILD, "trace.lock"), "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        commands = [["ninja", "-C", TRACE_BUILD, *TARGETS]]
        if not os.path.exists(os.path.join(TRACE_BUILD, "build.ninja")):
            commands.insert(0, ["meson", "setup", TRACE_BUILD, TOP, "-Dipc_trace=true"])
        for line in commands:
            done = subprocess.run(line, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
            check(done.returncode == 0, done.stdout[-4000:])


def steps(text):
    return re.findall(r"^ *[\d,]+ +\+[\d,]+ +\d+ (\w+) +(.*?)(?:  +.*)?$", text, re.M)


def contains_in_order(found, wanted):
    rest = iter(found)
    return all(any(step.startswith(name) for step in rest) for name in wanted)


def test_builds():
    build()


def symbols(build_directory):
    return subprocess.run(["nm", os.path.join(build_directory, "kernel", "portolan")],
                          stdout=subprocess.PIPE, text=True, check=True).stdout


def test_nothing_without_the_option():
    check("ipc_trace_record" in symbols(TRACE_BUILD), "no ring with the option")
    check("ipc_trace" not in symbols(BUILD), "something of the ring without the option")


def test_buffered():
    """Every named step of a request and its reply, in order, by two threads."""
    text = ipctrace("--transport", "buffered")
    found = steps(text)
    leg = ["trap entry", "copyin", "names to rights", "given to a waiting receiver", "receiver made ready",
           "begins to wait", "CPU changes hands", "rights to names", "copyout", "return"]
    check(contains_in_order([step for _, step in found], leg + leg), text)
    check(len({thread for thread, _ in found}) == 2, text)


def test_handoff():
    text = ipctrace("--transport", "handoff")
    leg = ["trap entry", "copyin", "tests passed", "beyond the point of no return", "CPU changes hands", "copyout",
           "return"]
    check(contains_in_order([step for _, step in steps(text)], leg + leg), text)


def test_register():
    text = ipctrace("--transport", "register")
    leg = ["trap entry", "rendezvous: words stay in registers", "CPU changes hands", "return"]
    check(contains_in_order([step for _, step in steps(text)], leg + leg), text)


def test_clock_leaves_recording_out():
    """The trace's total is what bench/ipc measures without a ring, nearly."""
    sys.path.insert(0, os.path.join(TOP, "bench"))
    import benchlib
    traced = int(re.search(r"steps, ([\d,]+) instructions", ipctrace("--transport", "buffered"))
                 .group(1).replace(",", ""))
    plain = benchlib.native("--transport=buffered --only=rpc --short")
    cost = next(record["instructions"] for record in plain if record["bytes"] == 32)
    check(0.9 < traced / cost < 1.1, f"traced {traced}, measured {cost}")


def test_decoded():
    text = ipctrace("--only", "rpc_kernel")
    check(re.search(r"mach_port_type\(name=\d+", text), text)
    check("served by the kernel" in text, text)


def test_files():
    with tempfile.TemporaryDirectory() as scratch:
        svg, perfetto, ring = (os.path.join(scratch, name) for name in ("svg", "json", "ring"))
        ipctrace("--transport", "buffered", "--svg", svg, "--perfetto", perfetto, "--save", ring)
        root = ElementTree.parse(svg).getroot()
        texts = "".join(root.itertext())
        check("names to rights" in texts and "thread B2" in texts, texts)
        with open(perfetto, encoding="utf-8") as file:
            events = json.load(file)["traceEvents"]
        check({"M", "X"} <= {event["ph"] for event in events}, f"{events}")
        check_trace_events(events)
        check("names to rights" in ipctrace("--read", ring), "read again")
        check("mach_print" in ipctrace("--read", ring, "--all"), "all")
        check("no complete RPC" in ipctrace("--read", ring, "--id", "77", status=1), "unknown id")


def check_trace_events(events):
    """What the trace event format wants of each kind of event."""
    needed = {"M": {"args"}, "X": {"ts", "dur"}, "i": {"ts", "s"}, "s": {"ts", "id", "cat"},
              "f": {"ts", "id", "cat", "bp"}}
    flows = {"s": {}, "f": {}}
    for event in events:
        check({"name", "pid", "tid"} | needed[event["ph"]] <= set(event), f"{event}")
        check(event.get("dur", 0) >= 0 and event.get("ts", 0) >= 0, f"{event}")
        if event["ph"] in flows:
            flows[event["ph"]][event["id"]] = event
    check(flows["s"] and set(flows["s"]) == set(flows["f"]), f"{flows}")
    for number, start in flows["s"].items():
        end = flows["f"][number]
        check(start["ts"] <= end["ts"] and (start["name"], start["cat"]) == (end["name"], end["cat"]),
              f"{start} {end}")
    for track in {(event["pid"], event["tid"]) for event in events}:
        slices = sorted((event["ts"], -event["dur"]) for event in events
                        if event["ph"] == "X" and (event["pid"], event["tid"]) == track)
        ends = []
        for start, duration in slices:
            while ends and ends[-1] <= start + 1e-6:
                ends.pop()
            check(not ends or start - duration <= ends[-1] + 1e-6, f"slices of {track} do not nest: {slices}")
            ends.append(start - duration)


def test_two_cpus():
    with tempfile.TemporaryDirectory() as scratch:
        svg, perfetto = (os.path.join(scratch, name) for name in ("svg", "json"))
        text = ipctrace("--only", "rpc_cpus")
        check(re.search(r" 1 .*CPU changes hands", text) and "receiver made ready" in text, text)
        ipctrace("--only", "rpc_cpus", "--transport", "register", "--svg", svg, "--perfetto", perfetto)
        with open(perfetto, encoding="utf-8") as file:
            check_trace_events(json.load(file)["traceEvents"])
        texts = "".join(ElementTree.parse(svg).getroot().itertext())
        check("CPU" in texts and "receiver made ready" in texts, texts)


def test_bad_rings():
    with tempfile.NamedTemporaryFile() as file:
        for data in (b"", b"IPCTRACE" + bytes(8), struct.pack("<8sIIQQ", b"IPCTRACE", 1, 48, 5, 0),
                     struct.pack("<8sIIQQ", b"IPCTRACE", 1, 48, 1, 0) + struct.pack("<QHHI32s", 0, 999, 0, 0, b"")):
            file.seek(0)
            file.truncate()
            file.write(data)
            file.flush()
            check("ipctrace: " in ipctrace("--read", file.name, status=1), f"{data!r}")


if __name__ == "__main__":
    sys.exit(main())
