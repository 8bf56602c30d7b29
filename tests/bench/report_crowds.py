# SPDX-License-Identifier: MIT
"""The page's part on many channels: crowds.py's answer."""

from matplotlib import pyplot

WAYS = {"own irq": "tab:orange", "own vector": "tab:blue", "one shared irq": "tab:gray"}


def growth(rows):
    """Each ABI, one pending and all: two pictures would hide that one line lies below the other."""
    figure, axes = pyplot.subplots(figsize=(6, 3.5))
    for abi, colour in (("2l", "tab:orange"), ("fifo", "tab:blue")):
        own = sorted((row for row in rows if (row["abi"], row["way"]) == (abi, "own irq")),
                     key=lambda row: row["bound"])
        for of, line in (("one", "-"), ("all", "--")):
            axes.plot([row["bound"] for row in own], [row[of]["instructions"] for row in own],
                      line, marker="o", color=colour, label=f"{abi}, {of} pending")
    return labelled(figure, axes)


def sharing(rows):
    """The one that is pending is the last in the list of a shared irq: the longest way."""
    figure, axes = pyplot.subplots(figsize=(6, 3.5))
    for way, colour in WAYS.items():
        found = sorted((row for row in rows if (row["abi"], row["way"]) == ("2l", way)
                        and row["bound"] <= 64), key=lambda row: row["bound"])
        axes.plot([row["bound"] for row in found], [row["one"]["instructions"] for row in found],
                  marker="o", color=colour, label=way)
    axes.set_yscale("log")
    return labelled(figure, axes)


def labelled(figure, axes):
    axes.set_xscale("log")
    axes.grid(alpha=0.3)
    axes.set_ylim(bottom=10)
    axes.set_xlabel("channels bound")
    axes.set_ylabel("guest instructions per event")
    axes.legend()
    return figure


CROWDS = {"ABI": lambda r: r["abi"], "handler by": lambda r: r["way"], "bound": lambda r: r["bound"]} | {
    f"{of}: {what}": lambda r, of=of, what=what: r[of][what]
    for of in ("one", "all") for what in ("instructions", "entries")}


def section(rows, svg, table):
    """svg, table: report.py's."""
    return ["<h2>Many channels</h2>", svg(growth(rows)),
            "<p>An irq of its own, a vector of its own, or one irq that all drivers share:</p>",
            svg(sharing(rows)), table(rows, CROWDS)]
