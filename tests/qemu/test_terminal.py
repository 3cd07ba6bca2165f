#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Job control at the prompt, through a pseudo-terminal on the serial line."""
import sys

from guest import Session, check, main


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
        session.line("sleep 100")
        session.wait_for("sleep 100\r\n")
        session.send("\x03")
        session.prompt()
        session.line("echo status $?")
        session.wait_for("status 130")


def test_suspend_background_foreground():
    with Session() as session:
        session.prompt()
        session.line("sleep 3")
        session.wait_for("sleep 3\r\n")
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
        session.line("jobs; echo none")
        session.wait_for("\r\nnone")


def test_quit_and_end_of_file():
    with Session() as session:
        session.prompt()
        session.line("cat")
        session.wait_for("cat\r\n")
        session.line("hello")
        session.wait_for("hello\r\nhello\r\n")
        session.send("\x04")
        session.prompt()
        session.line("sleep 100")
        session.wait_for("sleep 100\r\n")
        session.send("\x1c")
        session.prompt()
        session.line("echo status $?")
        session.wait_for("status 131")


def test_bash_job_control():
    with Session() as session:
        session.prompt()
        session.line("bash --norc")
        session.wait_for(r"bash-5\S*[#$] $")
        session.line("cat")
        session.wait_for("cat\r\n")
        session.send("\x1a")
        session.wait_for("Stopped")
        session.wait_for(r"bash-5\S*[#$] $")
        session.line("fg")
        session.wait_for("cat\r\n")
        session.send("\x04")
        session.wait_for(r"bash-5\S*[#$] $")


def test_line_editing_in_vi():
    with Session() as session:
        session.prompt()
        session.line("vi /tmp/v")
        session.wait_for("~")
        session.send("ihello vi\x1b:wq\r")
        session.prompt()
        session.line("cat /tmp/v")
        session.wait_for("\nhello vi")


if __name__ == "__main__":
    sys.exit(main())
