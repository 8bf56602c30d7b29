# SPDX-License-Identifier: MIT
"""The page's part on many channels: crowds.py's answer."""

from matplotlib import pyplot

COLOURS = {("daisy", "2l"): "tab:orange", ("daisy", "fifo"): "tab:blue",
           ("linux", "2l"): "tab:gray", ("linux", "fifo"): "black"}
WAYS = {"own irq": "tab:orange", "own vector": "tab:blue", "one shared irq": "tab:gray"}


def growth(rows):
    """Each guest and ABI, one pending and all: two pictures would hide that one line lies below the other."""
    figure, axes = pyplot.subplots(figsize=(6, 4.5))
    for (guest, abi), colour in COLOURS.items():
        own = chosen(rows, guest, abi, "own irq")
        for of, line in (("one", "-"), ("all", "--")):
            axes.plot([row["bound"] for row in own], [row[of]["instructions"] for row in own],
                      line, marker="o", color=colour, label=f"{guest.capitalize()} {abi}, {of} pending")
    axes.set_yscale("log")
    return labelled(figure, axes, loc="upper left", bbox_to_anchor=(1, 1))  # beside: there is no room in it


def chosen(rows, guest, abi, way):
    found = (row for row in rows if (row["guest"], row["abi"], row["way"]) == (guest, abi, way))
    return sorted(found, key=lambda row: row["bound"])


def sharing(rows):
    """The one that is pending is the last in the list of a shared irq: the longest way."""
    figure, axes = pyplot.subplots(figsize=(6, 3.5))
    for way, colour in WAYS.items():
        found = [row for row in chosen(rows, "daisy", "2l", way) if row["bound"] <= 64]
        axes.plot([row["bound"] for row in found], [row["one"]["instructions"] for row in found],
                  marker="o", color=colour, label=way)
    axes.set_yscale("log")
    return labelled(figure, axes)


def labelled(figure, axes, **legend):
    axes.set_xscale("log")
    axes.grid(alpha=0.3)
    axes.set_ylim(bottom=10)
    axes.set_xlabel("channels bound")
    axes.set_ylabel("guest instructions per event")
    axes.legend(**legend)
    return figure


CROWDS = {"guest": lambda r: r["guest"], "ABI": lambda r: r["abi"], "handler by": lambda r: r["way"],
          "bound": lambda r: r["bound"], "one: shortest": lambda r: r["one"]["shortest"]} | {
    f"{of}: {what}": lambda r, of=of, what=what: r[of][what]
    for of in ("one", "all") for what in ("instructions", "entries")}


def section(rows, svg, table):
    """svg, table: report.py's."""
    return ["<h2>Many channels</h2>", svg(growth(rows)),
            "<p>An irq of its own, a vector of its own, or one irq that all drivers share:</p>",
            svg(sharing(rows)), table(rows, CROWDS)]
