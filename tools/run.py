#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Boot Portolan in QEMU: an interactive shell, one command, or bare modules."""
import argparse
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import mkbundle  # noqa: E402

EXIT_USAGE = 2
EXIT_TIMEOUT = 124
EXIT_CRASHED = 125

# The port where the guest leaves its exit status: one byte, then power off.
STATUS_PORT = "0x502"
LOG_PORT = "0xe9"
CONSOLE_PORT = "0x503"

GDB_COMMANDS = os.path.relpath(os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                            "gdb", "portolan.py"))

SERVER_STRING = ("server --host-port=${host-port} --device-port=${device-port}"
                 " --task=${kernel-task}")
SERVER_START = "$(task-create) $(task-resume)"


class UsageParser(argparse.ArgumentParser):
    def error(self, message):
        self.print_usage(sys.stderr)
        self.exit(EXIT_USAGE, f"run: {message} (./run --help explains)\n")


def memory_size(text):
    if not re.fullmatch(r"[1-9][0-9]{0,6}[MG]", text):
        raise argparse.ArgumentTypeError(f"'{text}': a size is a number and M or G, as in 64M")
    return text


def cpu_count(text):
    if not text.isdigit() or not 1 <= int(text) <= 16:
        raise argparse.ArgumentTypeError(f"'{text}': 1 to 16 CPUs")
    return int(text)


def port_number(text):
    if not text.isdigit() or not 1 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(f"'{text}': a port is 1 to 65535")
    return int(text)


def seconds(text):
    try:
        value = float(text)
    except ValueError:
        value = 0
    if not 0 < value < 1e6:
        raise argparse.ArgumentTypeError(f"'{text}': a positive number of seconds")
    return value


