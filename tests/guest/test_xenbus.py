# SPDX-License-Identifier: MIT
"""xenbus with real devices and real backends, attached and detached while Daisy runs."""

from test_matrix import IMAGE, PATIENCE, judged
from test_xenstore import dom0_node  # noqa: F401  (a fixture)

VIF = 'vif=["bridge=xenbr0,type=vif"]'
ATTACH = "xl network-attach guest bridge=xenbr0 type=vif"
FOUND = "xenbus: device/vif/%d: backend 0, has a driver"
CONNECTED = "xenbus: device/vif/%d is connected"
GONE = "xenbus: device/vif/%d is gone"


def test_devices_come_and_go(start, dom0_node):  # noqa: F811
    """One is there at boot, a second comes, both go; xl waits for the frontend to close."""
    dom0_node("/daisy/xenbus", 1)
    run = start(IMAGE, type="pvh", cmdline="test=xenbus_hotplug", settings=(VIF,),
                timeout=PATIENCE)
    steps = (2, ATTACH), (1, "xl network-detach guest 0"), (0, "xl network-detach guest 1")
    for number, (count, command) in enumerate(steps):
        assert run.expect(rf"^# waiting for {count} devices$"), run.console()
        assert run.expect(f"^{CONNECTED % min(number, 1)}$"), "what is there is connected"
        status, output = run.execute(command)
        assert status == 0, output
    report = judged(run.wait())
    assert report.names("pass") == {"xenbus_hotplug"}
    assert not report.warnings
    lines = [line for line in report.lines if line.startswith("xenbus: ")]
    assert lines == [FOUND % 0, CONNECTED % 0, FOUND % 1, CONNECTED % 1, GONE % 0, GONE % 1]


def test_the_closing_is_in_order(start, dom0_node):  # noqa: F811
    """The backend gets to Closed because the frontend has written that it is."""
    dom0_node("/daisy/xenbus", 1)
    run = start(IMAGE, type="pvh", cmdline="test=xenbus_hotplug", settings=(VIF,),
                timeout=PATIENCE)
    domid = run.expect(r"xenstore: domain (\d+) ").group(1)
    backend, front = f"/local/domain/0/backend/vif/{domid}/0", f"/local/domain/{domid}/device/vif/0"
    assert run.expect(r"^# waiting for 2 devices$")
    status, output = run.execute(f"""
        until [ "$(xenstore-read {backend}/state)" = 4 ]; do sleep 0.1; done
        xenstore-read {front}/state
        xenstore-write {backend}/online 0
        xenstore-write {backend}/state 5
        until [ "$(xenstore-read {front}/state)" = 6 ]; do sleep 0.1; done
        until [ "$(xenstore-read {backend}/state)" = 6 ]; do sleep 0.1; done
        echo closed""")
    assert (status, output.split()) == (0, ["4", "closed"])
    run.stop()
