# SPDX-License-Identifier: MIT
"""A guest with network cards, and dom0's end of them: a bridge with an address, ordinary tools,
and a client for UDP that is built here."""

import os
import re
import subprocess
import time

import pytest
from conftest import HERE
from shells import ANSWER, PROMPT, Shell, do
from test_matrix import IMAGE, PATIENCE

# By their paths: busybox has a ping and an arping as well.
PING, ARPING = "/usr/bin/ping", "/usr/bin/arping"
BRIDGE, DOM0, ADDRESS = "xenbr0", "192.168.7.1", "192.168.7.2"
MAC = "00:16:3e:00:00:{:02x}"
QUEUES = "/sys/module/xen_netback/parameters/max_queues"
SPLIT = "/sys/module/xen_netback/parameters/separate_tx_rx_irq"
QUEUE = re.compile(r"  q(\d+): (?:rx|both) irq (?P<rx>\d+)(?: CPU(?P<cpu>\d+))?"
                   r"(?: tx irq (?P<tx>\d+)(?: CPU(?P<tx_cpu>\d+))?)?, "
                   r"(?P<posted>\d+) of (?P<pages>\d+) pages at the backend, "
                   r"\d+ of \d+ being sent")
SENT = re.compile(r"(\d+) packets transmitted, (\d+) (?:packets )?received")


def vif(number=0, **more):
    """A card's line for xl.cfg's vif=[]."""
    words = {"bridge": BRIDGE, "type": "vif", "mac": MAC.format(number + 2), **more}
    return ",".join(f"{key}={value}" for key, value in words.items())


class Net:
    """The guest's card seen from dom0, and the guest's shell."""

    def __init__(self, shell):
        self.shell, self.run = shell, shell.run

    def do(self, script, timeout=ANSWER):
        """In dom0; what it prints."""
        return do(self.run, script, timeout)

    def ask(self, words):
        return self.shell.ask(f"net {words}")

    # -- traffic -------------------------------------------------------------------------------

    def ping(self, words="-c 3", timeout=ANSWER):
        """How many came back, of how many."""
        status, text = self.run.execute(f"{PING} -q {words} {ADDRESS}", timeout)
        found = SENT.search(text)
        assert found, (status, text)
        return int(found[2]), int(found[1])

    def answers(self, words="-c 3", timeout=ANSWER):
        """All of them."""
        received, sent = self.ping(words, timeout)
        assert received == sent > 0

    def echo(self, count, window=16, size=64, timeout=PATIENCE):
        """Datagrams with sequence numbers: each is answered once, with what was sent."""
        status, text = self.run.execute(
            f"/run/guest/net_client echo {ADDRESS} {count} {window} {size}", timeout)
        assert (status, text) == (0, f"{count} sent, {count} answered, 0 twice, 0 wrong\n")

    # -- what the guest says -------------------------------------------------------------------

    def card(self):
        """`net ls`, of one card: its line, and a match for each queue."""
        head, *queues = self.ask("ls")
        found = [QUEUE.fullmatch(line) for line in queues]
        assert all(found), queues
        return head, found

    def stats(self):
        """`net stats`, its text."""
        return "\n".join(self.ask("stats"))

    def answered(self):
        """How many frames, since the card connected."""
        return int(re.search(r"\d+ served, (\d+) answered; not:", self.stats())[1])

    def goes_on(self):
        """It answers under the load that there is."""
        before, until = self.answered(), time.monotonic() + PATIENCE
        while self.answered() < before + 5:
            assert time.monotonic() < until

    def says(self, line, times=1):
        """Until it has said a line so often, since it was started; then its prompt."""
        until = time.monotonic() + PATIENCE
        while not ((text := self.shell.text()).count(line) >= times and text.endswith(PROMPT)):
            assert self.run.pump() and time.monotonic() < until, text

    def connected(self, times=1):
        self.says("xenbus: device/vif/0 is connected\r\n", times)


@pytest.fixture(scope="session")
def net_client(tmp_path_factory):
    """The path of guests/net_client.c, built."""
    path = str(tmp_path_factory.mktemp("net") / "net_client")
    subprocess.run(["gcc", "-O2", "-Wall", "-Wextra", "-static", "-o", path,
                    os.path.join(HERE, "guests", "net_client.c")], check=True)
    return path


@pytest.fixture
def net(start, bed, net_client):
    """net(cmdline, cards=[vif()], queues=, split=, **Guest's fields): at its prompt, connected, with
    dom0's bridge and its address as usual."""
    def begin(cmdline="", cards=None, queues=4, split="Y", **fields):
        cards = cards or [vif()]
        status, text = bed.execute(
            f"rm -f /run/guest/net_client; echo {queues} >{QUEUES}; echo {split} >{SPLIT}; "
            f"ip link set {BRIDGE} mtu 1500 up; "
            f"ip addr replace {DOM0}/24 dev {BRIDGE}; ip neigh flush dev {BRIDGE}")
        assert status == 0, text
        lines = ("vif=[" + ",".join(f'"{card}"' for card in cards) + "]",)
        run = start(IMAGE, timeout=PATIENCE, files={"net_client": net_client}, **{
            "type": "pvh", "vcpus": 2, **fields,
            "cmdline": f"shell ip={ADDRESS}/24 {cmdline}",
            "settings": lines + tuple(fields.get("settings", ()))})
        shell = Shell(run)
        shell.wait(re.escape(PROMPT) + "$", timeout=PATIENCE)
        net = Net(shell)
        net.connected()
        net.do("chmod +x /run/guest/net_client")
        return net
    return begin
