#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Job control at the prompt, through a pseudo-terminal on the serial line."""
import sys
import time

from guest import Session, check, main


def start(session, command):
    """Type a command and wait until it runs: keys typed sooner reach the shell."""
    session.line(f"sh -c \"echo begin''ning; exec {command}\"")
    session.wait_for("\nbeginning\r\n")
    time.sleep(0.5)     # for the exec: the shell itself ignores a quit


def test_prompt_and_poweroff():
    with Session() as session:
        session.prompt()
        session.line("echo $((6*7))")
        session.wait_for("\n42\r\n")
        session.prompt()
        session.line("poweroff")
        check(session.end() == 0, "status of poweroff")


def test_interrupt():
    with Session() as session:
        session.prompt()
        start(session, "sleep 100")
        session.send("\x03")
        session.prompt()
        session.line("echo status $?")
        session.wait_for("status 130")


def test_suspend_background_foreground():
    with Session() as session:
        session.prompt()
        start(session, "sleep 3")
        session.send("\x1a")
        session.wait_for("Stopped")
        session.prompt()
        session.line("jobs")
        session.wait_for("Stopped")
        session.prompt()
        session.line("bg")
        session.prompt()
        session.line("fg")
        session.wait_for("sleep 3")
        session.prompt()
        session.line("jobs; echo no''ne")
        session.wait_for("\r\nnone")


def test_quit_and_end_of_file():
    with Session() as session:
        session.prompt()
        start(session, "cat")
        session.line("hello")
        session.wait_for("hello\r\nhello\r\n")
        session.send("\x04")
        session.prompt()
        start(session, "sleep 100")
        session.send("\x1c")
        session.prompt()
        session.line("echo status $?")
        session.wait_for("status 131")


def test_bash_job_control():
    with Session() as session:
        session.prompt()
        session.line("env -u PS1 bash --norc")
        session.wait_for(r"bash-5\S*[#$] $")
        start(session, "cat")
        session.send("\x1a")
        session.wait_for("Stopped")
        session.wait_for(r"bash-5\S*[#$] $")
        session.line("fg")
        session.wait_for("sh -c.*\r\n")
        session.line("again")
        session.wait_for("again\r\nagain\r\n")
        session.send("\x04")
        session.wait_for(r"bash-5\S*[#$] $")


def test_line_editing_in_vi():
    with Session() as session:
        session.prompt()
        session.line("vi /tmp/v")
        session.wait_for("~")
        session.wait_for("/tmp/v 1/1")
        session.send("ihello vi")
        session.wait_for("hello vi")
        # An escape with more behind it would be an unknown key to vi.
        session.send("\x1b")
        session.wait_for("Modified")
        session.send(":wq\r")
        session.prompt()
        session.line("cat /tmp/v")
        session.wait_for("\nhello vi")


if __name__ == "__main__":
    sys.exit(main())
