# SPDX-License-Identifier: MIT
"""The other CPUs: what bringing them up costs, and CPUs that do not come."""

import ktap
import pytest
from test_matrix import IMAGE, PATIENCE, judged
from test_tables import LAPIC, RSDP_AT, ioapic, madt, override, rom
from test_tables import boot_with  # noqa: F401  (a fixture)

SIZES = (1, 8, 32, 128)
LINE = r"smp: (\d+) of (\d+) CPUs, (\d+) us, (\d+) bytes each"
PAGE = 4096
SLOWER = 6      # times per CPU, from 8 to 128 CPUs; a loop over all CPUs for each would give 16


def bring_up(boot, count):
    """(microseconds, bytes for each other CPU)"""
    found = judged(boot(IMAGE, type="pvh", vcpus=count, cmdline="test=cpus,clock",
                        timeout=PATIENCE)).find(LINE)
    came, listed, *cost = map(int, found.groups())
    assert (came, listed) == (count, count)
    return cost


def test_the_cost_of_a_cpu_does_not_grow(boot, record_property):
    """Memory exactly. Time is elastic: of three boots of each size, taken in turn, the shortest
    are compared, and generously."""
    boots = [{count: bring_up(boot, count) for count in SIZES} for _ in range(3)]
    costs = {count: min(costs[count] for costs in boots) for count in SIZES}
    for count, (microseconds, size) in costs.items():
        assert all(costs[count][1] == size for costs in boots), "memory is not left to chance"
        record_property(f"bring_up_us_{count}_vcpus", microseconds)
        record_property(f"bytes_per_cpu_{count}_vcpus", size)
        print(f"{count} vCPUs: {microseconds} us, {size} bytes each")
    assert costs[1][1] == 0
    assert costs[8][1] >= costs[32][1] >= costs[128][1] > 0
    assert costs[128][0] / 127 < SLOWER * costs[8][0] / 7


@pytest.mark.parametrize("memory", [2, 3])
def test_as_many_as_memory_allows(boot, memory):
    """A warning names the first that has no room, and the test that counts them fails; those that
    are there work."""
    report = ktap.parse(boot(IMAGE, type="pvh", vcpus=64, memory=memory, cmdline="abi=2l",
                             timeout=PATIENCE).console)
    assert report.names("fail") == {"cpus"}
    came, listed = map(int, report.find(LINE).groups()[:2])
    assert 1 < came < listed == 64
    assert report.warnings == [
        f"smp: the CPU with APIC id {2 * came} does not come (error -12)"]


def lapic(number, apic_id):
    return LAPIC[:2] + bytes([number, apic_id]) + LAPIC[4:]


def test_a_cpu_that_is_not_there(boot_with):  # noqa: F811
    """The table names one more than there is: it is left out, and the one after it comes."""
    cpus = lapic(0, 0), lapic(1, 8), lapic(2, 2)
    table = madt(*cpus, ioapic(0xfec00000), override(0, 2))
    report = ktap.parse(boot_with({RSDP_AT: rom(table)}, vcpus=2).console)
    assert report.names("fail") == {"cpus", "late_cpu"}  # nor does it when it is tried again
    assert report.find(LINE).groups()[:2] == ("2", "3")
    assert report.warnings == ["smp: the CPU with APIC id 8 does not come (error -19)"]
