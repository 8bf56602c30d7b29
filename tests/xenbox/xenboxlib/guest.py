# SPDX-License-Identifier: MIT
"""What a guest is: its options, and the xl.cfg and files in dom0 that they become."""

import dataclasses
import re

from . import elf, host, media, verdict
from .errors import UsageError

HERE = "/run/guest"  # where a guest's files lie in dom0
TYPES = ("hvm", "pvh")
PAGE = 4096
START_INFO_CMDLINE = 24  # offset of hvm_start_info.cmdline_paddr
CMDLINE_MAX = 1024
BOOTS = ("direct", "grub", "grub-disk", "firmware")


@dataclasses.dataclass
class Guest:
    image: str
    type: str = "hvm"
    boot: str = "direct"        # hvm only; a pvh guest is always entered directly
    vcpus: int = 1
    memory: int = 64            # MiB
    cmdline: str = ""
    settings: tuple = ()        # "key=value" lines of xl.cfg; they override the defaults
    files: dict = dataclasses.field(default_factory=dict)  # name in /run/guest: host path
    timeout: float = 120        # seconds from the start of its creation
    verdict: str = verdict.DEFAULT
    console: str = None         # primary console: "serial" or "pv"; None: by type
    exits: bool = False         # count its VM exits: see exits.py
    paused: bool = False        # until somebody says `xl unpause`

    def check(self):
        if self.type not in TYPES:
            raise UsageError(f"type {self.type!r}: one of {', '.join(TYPES)}")
        if self.boot not in BOOTS:
            raise UsageError(f"boot {self.boot!r}: one of {', '.join(BOOTS)}")
        if self.type == "pvh" and self.boot != "direct":
            raise UsageError(f"--boot {self.boot} is for --type hvm: Xen itself enters a "
                             "pvh guest")
        for path in (self.image, *self.files.values()):
            host.need_file(path)
        try:
            re.compile(self.verdict)
        except re.error as error:
            raise UsageError(f"verdict {self.verdict!r}: {error}") from None
        self.overrides()

    def overrides(self):
        """The settings as a dictionary: key to xl.cfg text."""
        pairs = {}
        for line in self.settings:
            key, equals, value = line.partition("=")
            if not equals or not key.strip().replace("_", "").isalnum():
                raise UsageError(f"--set {line!r}: want key=value, as in xl.cfg")
            pairs[key.strip()] = value.strip()
        return pairs

    def port(self, console=None):
        """The port of a console, "serial" or "pv" (None: the primary one): "guest" or "pv"."""
        usual = self.console or ("serial" if self.type == "hvm" else "pv")
        return "guest" if (console or usual) == "serial" else "pv"

    @property
    def primary(self):
        """The port whose text is the guest's console."""
        return self.port()

    def config(self):
        """xl.cfg as a dictionary, and the files that it names: name to bytes."""
        pairs = {"name": '"guest"', "type": quoted(self.type), "vcpus": str(self.vcpus),
                 "memory": str(self.memory), "on_poweroff": '"destroy"',
                 "on_reboot": '"destroy"', "on_crash": '"destroy"',
                 "on_watchdog": '"destroy"'}
        if self.type == "hvm":
            pairs.update(vga='"none"', vnc="0", serial=quoted(f"pipe:{HERE}/serial"))
        files = {name: read(path) for name, path in self.files.items()}
        return merge(pairs | self._boot(files), self.overrides()), files

    def _boot(self, files):
        """The lines that make the guest boot this way; adds the files that they name."""
        if self.type == "hvm" and self.boot == "grub":
            files["boot.iso"] = media.iso(self.image, self.cmdline)
            return {"boot": '"d"', "disk": f'["file:{HERE}/boot.iso,hdc:cdrom,r"]'}
        if self.type == "hvm" and self.boot == "grub-disk":
            files["boot.img"] = media.disk(self.image, self.cmdline)
            return {"boot": '"c"', "disk": f'["format=raw,vdev=hda,access=rw,'
                                           f'backendtype=qdisk,target={HERE}/boot.img"]'}
        files["image"] = read(self.image)
        image = quoted(f"{HERE}/image")
        if self.type == "hvm" and self.boot == "firmware":
            return {"firmware_override": image} | poke(files, self.cmdline)
        return {"kernel": image, "cmdline": quoted(self.cmdline)}

    def name(self):
        return self.overrides().get("name", "guest").strip("\"'")


def poke(files, cmdline):
    """Give a command line to a guest that is entered as firmware, where libxl has none.

    libxl leaves hvm_start_info.cmdline_paddr zero for hvm domains. The structure lies in
    the first page behind the image and leaves the end of that page unused; the device
    model, started when the domain is built, can write both the text and its address.
    """
    end = elf.load_end(files["image"])
    if not cmdline or not end:
        return {}
    text_bytes = cmdline.encode() + b"\0"
    if len(text_bytes) > CMDLINE_MAX:
        raise UsageError(f"--boot firmware takes {CMDLINE_MAX - 1} bytes of command line")
    files["cmdline"] = text_bytes
    info = -(-end // PAGE) * PAGE
    at = info + PAGE - CMDLINE_MAX
    field = info + START_INFO_CMDLINE
    return {"device_model_args_hvm": (
        f'["-device", "loader,file={HERE}/cmdline,addr={at:#x},force-raw=on", '
        f'"-device", "loader,addr={field:#x},data={at:#x},data-len=8"]')}


def merge(pairs, overrides):
    """Overrides win; but to the lists that the way of booting needs, theirs are added."""
    whole = pairs | overrides
    for key in ("disk", "device_model_args_hvm"):
        more = overrides.get(key, "").strip().removeprefix("[").removesuffix("]").strip()
        if key in pairs:
            whole[key] = pairs[key].removesuffix("]") + (f", {more}]" if more else "]")
    return whole


def text(pairs):
    return "".join(f"{key} = {value}\n" for key, value in pairs.items())


def quoted(value):
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def read(path):
    with open(path, "rb") as file:
        return file.read()
