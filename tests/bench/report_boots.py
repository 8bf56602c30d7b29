# SPDX-License-Identifier: MIT
"""Parts of the page: idling, vCPUs, wall time. svg and table are those of report.py."""

from matplotlib import pyplot
from report_ratios import bars

IDLE = {"guest": lambda r: r["guest"], "seconds": lambda r: r["seconds"],
        "VM entries, each time": lambda r: ", ".join(map(str, r["entries"])),
        "instructions": lambda r: ", ".join(f"{n:,}" for n in r["instructions"])}
WALLS = {"vCPUs": lambda r: r["vcpus"], "pairs": lambda r: len(r["pairs"]),
         "Daisy / Linux, median": lambda r: f"1/{1 / r['median']:.1f}",
         "spread": lambda r: f"1/{1 / r['least']:.1f} to 1/{1 / r['most']:.1f}"}


def idle(rows, svg, table):
    return ["<h2>Idling</h2>", table(rows, IDLE)]


def vcpus(rows, svg, table):
    return ["<h2>Bringing up a vCPU</h2>", svg(curve(rows))]


def walls(rows, svg, table):
    ratios = {f"{row['vcpus']} vCPUs": row for row in rows}
    return ["<h2>From unpause to the verdict, or to /init</h2>",
            svg(bars(ratios, 1 / 20, "wall time, Daisy / Linux; the target is 1/20")), table(rows, WALLS)]


def curve(rows):
    figure, (upper, lower) = pyplot.subplots(2, 1, sharex=True, figsize=(7, 4))
    numbers = [row["vcpu"] for row in rows]
    upper.plot(numbers, [row["instructions"] for row in rows], ".", color="tab:orange")
    upper.set_ylabel("instructions")
    upper.set_ylim(bottom=0)
    lower.plot(numbers, [row["entries"] for row in rows], ".", color="tab:orange")
    lower.set_ylabel("VM entries")
    lower.set_ylim(bottom=0)
    lower.set_xlabel("vCPU, Daisy on pvh")
    return figure
