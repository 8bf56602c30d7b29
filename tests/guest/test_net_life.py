# SPDX-License-Identifier: MIT
"""A network card whose other end comes and goes, while traffic is on."""

import re

import pytest
from life import ENDLESS, Life
from with_nets import ADDRESS, BRIDGE, DOM0, MAC, PING, QUEUES, vif
from with_nets import net, net_client  # noqa: F401  (fixtures)
from shells import count, irqs
from test_matrix import IMAGE, PATIENCE

BACKEND = "/local/domain/0/backend/vif/$(xl domid guest)/0"
CARD = f"type=vif bridge={BRIDGE} mac={MAC.format(2)}"
# The last process of the script must have a session of its own before the script ends.
LOAD = f"""setsid sh -c "while :; do {PING} -i 0.01 -q {ADDRESS}; sleep 0.2; done" \\
    </dev/null >/dev/null 2>&1 & echo $! >/run/guest/load; sleep 1"""
NO_LOAD = "kill -KILL -$(cat /run/guest/load)"


@pytest.fixture
def load(bed):
    """load(guest): pings from dom0, one behind the other, from then on."""
    begun = []

    def begin(guest):
        begun.append(guest)
        guest.do(LOAD)
    yield begin
    if begun:
        bed.execute(NO_LOAD)


def no_load(guest):
    guest.do(NO_LOAD)


def owned(guest):
    """What a card has, and must give back: grants in use and set aside, channels, irqs."""
    grants = re.fullmatch(r"grants: .* (\d+) in use, (\d+) set aside", guest.shell.one("grants"))
    return (int(grants[1]), int(grants[2]), len(guest.shell.ask("evtchn")),
            len(irqs(guest.shell)))


def test_bridge_goes_and_comes(net):  # noqa: F811
    """Nobody tells the guest; it is there when the bridge is."""
    guest = net()
    guest.answers()
    guest.do(f"ip link set {BRIDGE} down")
    assert guest.ask(f"ping {DOM0} 1")[-1] == "1 sent, 0 answered"
    guest.do(f"ip link set {BRIDGE} up; ip addr replace {DOM0}/24 dev {BRIDGE}")
    guest.answers("-c 3 -w 20")
    guest.echo(500)
    assert guest.ask(f"ping {DOM0}")[-1] == "3 sent, 3 answered"


def test_link(net):  # noqa: F811
    """The backend's carrier goes and comes; then it is said who is there, without being asked."""
    guest = net()
    guest.do(f"xenstore-write {BACKEND}/carrier 0")
    guest.says("eth0: link down\r\n")
    assert "link down" in guest.card()[0]
    assert guest.ask(f"ping {DOM0}") == ["net: the link is down", "0 sent, 0 answered"]
    guest.do(f"""echo 1 >/proc/sys/net/ipv4/conf/{BRIDGE}/arp_accept
             ip neigh flush dev {BRIDGE}; xenstore-write {BACKEND}/carrier 1""")
    guest.says("eth0: link up\r\n", 2)
    guest.do(f"""for n in $(seq 1 50); do
                     ip neigh show {ADDRESS} | grep -q {MAC.format(2)} && exit 0; sleep 0.1
                 done; ip neigh; exit 1""")
    guest.answers()


def test_detached_and_attached(net, load):  # noqa: F811
    """Under load: what it had is given back each time, and the next one is as good. (The toolstack
    says Closing in the backend's name, which has the rings mapped still: so they may be set aside
    until the next card comes.)"""
    guest = net()
    grants, aside, channels, lines = there = owned(guest)
    assert grants > 0 and aside == 0
    load(guest)
    for times in range(2, 6):
        guest.do("xl network-detach guest 0")
        guest.says("xenbus: device/vif/0 is gone\r\n", times - 1)
        now = owned(guest)
        assert now[0] == 0 and now[1] <= 4 and now[2:] == (channels - 4, lines - 4)
        guest.do(f"xl network-attach guest {CARD}")
        guest.connected(times)
        assert owned(guest) == there
        guest.goes_on()
    no_load(guest)
    guest.answers("-c 3 -w 20")
    guest.echo(500)


