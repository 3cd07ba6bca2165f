# SPDX-License-Identifier: BSD-2-Clause
"""Boot a GRUB image in Bochs, headless, and return what came out of COM1."""
import os
import subprocess
import tempfile

TOP = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))

# With Bochs' own VBE the loader's look at graphics modes destroys its heap;
# sound drivers fail on a machine without sound.
SETTINGS = """\
megs: 128
romimage: file=/usr/share/bochs/BIOS-bochs-latest
vgaromimage: file=/usr/share/bochs/VGABIOS-lgpl-latest
vga: extension=none
cpu: model=corei7_haswell_4770, count={cpus}, ips=50000000
ata0: enabled=1, ioaddr1=0x1f0, ioaddr2=0x3f0, irq=14
ata0-master: type=cdrom, path={image}, status=inserted
boot: cdrom
com1: enabled=1, mode=file, dev={serial}
display_library: rfb, options="timeout=0"
plugin_ctrl: speaker=false, e1000=false, sb16=false, gameport=false
sound: waveoutdrv=dummy, waveindrv=dummy, midioutdrv=dummy
speaker: enabled=0
log: {log}
panic: action=fatal
error: action=report
info: action=report
"""


def make_image(build, path, modules):
    """A GRUB image of the kernel and modules, pairs of (file, boot-script line)."""
    line = [os.path.join(TOP, "boot", "image", "mkimage"), "--bios", "-o", path,
            "--kernel", os.path.join(build, "kernel", "portolan"), "--args", "panic=poweroff"]
    for file, string in modules:
        line += ["--module", f"{file}|{string}"]
    subprocess.run(line, check=True)


def read(path):
    try:
        with open(path, errors="replace") as file:
            return file.read()
    except FileNotFoundError:
        return ""


def bochs(build, modules, cpus=1, timeout=120):
    """Run boot modules to the end (power off); the console's text."""
    with tempfile.TemporaryDirectory(prefix="portolan-bochs.") as folder:
        names = {name: os.path.join(folder, name) for name in ("image", "serial", "log", "rc", "go")}
        make_image(build, names["image"], modules)
        with open(names["rc"], "w") as settings:
            settings.write(SETTINGS.format(cpus=cpus, **names))
        with open(names["go"], "w") as commands:
            commands.write("c\n")
        process = subprocess.Popen(["bochs", "-q", "-f", names["rc"], "-rc", names["go"]],
                                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL, cwd=folder)
        try:
            process.wait(timeout)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        text = read(names["serial"])
        return text if text else "nothing on COM1; Bochs says:\n" + read(names["log"])[-2000:]
