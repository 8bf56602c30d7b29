# SPDX-License-Identifier: MIT
"""A network card behind Linux's netback: asked with ordinary tools from dom0's side."""

import json
import re
import time

import pytest
from with_nets import ADDRESS, ARPING, BRIDGE, DOM0, MAC, vif
from with_nets import net, net_client  # noqa: F401  (fixtures)
from shells import count, ended, irqs
from test_matrix import PATIENCE

MTU, STATUS = 1500, 9000
HVM = {"type": "hvm"}
HEADERS = 20 + 8  # IP's, and ICMP's or UDP's


def test_answers(net):  # noqa: F811
    """Who has that address, and who is there?"""
    guest = net()
    head, queues = guest.card()
    assert head == (f"eth0: {MAC.format(2)} {ADDRESS}, link up, mtu {MTU}, 2 queues, split, sg, "
                    "csum")
    assert len(queues) == 2
    guest.answers()
    neighbour = guest.do(f"ip neigh show {ADDRESS}")
    assert re.search(rf"lladdr {MAC.format(2)} ", neighbour), neighbour
    text = guest.do(f"{ARPING} -c 3 -I {BRIDGE} {ADDRESS} 2>&1")
    assert re.search(r"Received 3 (?:response|repl)", text), text
    ended(guest.shell, "poweroff", "poweroff")


def test_every_size(net):  # noqa: F811
    """Each as one datagram, sent once, up to the mtu; then one that would have to be cut up. (By
    busybox's ping, which is there without a program being loaded: that is most of the time.)"""
    guest = net(queues=1)
    text = guest.do(f"""
        size=0
        while [ $size -le {MTU - HEADERS} ]; do
            ping -c 1 -W 20 -q -s $size {ADDRESS} >/run/guest/ping ||
                {{ echo "size $size:"; cat /run/guest/ping; exit 1; }}
            size=$((size + 1))
        done; echo $size answered""", timeout=PATIENCE)
    assert text == f"{MTU - HEADERS + 1} answered\n"
    assert guest.ping(f"-c 1 -w 2 -s {MTU - HEADERS + 1}")[0] == 0
    assert re.search(r" [1-9]\d* ip-fragment", guest.stats())
    guest.answers()


def test_udp_echo(net):  # noqa: F811
    guest = net(queues=2)
    guest.echo(100000, 32)
    for size in (4, 5, 1000, MTU - HEADERS):
        guest.echo(500, 8, size)


def test_status(net):  # noqa: F811
    """The results, as they were printed; but for the irqs' counts, which have gone on."""
    guest = net("test=loopback,storm events=500 progress=0")
    printed = "".join(re.findall(r"^# json: (.*)\r$", guest.shell.text(), re.M))
    told = json.loads(guest.do(f"/run/guest/net_client status {ADDRESS} {STATUS}", 200))
    printed = json.loads(printed)
    before, now = ({irq["irq"]: irq for irq in document.pop("irqs")}
                   for document in (printed, told))
    assert told == printed and told["cells"]
    for number, irq in before.items():
        assert now[number]["name"] == irq["name"]
        assert sum(now[number]["counts"]) >= sum(irq["counts"])
    assert any(irq["name"].startswith("eth0-q") for irq in now.values())
    garbage = ("", "status 0", "status 1000000", "status x", "hello", "x" * 1400)
    for text in garbage:
        guest.do(f"/run/guest/net_client send {ADDRESS} {STATUS} '{text}'")
    guest.answers()
    assert f" {len(garbage)} udp-handler" in guest.stats()


def test_bad_address(net):  # noqa: F811
    """It is said what is wrong; frames are counted, and nobody answers."""
    guest = net("ip=192.168.7.300/24")
    assert "command line: ip=192.168.7.300/24: " in guest.shell.text()
    assert " no address, link up" in guest.card()[0]
    assert guest.ping("-c 2 -w 2")[0] == 0
    assert re.search(r"in: [1-9]\d* frames", guest.stats())
    assert guest.ask(f"ping {DOM0}") == ["net: no card has an address: ip=", "0 sent, 0 answered"]


def test_two_cards(net):  # noqa: F811
    """The first has the address; the other one comes and goes beside it."""
    guest = net(cards=[vif(), vif(1)])
    guest.says("xenbus: device/vif/1 is connected\r\n")
    lines = guest.ask("ls")
    assert [line for line in lines if line.startswith("eth0: ")] == [
        f"eth0: {MAC.format(2)} {ADDRESS}, link up, mtu {MTU}, 2 queues, split, sg, csum"]
    assert [line for line in lines if line.startswith("eth1: ")] == [
        f"eth1: {MAC.format(3)} no address, link up, mtu {MTU}, 2 queues, split, sg, csum"]
    table = irqs(guest.shell)
    assert len({table[f"eth{card}-q{queue}-{way}"]["irq"]
                for card in (0, 1) for queue in (0, 1) for way in ("rx", "tx")}) == 8
    guest.answers()
    guest.do("xl network-detach guest 1")
    guest.says("xenbus: device/vif/1 is gone\r\n")
    assert not [name for name in irqs(guest.shell) if name.startswith("eth1")]
    guest.answers()
    guest.echo(100)