def parse(arguments):
    """The options; everything after -- is the guest's command."""
    command = None
    if "--" in arguments:
        at = arguments.index("--")
        command = " ".join(arguments[at + 1:])
        arguments = arguments[:at]
    parser = UsageParser(
        prog="./run", allow_abbrev=False,
        usage="./run [options] [-- 'CMD']",
        description="Boot Portolan. Without CMD: a shell on this terminal (Ctrl-A X or"
                    " 'poweroff' ends it). With CMD: run it with 'sh -c' in the guest, print only"
                    " its output, power off and exit with its status.",
        epilog="Exit status: the guest command's; 2 for wrong usage, 124 after --timeout,"
               " 125 when the system stopped without saying a status, 127 after a kernel panic.")
    parser.add_argument("--cpus", type=cpu_count, default=1, metavar="N", help="CPUs (1)")
    parser.add_argument("--memory", type=memory_size, default="512M", metavar="SIZE",
                        help="memory, as in 64M or 4G (512M)")
    parser.add_argument("--uefi", action="store_true", help="boot by UEFI firmware instead of BIOS")
    parser.add_argument("--icount", action="store_true",
                        help="deterministic: the TSC counts guest instructions; boots by the PVH note")
    parser.add_argument("--add", action="append", default=[], metavar="HOSTPATH[:GUESTPATH]",
                        help="place a file or directory in the guest's root (repeatable)")
    parser.add_argument("--kernel-args", default="", metavar="'ARGS'", help="more kernel arguments")
    parser.add_argument("--server-args", default="", metavar="'ARGS'",
                        help="more arguments for the Unix server, as --trace")
    parser.add_argument("--gdb", action="store_true",
                        help="wait for a debugger before the first instruction")
    parser.add_argument("--gdb-port", type=port_number, default=1234, metavar="PORT",
                        help="where --gdb waits (1234)")
    parser.add_argument("--timeout", type=seconds, metavar="SECONDS",
                        help="end the run after so long, exit status 124")
    parser.add_argument("--module", action="append", default=[], metavar="'FILE WORDS...'",
                        help="boot just these programs as boot modules, the words being the"
                             " boot-script line, instead of the Unix system (repeatable)")
    parser.add_argument("--pvh", action="store_true",
                        help="start the kernel directly, without GRUB (quicker)")
    parser.add_argument("--log", metavar="FILE", help="where the kernel's log goes")
    parser.add_argument("--qemu-args", default="", metavar="'ARGS'", help="more arguments for QEMU")
    parser.add_argument("--build", default="build", help=argparse.SUPPRESS)
    parser.add_argument("--check-only", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    options.command = command
    if command is not None and not command.strip():
        parser.error("-- needs a command")
    if command is not None and options.module:
        parser.error("--module and -- CMD exclude each other")
    options.additions = [parse_addition(parser, text) for text in options.add]
    for text in options.module:
        words = text.split()
        if not words:
            parser.error("--module needs a file")
        if not os.path.isfile(words[0]):
            parser.error(f"--module: no such file: {words[0]}")
    return options


def parse_addition(parser, text):
    """HOSTPATH[:GUESTPATH] -> (host, guest)."""
    host, _, guest = text.partition(":")
    if not os.path.lexists(host):
        parser.error(f"--add: no such file: {host}")
    guest = guest or "/" + os.path.basename(os.path.abspath(host))
    if ".." in guest.split("/"):
        parser.error(f"--add: '..' in the guest path {guest}")
    return host, guest


class Run:
    def __init__(self, options, scratch):
        self.options = options
        self.scratch = scratch
        self.interactive = options.command is None and not options.module
        self.kernel = os.path.join(options.build, "kernel", "portolan")
        self.status_file = self.path("status")
        self.log_file = options.log or self.path("log")

    def path(self, name):
        return os.path.join(self.scratch, name)

    # What the kernel and the modules are told.

    def kernel_arguments(self):
        words = ["panic=poweroff"]
        if not self.interactive:
            words += ["log=debugcon", "console=debugcon"]
        return " ".join(words + self.options.kernel_args.split())

    def modules(self):
        """Pairs of (file, module string), in boot order."""
        if self.options.module:
            return [(text.split()[0], module_string(text)) for text in self.options.module]
        server = SERVER_STRING
        if self.options.command is not None:
            server += " --script"
        if self.options.server_args:
            server += " " + self.options.server_args
        build = self.options.build
        result = [(os.path.join(build, "bsd-server", "server"), f"{server} {SERVER_START}"),
                  (os.path.join(build, "tools", "root.cpio"), "ramdisk root.cpio")]
        if self.options.command is not None or self.options.additions:
            result.append((self.make_additions(), "ramdisk add.cpio"))
        return result

    def make_additions(self):
        path = self.path("add.cpio")
        with open(path, "wb") as out:
            writer = mkbundle.CpioWriter(out)
            for host, guest in self.options.additions:
                mkbundle.add_tree(writer, host, guest)
            if self.options.command is not None:
                for directory in ("etc", "etc/portolan"):
                    writer.add(directory, 0o040755, nlink=2)
                writer.add("etc/portolan/command", 0o100644, self.options.command.encode())
            writer.close()
        return path

    # How the machine is made.

    def boot_medium(self):
        if self.options.icount or self.options.pvh:
            bundle = self.path("modules")
            mkbundle.write_bundle(bundle, self.modules())
            return ["-kernel", self.kernel, "-initrd", bundle,
                    "-append", self.kernel_arguments()]
        image = self.path("boot.iso")
        top = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
        command = [os.path.join(top, "boot", "image", "mkimage"),
                   "--uefi" if self.options.uefi else "--bios", "-o", image,
                   "--kernel", self.kernel, "--args", self.kernel_arguments()]
        for file, string in self.modules():
            command += ["--module", f"{file}|{string}"]
        made = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              stdin=subprocess.DEVNULL, check=False)
        if made.returncode != 0:
            sys.stderr.buffer.write(made.stdout)
            sys.exit("run: could not make the boot image")
        return ["-cdrom", image, "-boot", "d"]

    def console(self):
        if self.interactive:
            return ["-serial", "mon:stdio"]
        # Firmware writes to serial lines; this port is the guest's alone.
        return ["-chardev", "stdio,id=console,signal=off",
                "-device", f"isa-debugcon,iobase={CONSOLE_PORT},chardev=console"]

    def command_line(self):
        options = self.options
        cpu = "max,-erms" if options.icount else "max"
        line = ["qemu-system-x86_64", "-machine", "q35", "-accel", "tcg", "-cpu", cpu,
                "-smp", str(options.cpus), "-m", options.memory,
                "-nodefaults", "-display", "none", "-no-reboot"]
        if options.uefi:
            line += ["-bios", "/usr/share/ovmf/OVMF.fd"]
        if options.icount:
            line += ["-icount", "shift=0,sleep=off", "-rtc", "base=2026-01-01,clock=vm"]
        if options.gdb:
            line += ["-gdb", f"tcp:127.0.0.1:{options.gdb_port}", "-S"]
        line += ["-chardev", f"file,id=status,path={self.status_file}",
                 "-device", f"isa-debugcon,iobase={STATUS_PORT},chardev=status",
                 "-chardev", f"file,id=log,path={self.log_file}",
                 "-device", f"isa-debugcon,iobase={LOG_PORT},chardev=log",
                 "-device", "isa-debug-exit,iobase=0xf4,iosize=0x04"]
        return line + self.console() + self.boot_medium() + shlex.split(options.qemu_args)

    # Running it.

    def explain_gdb(self):
        if self.options.gdb:
            print(f"waiting for a debugger: gdb {self.kernel} -ex 'target remote"
                  f" :{self.options.gdb_port}' -x {GDB_COMMANDS}", file=sys.stderr)

    def start(self):
        line = self.command_line()
        self.explain_gdb()
        stdin = None if self.interactive else subprocess.DEVNULL
        process = subprocess.Popen(line, stdin=stdin)
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda *_: (process.kill(), sys.exit(EXIT_CRASHED)))
        try:
            process.wait(self.options.timeout)
        except subprocess.TimeoutExpired:
            end(process)
            print(f"run: timed out after {self.options.timeout:g} s", file=sys.stderr)
            return EXIT_TIMEOUT
        except KeyboardInterrupt:
            end(process)
            return 128 + signal.SIGINT
        return self.exit_status(process.returncode)

    def show_complaints(self):
        """What the kernel said of its arguments, when the log is not on the terminal."""
        if self.interactive or not os.path.exists(self.log_file):
            return
        with open(self.log_file, "rb") as file:
            for line in file.read().splitlines():
                if line.startswith(b"boot argument"):
                    print("kernel: " + line.decode(errors="replace"), file=sys.stderr)

    def exit_status(self, qemu_status):
        self.show_complaints()
        try:
            with open(self.status_file, "rb") as file:
                status = file.read()
        except FileNotFoundError:
            status = b""
        if status:
            if status[-1] == 127:
                self.show_log()
            return status[-1]
        if self.interactive and qemu_status == 0:
            return 0        # ended at QEMU's own prompt
        self.show_log()
        print("run: the system stopped without leaving a status", file=sys.stderr)
        return EXIT_CRASHED

    def show_log(self):
        """The end of the kernel's log, when it did not go to the terminal."""
        if self.interactive or not os.path.exists(self.log_file):
            return
        with open(self.log_file, "rb") as file:
            lines = file.read().splitlines()[-40:]
        if not any(b"panic" in line.lower() for line in lines) and os.path.exists(self.status_file) \
                and os.path.getsize(self.status_file):
            return          # the guest's own status 127
        for line in lines:
            sys.stderr.write("  kernel: " + line.decode(errors="replace") + "\n")


def end(process):
    process.terminate()
    try:
        process.wait(5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def module_string(text):
    """
    The boot-script line of 'FILE WORDS...': the words, as GRUB passes them.
    A line that begins with an option or a function lacks the command name
    that the boot script wants first; the file's base name is put there.
    """
    words = text.split(None, 1)
    line = words[1] if len(words) > 1 else ""
    if line.startswith(("-", "$(")):
        line = f"{os.path.basename(words[0])} {line}"
    return line


def main():
    options = parse(sys.argv[1:])
    if options.check_only:
        return 0
    scratch = tempfile.mkdtemp(prefix="portolan-")
    try:
        return Run(options, scratch).start()
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
