# SPDX-License-Identifier: MIT
"""Parts of the page: idling, vCPUs, wall time. svg and table are those of report.py."""

from matplotlib import pyplot

IDLE = {"guest": lambda r: r["guest"], "seconds": lambda r: r["seconds"],
        "VM entries, each time": lambda r: ", ".join(map(str, r["entries"])),
        "instructions": lambda r: ", ".join(f"{n:,}" for n in r["instructions"])}
WALLS = {"vCPUs": lambda r: r["vcpus"], "pairs": lambda r: len(r["pairs"]),
         "Daisy / Linux, median": lambda r: f"1/{1 / r['median']:.1f}",
         "spread": lambda r: f"1/{1 / r['least']:.1f} to 1/{1 / r['most']:.1f}"}


def parts(document, svg, table):
    found = []
    if "idle" in document:
        found += ["<h2>Idling</h2>", table(document["idle"], IDLE)]
    if "vcpus" in document:
        found += ["<h2>Bringing up a vCPU</h2>", svg(curve(document["vcpus"]))]
    if "walls" in document:
        found += ["<h2>From unpause to the verdict, or to /init</h2>", svg(ratios(document["walls"])),
                  table(document["walls"], WALLS)]
    return found


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


def ratios(rows):
    """Bars of Daisy by Linux; lines from the least to the most; the target."""
    figure, axes = pyplot.subplots(figsize=(7, 0.4 * len(rows) + 1))
    medians = [row["median"] for row in rows]
    spread = [[row["median"] - row["least"] for row in rows], [row["most"] - row["median"] for row in rows]]
    axes.barh([f"{row['vcpus']} vCPUs" for row in rows], medians, xerr=spread, color="tab:orange")
    axes.axvline(1 / 20, color="black", linestyle=":", label="1/20")
    axes.invert_yaxis()
    axes.set_xlabel("wall time, Daisy / Linux")
    axes.legend()
    return figure
