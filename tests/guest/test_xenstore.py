# SPDX-License-Identifier: MIT
"""The xenstore client, with somebody in dom0 who does what no domain can do for itself."""

import re

import pytest
from test_matrix import IMAGE, PATIENCE, judged

NAMES = 1500  # 6390 bytes of names: more than the 4096 of a payload
NO_REPLY = r"xenstore: no reply to request \d+ of type 2 yet"  # XS_READ
TOO_LATE = r"xenstore: \d+ messages that nobody waits for, the last of type 2"
BEGUN_ANEW = "xenstore: the connection is begun anew"

MAKE_LIST = f"""
i=0; set --
while [ $i -lt {NAMES} ]; do set -- "$@" /daisy/long/$i x; i=$((i + 1)); done
xenstore-write "$@"
"""

# The toolstack's request to introduce a domain (XS_INTRODUCE, 8), on dom0's own connection. For
# one that is known, xenstored resets its rings, watches and transactions (do_introduce() in
# tools/xenstore/xenstored_domain.c); the guest has written where its end of the channel is.
INTRODUCE = r"""
until port=$(xenstore-read /local/domain/$1/data/restart 2>/dev/null); do sleep 0.1; done
length=$((${#1} + ${#port} + 4))
{ printf '\010\0\0\0\1\0\0\0\0\0\0\0'"\\$(printf %03o $length)"'\0\0\0'
  printf '%s\0000\0%s\0' $1 $port; } > /tmp/introduce
exec 3<>/dev/xen/xenbus
cat /tmp/introduce >&3
timeout 20 head -c 19 <&3 | tail -c 3
"""


@pytest.fixture
def dom0_node(bed):
    """dom0_node(path, value, script): made in dom0, for every domain to read; then removed."""
    def make(path, value, script=":"):
        bed.output(f"{script}\nxenstore-write {path} {value}\n"
                   f"xenstore-chmod {path} r0\nxenstore-chmod /daisy r0")
    yield make
    bed.output("xenstore-rm /daisy")


def test_a_list_longer_than_one_payload(boot, dom0_node):
    dom0_node("/daisy/long", NAMES, MAKE_LIST)
    report = judged(boot(IMAGE, type="pvh", cmdline="test=xenstore_long", timeout=PATIENCE))
    assert report.names("pass") == {"xenstore_long"}


@pytest.mark.parametrize("vcpus", [1, 2])
def test_the_store_begins_anew(bed, start, dom0_node, vcpus):
    """In the middle of requests, with a watch set and a transaction open."""
    dom0_node("/daisy/restart", 1)
    run = start(IMAGE, type="pvh", vcpus=vcpus, cmdline="test=xenstore_restart",
                timeout=PATIENCE)
    domid = run.expect(r"xenstore: domain (\d+) ").group(1)
    assert "OK" in str(run.execute(f"set -- {domid}\n{INTRODUCE}"))
    report = judged(run.wait())
    assert report.names("pass") == {"xenstore_restart"}
    assert report.warnings == [BEGUN_ANEW]


def test_a_store_that_is_late(start, dom0_node):
    """Longer than the patience: the request ends after four warnings, its reply is dropped, and
    all goes on when the store does."""
    dom0_node("/daisy/late", 1)
    run = start(IMAGE, type="pvh", cmdline="test=xenstore_late", timeout=PATIENCE)
    domid = run.expect(r"xenstore: domain (\d+) ").group(1)
    run.execute(f"until xenstore-exists /local/domain/{domid}/data/late; do sleep 0.1; done\n"
                "kill -STOP $(cat /run/xen/xenstored.pid)")
    assert run.expect(rf"(warning: {NO_REPLY}\n[^$]*){{5}}"), run.console()
    run.execute("kill -CONT $(cat /run/xen/xenstored.pid)")
    report = judged(run.wait())
    assert report.names("pass") == {"xenstore_late"}
    assert all(re.fullmatch(f"{NO_REPLY}|{TOO_LATE}", line) for line in report.warnings)
    assert sum(bool(re.fullmatch(TOO_LATE, line)) for line in report.warnings)
