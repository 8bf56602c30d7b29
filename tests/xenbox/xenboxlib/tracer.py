# SPDX-License-Identifier: MIT
"""Runs xentrace in dom0 beside a guest, and brings its file here."""

import gzip
import zlib

from . import exits, trace
from .errors import BedError

FILE, SAID, PID = "/tmp/exits.trace", "/tmp/exits.said", "/tmp/exits.pid"
PAGES = 1024  # of each pCPU's buffer; Xen takes the first xentrace's word until it reboots

# SIGINT: it empties Xen's buffers and turns tracing off before it ends.
STOP = (f"[ -e {PID} ] && kill -INT $(cat {PID}) 2>/dev/null && "
        f"while kill -0 $(cat {PID}) 2>/dev/null; do sleep 0.1; done; rm -f {PID}; ")
# It has begun when there are records: dom0's own, whose processor is traced as well.
START = STOP + (f"rm -f {FILE}; setsid xentrace -D -e {trace.MASK:#x} -S {PAGES} {FILE} "
                f">{SAID} 2>&1 </dev/null & echo $! >{PID}; n=0; until [ -s {FILE} ]; do "
                f"n=$((n + 1)); [ $n -lt 100 ] && kill -0 $(cat {PID}) || exit 1; "
                "sleep 0.1; done")


class Tracer:
    def __init__(self, bed):
        self.bed = bed
        status, said = bed.execute(START, timeout=60)
        if status:
            said += bed.execute(f"cat {SAID}", timeout=20)[1]
            self.stop()
            raise BedError(f"xentrace does not run in dom0: {said.strip()}")

    def stop(self):
        self.bed.execute(STOP, timeout=60)

    def counted(self):
        """Ends it; what exits.count() makes of its file."""
        status, data = self.bed.output(STOP + f"gzip -1 -c {FILE}; rm -f {FILE}", timeout=300)
        try:
            return exits.count(gzip.decompress(data))
        except (OSError, EOFError, zlib.error) as error:
            raise BedError(f"the trace did not arrive whole (status {status}): "
                           f"{error}") from None
