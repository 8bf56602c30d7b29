# SPDX-License-Identifier: MIT
"""xenboxlib: a real Xen with a real dom0 in an emulated machine, driven from Python.

    from xenboxlib import Bed, Guest, Options, Run

    with Bed(Options(instance="mine")) as bed:
        bed.ensure(keep_up=True)                    # boots dom0, or uses the one that is up
        result = bed.run(Guest("kernel.elf", type="pvh", cmdline="quick"))
        assert result.passed, result.message        # see Result for what else is known
        status, output = bed.execute("xl info")     # any shell script in dom0

        run = Run(bed, Guest("kernel.elf"))         # a guest that something is done to
        run.expect(r"^ready$")                      # wait for a line on its console
        run.execute("xl trigger guest nmi")         # meanwhile, in dom0
        run.send(b"irqs\\n")                         # type on its console
        result = run.wait()                         # to its end

run.save_and_restore() takes a guest through both; the same Run goes on. (So does `xl save
guest /run/guest/save`, typed by hand.) Files named in Guest.files lie in dom0's /run/guest.
Exceptions: UsageError, BedError (both XenboxError, with .code and .hint).
"""

from .bed import Bed
from .errors import BedError, UsageError, XenboxError
from .guest import Guest
from .options import Options
from .run import Run
from .verdict import Result

__all__ = ["Bed", "BedError", "Guest", "Options", "Result", "Run", "UsageError",
           "XenboxError"]
