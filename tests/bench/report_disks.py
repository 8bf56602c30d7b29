# SPDX-License-Identifier: MIT
"""The page's section on disks.py: Daisy's throughput by Linux's, and what a read costs."""

from report_ratios import bars


def section(rows, svg, table):
    return ["<h2>A disk, pvh</h2>", svg(ratios(rows)), table(rows, COLUMNS)]


def ratios(rows):
    names = (f"{row['pattern']}, {row['kib']} KiB, {row['depth']} at a time" for row in rows)
    return bars(dict(zip(names, (row["throughput"] for row in rows))), 1,
                "Daisy's bytes per second by Linux's, in turn: median, least and most", "log")


def per_read(who, what):
    return lambda row: f"{row['per_read'][who][what]:g}"


COLUMNS = {"pattern": lambda r: r["pattern"], "KiB": lambda r: r["kib"], "depth": lambda r: r["depth"],
           "throughput, Daisy by Linux": lambda r: f"{r['throughput']['median']:.2f}",
           "least": lambda r: f"{r['throughput']['least']:.2f}",
           "most": lambda r: f"{r['throughput']['most']:.2f}",
           "notifications per read": per_read("daisy", "sends"), "irqs": per_read("daisy", "irqs"),
           "VM entries": per_read("daisy", "entries"), "Linux's": per_read("linux", "entries"),
           "hypercalls": per_read("daisy", "hypercalls"), "Linux's ": per_read("linux", "hypercalls")}