def test_saved_and_restored(net, load):  # noqa: F811
    """Under load, twice: each irq is what it was."""
    guest = net(vcpus=4)
    before = irqs(guest.shell)
    row = before["eth0-q1-rx"]["irq"]
    guest.shell.ask(f"affinity {row} 3")
    load(guest)
    for times in (1, 2):
        guest.run.save_and_restore()
        guest.connected(times + 1)
        after = irqs(guest.shell)
        for name in (f"eth0-q{number}-{way}" for number in range(4) for way in ("rx", "tx")):
            assert after[name]["irq"] == before[name]["irq"]
            assert count(after[name]) >= count(before[name])
        before = after
        guest.goes_on()
    no_load(guest)
    assert [queue["cpu"] for queue in guest.card()[1]] == list("0323")
    guest.answers("-c 3 -w 20")
    guest.echo(2000)
    assert guest.ask(f"ping {DOM0}")[-1] == "3 sent, 3 answered"


def test_restored_to_less(net, load):  # noqa: F811
    """The new backend has one queue, then as many as before: the card is made anew."""
    guest = net(queues=2)
    there = owned(guest)
    load(guest)
    for times, queues in ((1, 1), (2, 2)):
        guest.do(f"echo {queues} >{QUEUES}")
        guest.run.save_and_restore()
        guest.connected(times + 1)
        head, found = guest.card()
        assert len(found) == queues and f", {queues} queues, " in head
        guest.answers("-c 3 -w 20")
    no_load(guest)
    assert owned(guest) == there
    guest.echo(500)


def test_save_is_cancelled(net, load):  # noqa: F811
    guest = net()
    load(guest)
    guest.do("xl save -c guest /run/guest/checkpoint", PATIENCE)
    guest.says("suspend: cancelled\r\n")
    no_load(guest)
    guest.answers("-c 3 -w 20")
    guest.echo(500)


@pytest.mark.parametrize("mtu", [9000, 65500])
def test_large_frames(net, mtu):  # noqa: F811
    """Frames over several pages, in and out."""
    guest = net(cards=[vif(mtu=mtu)])
    assert f", mtu {mtu}, " in guest.card()[0]
    guest.do(f"""ip link set vif$(xl domid guest).0 mtu {mtu}
                 ip link set {BRIDGE} mtu {mtu}; ip link show {BRIDGE}""")
    for size in (1473, 4054, 4055, 8150, 8151, 8972, mtu - 28):
        guest.answers(f"-c 2 -w 20 -s {size}")
        guest.echo(50, 4, size)
        assert guest.ask(f"ping {DOM0} 1 {size}")[-1] == "1 sent, 1 answered"
    guest.answers("-c 3 -w 20")


def test_answers_while_it_is_busy(net, start, bed, net_client):  # noqa: F811
    """A storm has the mainline to itself, and nobody in dom0 notices."""
    run = start(IMAGE, type="pvh", vcpus=2, timeout=PATIENCE, settings=(f'vif=["{vif()}"]',),
                files={"net_client": net_client},
                cmdline=f"test=storm progress=500 events={ENDLESS} ip={ADDRESS}/24")
    status, text = bed.execute(f"ip addr replace {DOM0}/24 dev {BRIDGE}")
    assert status == 0, text
    storm = Life(run)
    storm.wait(storm.progress, "the storm begins", PATIENCE)
    before = storm.advance()
    storm.execute(f"{PING} -q -A -c 200 -w 60 {ADDRESS} && chmod +x /run/guest/net_client && "
                  f"/run/guest/net_client echo {ADDRESS} 2000 16 64", 120)
    assert storm.advance().is_ahead_of(before)
    storm.ended("poweroff", "xl shutdown guest")
