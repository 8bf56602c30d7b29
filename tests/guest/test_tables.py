# SPDX-License-Identifier: MIT
"""ACPI tables that lie, on the real Xen: each is refused with a sentence, and Daisy goes on.

A domain without firmware has none, so the device model lays these where a BIOS would.
"""

import struct

import pytest
from matrix import ELSEWHERE
from test_matrix import IMAGE, PATIENCE

RSDP_AT, RSDT_AT, MADT_AT = 0xe0000, 0xe0100, 0xe0200
IMAGE_AT = 0x100000
BROKEN_MADT = {  # in the last page below the ROM; its length reaches over Daisy's image
    "at": 0x9f000, "length": 0x100000}

LAPIC = struct.pack("<BBBBI", 0, 8, 0, 0, 1)


def ioapic(address, gsi_base=0):
    return struct.pack("<BBBBII", 1, 12, 1, 0, address, gsi_base)


def override(irq, gsi):
    return struct.pack("<BBBBIH", 2, 10, 0, irq, gsi, 0)


def with_sum(table, at):
    table = bytearray(table)
    table[at] = -sum(table) & 0xff
    return bytes(table)


def sdt(signature, body, length=None):
    head = struct.pack("<4sIBB6s8sIII", signature, length or 36 + len(body), 1, 0, b"DAISY ",
                       b"TESTS   ", 1, 1, 1)
    return head + body if length else with_sum(head + body, 9)


def madt(*entries):
    return sdt(b"APIC", struct.pack("<II", 0xfee00000, 1) + b"".join(entries))


def rom(table, at=MADT_AT):
    """What lies from RSDP_AT on: an RSDP, an RSDT, and the MADT unless it lies elsewhere."""
    memory = bytearray(0x1000)

    def put(address, data):
        memory[address - RSDP_AT:address - RSDP_AT + len(data)] = data
    put(RSDP_AT, with_sum(struct.pack("<8sB6sBI", b"RSD PTR ", 0, b"DAISY ", 0, RSDT_AT), 8))
    put(RSDT_AT, sdt(b"RSDT", struct.pack("<I", at)))
    if at == MADT_AT:
        put(at, table)
    return bytes(memory)


@pytest.fixture
def boot_with(boot, tmp_path):
    """boot_with({address: bytes}, **Guest's fields): without firmware, with these in memory."""
    def run(places, **fields):
        files, words = {}, []
        for address, data in places.items():
            name = f"at-{address:x}"
            (tmp_path / name).write_bytes(data)
            files[name] = str(tmp_path / name)
            words += ["-device", f"loader,file=/run/guest/{name},addr={address:#x},force-raw=on"]
        quoted = ",".join(f'"{word}"' for word in words)
        return boot(IMAGE, boot="firmware", files=files, timeout=PATIENCE,
                    cmdline=f"skip={ELSEWHERE}",
                    settings=(f"device_model_args_hvm=[{quoted}]",), **fields)
    return run


def said(result, start):
    return [line for line in result.lines if line.startswith(start)]


def test_tables_that_are_right(boot_with):
    """The control: these bytes are looked at at all."""
    table = madt(LAPIC, ioapic(0xfec00000), override(0, 2))
    result = boot_with({RSDP_AT: rom(table)})
    assert result.passed, result.message
    assert said(result, "acpi: MADT: cpus 1, ioapics 1") and not said(result, "warning:")


def test_length_that_reaches_over_the_image(boot_with):
    """Nothing may be mapped by a length that has not been checked."""
    table = sdt(b"APIC", struct.pack("<II", 0xfee00000, 1) + LAPIC, BROKEN_MADT["length"])
    result = boot_with({RSDP_AT: rom(b"", BROKEN_MADT["at"]), BROKEN_MADT["at"]: table})
    assert result.passed, result.message
    assert said(result, "warning: acpi: APIC at 0x9f000, length 1048576: impossible length")
    assert said(result, "acpi: no tables, as every PC")


def test_ioapic_in_the_image(boot_with):
    result = boot_with({RSDP_AT: rom(madt(LAPIC, ioapic(IMAGE_AT), override(0, 2)))})
    assert result.passed, result.message
    assert said(result, "warning: ioapic: the one at 0x100000")
    assert said(result, "irqchip: pic, lapic x2apic id 0") == ["irqchip: pic, lapic x2apic id 0"]


def test_ioapic_with_impossible_gsis(boot_with):
    table = madt(LAPIC, ioapic(0xfec00000, 1000), override(0, 2))
    result = boot_with({RSDP_AT: rom(table)}, memory=4)
    assert result.passed, result.message
    assert said(result, "warning: ioapic: the one at 0xfec00000")
    assert said(result, "irqs: [0,16) isa, [16,16) gsi")


def test_entry_of_length_zero(boot_with):
    table = madt(LAPIC, struct.pack("<BB", 1, 0) + bytes(10))
    result = boot_with({RSDP_AT: rom(table)})
    assert result.passed, result.message
    assert said(result, "warning: acpi: MADT, entry of type 1 at 52: the length is too short")


def test_wrong_checksum(boot_with):
    table = bytearray(madt(LAPIC, ioapic(0xfec00000)))
    table[9] ^= 1
    result = boot_with({RSDP_AT: rom(bytes(table))})
    assert result.passed, result.message
    assert said(result, "warning: acpi: APIC at 0xe0200, length 64: wrong checksum")
