# SPDX-License-Identifier: MIT
"""The page's part on network cards: nets.py's answer."""

from report_ratios import bars

COUNTED = ("instructions", "entries", "hypercalls")


def ratios(rows):
    return bars({f"{row['what']}, {row['size']}": row["ratio"] for row in rows}, 1,
                "datagrams per second, Daisy's by Linux's; bytes of data beside the name")


def counts(rows):
    """Daisy beside Linux: one row for each kind, window and size."""
    both = {}
    for row in rows:
        both.setdefault((row["how"], row["window"], row["size"]), {})[row["guest"]] = row
    return both.items()


COUNTS = {"echo": lambda row: row[0][0], "under way": lambda row: row[0][1] or "as the card takes them",
          "bytes": lambda row: row[0][2]} | {
    f"{guest}: {what}": lambda row, guest=guest, what=what: row[1][guest][what]
    for what in COUNTED for guest in ("daisy", "linux")}
RATIOS = {"what": lambda row: row["what"], "bytes": lambda row: row["size"]} | {
    key: lambda row, key=key: f"{row['ratio'][key]:.2f}" for key in ("median", "least", "most")}


def section(nets, svg, table):
    """svg, table: report.py's."""
    return ["<h2>A network card, pvh</h2>", svg(ratios(nets["timed"])), table(nets["timed"], RATIOS),
            "<p>Of an echo that dom0 asks for, or of a datagram out, the guest's share:</p>",
            table(counts(nets["counted"]), COUNTS)]
