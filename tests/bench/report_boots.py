# SPDX-License-Identifier: MIT
"""Parts of the page: a boot, idling, vCPUs, wall time. svg and table are those of report.py."""

from matplotlib import pyplot
from report_ratios import bars

STARTS = {"guest": lambda r: r["guest"], "until": lambda r: r["until"],
          "instructions": lambda r: f"{r['instructions']:,}", "VM entries": lambda r: f"{r['entries']:,}",
          "hypercalls": lambda r: f"{r['hypercalls']:,}"}
# Other guests, counted by hand from their start to their end, on pvh, and where the figures stand.
OTHERS = [("XTF, hello", "74,296", "5,200 to 5,600", "50 to 96"),
          ("Solo5, hello", "58,272", "133,000", "150 to 288"),
          ("Mini-OS, no application", "107,764", "573,000", "129")]
OTHERS_COLUMNS = {name: lambda r, at=at: r[at]
                  for at, name in enumerate(("guest", "bytes loaded", "instructions", "VM entries"))}
OTHERS_SOURCE = "shared facts on Xen HVM guests; Xen 4.17"
IDLE = {"guest": lambda r: r["guest"], "seconds": lambda r: r["seconds"],
        "VM entries, each time": lambda r: ", ".join(map(str, r["entries"])),
        "instructions": lambda r: ", ".join(f"{n:,}" for n in r["instructions"])}
WALLS = {"vCPUs": lambda r: r["vcpus"], "pairs": lambda r: len(r["pairs"]),
         "Daisy / Linux, median": lambda r: f"1/{1 / r['median']:.1f}",
         "spread": lambda r: f"1/{1 / r['least']:.1f} to 1/{1 / r['most']:.1f}"}


def starts(rows, svg, table):
    return ["<h2>A boot, pvh</h2>", svg(timeline(rows)), table(rows, STARTS),
            f"<p>Recorded, from the start to the end of each ({OTHERS_SOURCE}):</p>",
            table(OTHERS, OTHERS_COLUMNS)]


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


def timeline(rows):
    """From the domain's first instruction, a line for each guest; Daisy's has a stroke for each line that
    it has printed. The axis is logarithmic: Linux's way is hundreds of times as long."""
    figure, axes = pyplot.subplots(figsize=(8, 2.5))
    guests = list(dict.fromkeys(row["guest"] for row in rows))
    for number, row in enumerate(rows):
        y, colour = guests.index(row["guest"]), "tab:orange" if row["guest"] == "daisy" else "tab:gray"
        axes.plot([1, row["instructions"]], [y, y], color=colour)
        axes.plot(row["instructions"], y, "o", color=colour)
        axes.plot(row.get("lines", []), [y] * len(row.get("lines", [])), "|", color=colour, markersize=9)
        axes.annotate(f"{row['until']}\n{row['instructions']:,}", (row["instructions"], y),
                      (0, -20 if number % 2 else 8), textcoords="offset points", ha="center", fontsize=7)
    axes.set_xscale("log")
    axes.set_xlim(left=1000)
    axes.set_yticks(range(len(guests)), guests)
    axes.set_ylim(len(guests) - 0.5, -0.7)
    axes.set_xlabel("guest instructions from the domain's first")
    return figure