def test_pings(net):  # noqa: F811
    """The other way around."""
    guest = net()
    lines = guest.ask(f"ping {DOM0} 20 1000")
    assert len(lines) == 21 and lines[-1] == "20 sent, 20 answered"
    for number, line in enumerate(lines[:-1]):
        assert re.fullmatch(rf"1000 bytes from {DOM0}: {number}, \d+ us", line)
    assert guest.ask(f"ping {DOM0} 1 {MTU - HEADERS}")[-1] == "1 sent, 1 answered"
    assert guest.ask(f"ping {DOM0} 1 {MTU - HEADERS + 1}")[0] == "net: that is more than the mtu"
    assert guest.ask("ping 192.168.7.77 1") == ["192.168.7.77: 0, no answer",
                                                "1 sent, 0 answered"]
    assert "another network" in guest.ask("ping 10.0.0.1")[0]
    assert "no other host's address" in guest.ask(f"ping {ADDRESS}")[0]
    assert "is no address" in guest.ask("ping 192.168.7")[0]
    head, events = guest.ask(f"bench {DOM0} 2")
    found = re.match(r"(\d+) round trips of 56 bytes in 2 s, 0 lost; us: min \d+, ", head)
    assert found and int(found[1]) > 0
    found = re.fullmatch(r"(\d+) notifications, (\d+) rx irqs, \d+ tx irqs", events)
    assert found and int(found[1]) > 0 and int(found[2]) > 0


@pytest.mark.parametrize("cpu", [0, 1])
def test_stream(net, cpu):  # noqa: F811
    """Datagrams out: all arrive, also where another CPU has to wake who sends; and most without a
    notification of their own."""
    guest = net(vcpus=2)
    guest.shell.ask(f"affinity {irqs(guest.shell)['eth0-q0-tx']['irq']} {cpu}")
    for size in (0, 64, MTU - HEADERS):
        before, until = without_port(guest), time.monotonic() + PATIENCE
        sent, events = guest.ask(f"send {DOM0} 3000 {size}")
        assert sent == f"3000 datagrams of {size} bytes sent"
        assert int(re.match(r"(\d+) notifications, ", events)[1]) < 3000 / 8
        while without_port(guest) < before + 3000:
            assert time.monotonic() < until, guest.stats()
        assert without_port(guest) == before + 3000
    assert guest.ask(f"send {DOM0} 1 {MTU - HEADERS + 1}")[:2] == [
        "net: that is more than the mtu", f"0 datagrams of {MTU - HEADERS + 1} bytes sent"]
    assert guest.ask("send 192.168.7.77 1")[0] == "net: 192.168.7.77 does not answer"
    guest.answers()


def without_port(guest):
    """Datagrams that came to dom0, whole, where nobody listens."""
    head, counts = (line.split() for line in guest.do("grep ^Udp: /proc/net/snmp").splitlines())
    return int(dict(zip(head, counts))["NoPorts"])


def test_queues(net):  # noqa: F811
    """Each with irqs of its own, on vCPUs of their own; and traffic comes in on several."""
    guest = net(vcpus=4)
    _, queues = guest.card()
    assert [queue["cpu"] for queue in queues] == list("0123")
    assert [queue["tx_cpu"] for queue in queues] == list("0123")
    flows(guest)
    table = irqs(guest.shell)
    assert len({queue[way] for queue in queues for way in ("rx", "tx")}) == 8
    for number, queue in enumerate(queues):
        for way in ("rx", "tx"):
            row = table[f"eth0-q{number}-{way}"]
            assert row["irq"] == queue[way] and row["flow"] == "late"
            counts = list(map(int, row["counts"].split()))
            assert sum(counts) == counts[number], "only on its own vCPU"
    for way in ("rx", "tx"):
        assert sum(count(table[f"eth0-q{number}-{way}"]) > 0 for number in range(4)) > 1
    assert sum(count(table[f"eth0-q{number}-rx"]) > 5 for number in range(4)) > 1
    row = table["eth0-q3-rx"]["irq"]
    guest.shell.ask(f"affinity {row} 1")
    before = on_cpus(guest, "eth0-q3-rx")
    flows(guest)
    after = on_cpus(guest, "eth0-q3-rx")
    assert [new > old for old, new in zip(before, after)] == [False, True, False, False]


def flows(guest):
    """They differ by their ports, and go by several queues: each echo has another."""
    for size in range(0, 1400, 50):
        guest.echo(20, 4, size + 4)


def on_cpus(guest, name):
    return list(map(int, irqs(guest.shell)[name]["counts"].split()))


@pytest.mark.parametrize("words, fields", [
    ("", {"split": "N"}), ("daisy=off", {}), ("daisy=off abi=2l", {"split": "N"}),
    ("route=vector", {}), ("route=percpu abi=2l", {}), ("route=poll", {}),
    ("redeliver=vector", {}), ("redeliver=vector route=vector abi=2l", {}),
    ("timer=poll", {}),
    ("route=intx", HVM), ("route=gsi intx=pic", HVM), ("route=hybrid", HVM),
    ("route=assist", {**HVM, "settings": ('viridian=["base","apic_assist"]',)}),
], ids=lambda value: (value if isinstance(value, str) else
                      "-".join(map(str, value))).replace(" ", "-") or "usual")
def test_routes(net, words, fields):  # noqa: F811
    guest = net(words, **fields)
    route = re.search(r"route=(\w+)|$", words)[1] or "percpu"
    assert f"upcall: route {route} (" in guest.shell.text()
    split = fields.get("split") != "N"
    head, queues = guest.card()
    assert ("split" in head) == split
    if "daisy=off" not in words:
        table = irqs(guest.shell)
        assert ("eth0-q0-rx" in table) == split and ("eth0-q0" in table) == (not split)
    guest.answers("-f -c 200 -w 60")
    guest.echo(300)
    ended(guest.shell, "poweroff", "poweroff")
