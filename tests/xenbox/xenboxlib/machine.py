# SPDX-License-Identifier: MIT
"""The emulated machine: the command line of the outer QEMU, and its process."""

import os
import shlex
import signal
import subprocess
import time

from . import channel
from .errors import BedError
from .host import need_memory

# SMAP and SMEP off: a PV dom0 dies on them in emulation. RDTSCP off: Xen would log an
# endless "Insn mismatch" for Linux guests. One thread and one CPU: the others are erratic.
CPU = "max,la57=off,smap=off,smep=off,rdtscp=off"
DOM0_MEMORY = 640
QUEUES = 4  # that the backends offer; by themselves, as many as dom0 has CPUs


def command(files, options):
    """files: xen, kernel, initrd. Run with the instance's directory as working directory."""
    xen_line = (f"console=com1 com1=115200,8n1 dom0_mem={DOM0_MEMORY}M,max:{DOM0_MEMORY}M "
                "dom0_max_vcpus=1 bootscrub=0 loglvl=all guest_loglvl=all "
                f"serial_tx_buffer=256k noreboot {options.xen_append}")
    kernel_line = ("console=hvc0 quiet loglevel=4 rdinit=/init mitigations=off nokaslr "
                   f"xen-blkback.max_queues={QUEUES} xen-netback.max_queues={QUEUES}")
    modules = f"{quoted(files.kernel)} {quoted(kernel_line)},{quoted(files.initrd)}"
    words = ["qemu-system-x86_64", "-accel", "tcg,thread=single", "-cpu", CPU, "-smp", "1",
             "-m", str(options.memory), "-nodefaults", "-display", "none", "-no-reboot",
             "-serial", "file:xen.log", "-kernel", files.xen, "-append", xen_line,
             "-initrd", modules, "-device", "virtio-serial-pci,max_ports=8"]
    for number, name in enumerate(channel.NAMES, 1):
        kind = "virtconsole" if name == "shell" else "virtserialport"
        words += ["-chardev", f"pipe,id={name},path={name}",
                  "-device", f"{kind},chardev={name},name={name},nr={number}"]
    return words + shlex.split(options.qemu_append)


def quoted(text):
    """QEMU splits -initrd at commas; a doubled one stands for itself."""
    return text.replace(",", ",,")


class Machine:
    """A running QEMU; known to later calls by its process id and start time."""

    def __init__(self, pid, born):
        self.pid, self.born = pid, born
        self.process = None

    @classmethod
    def start(cls, folder, words, memory):
        need_memory(memory)
        channel.make_fifos(folder)
        with open(os.path.join(folder, "qemu.log"), "wb") as log:
            process = subprocess.Popen(words, cwd=folder, stdin=subprocess.DEVNULL,
                                       stdout=log, stderr=log, start_new_session=True)
        machine = cls(process.pid, birth(process.pid))
        machine.process = process
        return machine

    def alive(self):
        if self.process:
            return self.process.poll() is None
        return self.born is not None and birth(self.pid) == self.born

    def stop(self):
        """End the process; nothing in it is worth a clean shutdown."""
        if not self.alive():
            return
        os.kill(self.pid, signal.SIGKILL)
        while self.alive():
            time.sleep(0.02)


def birth(pid):
    """The start time of a process: together with its id that names it for ever."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
            fields = file.read().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] in "ZX" else int(fields[19])


def last_words(folder, count=12):
    """The end of what the machine said: its console, or QEMU's own complaint."""
    lines = []
    for name in ("qemu.log", "xen.log"):
        try:
            with open(os.path.join(folder, name), errors="replace") as file:
                lines += [line.rstrip() for line in file if line.strip()][-count:]
        except OSError:
            pass
    return "\n".join("    " + line for line in lines) or "    (nothing at all)"


def check_files(files):
    for path in (files.xen, files.kernel, files.initrd):
        if not os.path.exists(path):
            raise BedError(f"{path} does not exist", "xenbox build --rebuild")
