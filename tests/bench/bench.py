# SPDX-License-Identifier: MIT
"""make bench: what Daisy costs, and a Linux guest beside it in the same run, on the same test bed. The
answer is a JSON document; report.py makes a page of one or several.

    bench.py --image build/daisy.elf --out build/bench.json [--only NAME]...

What is counted is exact (instructions and VM entries by count.c, VM exits by cause by xentrace); what is
timed is a ratio of the two guests run in turn, with its spread. docs/performance.md says how.
"""

import argparse
import datetime
import functools
import json
import os
import subprocess
import sys
import tempfile
import traceback

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(os.path.dirname(HERE), "xenbox"), HERE]

import crowds  # noqa: E402  (needs the path)
import disks  # noqa: E402
import events  # noqa: E402
import idle  # noqa: E402
import nets  # noqa: E402
import peer  # noqa: E402
import resumes  # noqa: E402
import starts  # noqa: E402
import vcpus  # noqa: E402
import walls  # noqa: E402
from counts import Counter  # noqa: E402
from xenboxlib import Bed, Options, host  # noqa: E402
from xenboxlib.progress import say  # noqa: E402

SCHEMA = "daisy-bench-2"
MEASURES = {module.__name__: module.measure
            for module in (events, starts, crowds, idle, vcpus, nets, disks, resumes, walls)}  # longest last
LINUX_ENTRY = "asm_sysvec_xen_hvm_callback"


class Bench:
    """What the measures share: the image, the peer, and two beds, each booted when it is first asked for."""

    def __init__(self, image, folder, instance):
        self.image, self.folder, self.instance = image, folder, instance
        self.peer = peer.obtain(host.cache_dir())
        self.beds = []

    @functools.cached_property
    def plain(self):
        """The bed for what is timed."""
        return self.booted(Options(instance=self.instance))

    @functools.cached_property
    def counting(self):
        """The bed whose QEMU counts, and its counter."""
        counter = Counter(self.folder, os.path.join(os.path.dirname(self.image), "daisy.full"),
                          [linux_entry(self.plain)])
        return self.booted(Options(instance=f"{self.instance}-count", qemu_append=counter.words)), counter

    @property
    def bed(self):
        return self.counting[0]

    @property
    def counter(self):
        return self.counting[1]

    def booted(self, options):
        self.beds.append(Bed(options))
        self.beds[-1].ensure(keep_up=True)
        return self.beds[-1]

    def close(self):
        for bed in self.beds:
            bed.down()


def linux_entry(bed):
    """Where the peer enters an upcall: dom0 runs the same kernel, and neither moves it."""
    status, text = bed.execute(f"grep ' {LINUX_ENTRY}$' /proc/kallsyms")
    assert status == 0 and int(text.split()[0], 16), text
    return int(text.split()[0], 16)


def configuration(bench):
    """What the figures hold for."""
    version = subprocess.run(["git", "-C", HERE, "describe", "--always", "--dirty"],
                             capture_output=True, text=True, check=False).stdout.strip()
    compiler = subprocess.run(["gcc", "-dumpfullversion"], capture_output=True, text=True,
                              check=False).stdout.strip()
    _, xen = bench.plain.execute("xl info | sed -n 's/^xen_version *: //p'")
    _, linux = bench.plain.execute("uname -r")
    return {"daisy": version or "unknown", "compiler": f"gcc {compiler}", "xen": xen.strip(),
            "linux": linux.strip(), "at": datetime.datetime.now().isoformat(timespec="seconds")}


def measured(document, name, bench, path):
    """What is there is kept if a later one cannot be finished, and one that fails does not end the others."""
    say(f"bench: {name}")
    try:
        document[name] = MEASURES[name](bench)
    except Exception:  # pylint: disable=broad-except
        traceback.print_exc()
        return False
    write(document, path)
    return True


def write(document, path):
    with open(f"{path}.new", "w", encoding="utf-8") as file:
        json.dump(document, file, indent=1)
    os.replace(f"{path}.new", path)


def main():
    parser = argparse.ArgumentParser(description="what Daisy costs, beside a Linux guest")
    parser.add_argument("--image", default="build/daisy.elf")
    parser.add_argument("--out", default="build/bench.json")
    parser.add_argument("--only", action="append", choices=sorted(MEASURES))
    parser.add_argument("--instance", default=os.environ.get("XENBOX_INSTANCE", "bench"))
    args = parser.parse_args()
    document = {"schema": SCHEMA}
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(args.image, folder, args.instance)
        try:
            document["configuration"] = configuration(bench)
            failed = [name for name in args.only or MEASURES
                      if not measured(document, name, bench, args.out)]
        finally:
            bench.close()
    say(f"bench: {args.out}{': without ' if failed else ''}{', '.join(failed)}")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
