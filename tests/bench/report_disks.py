# SPDX-License-Identifier: MIT
"""The page's section on disks.py: Daisy's throughput by Linux's, and what each read or write costs."""

from report_ratios import bars


def section(rows, svg, table):
    return ["<h2>A disk, pvh</h2>", svg(ratios(rows)), table(rows, COLUMNS)]


def ratios(rows):
    names = (f"{row['setup']}, {row['pattern']}, {row['kib']} KiB, {row['depth']} at a time" for row in rows)
    return bars(dict(zip(names, (row["throughput"] for row in rows))), 1,
                "Daisy's bytes per second by Linux's, in turn: median, least and most", "log")


def each(who, what):
    return lambda row: f"{row['each'][who][what]:g}"


COLUMNS = {"setup": lambda r: r["setup"], "pattern": lambda r: r["pattern"],
           "KiB": lambda r: r["kib"], "depth": lambda r: r["depth"],
           "throughput, Daisy by Linux": lambda r: f"{r['throughput']['median']:.2f}",
           "least": lambda r: f"{r['throughput']['least']:.2f}",
           "most": lambda r: f"{r['throughput']['most']:.2f}",
           "notifications for each": each("daisy", "sends"), "irqs": each("daisy", "irqs"),
           "VM entries": each("daisy", "entries"), "Linux's": each("linux", "entries"),
           "hypercalls": each("daisy", "hypercalls"), "Linux's ": each("linux", "hypercalls")}
