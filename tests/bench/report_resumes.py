# SPDX-License-Identifier: MIT
"""The part of the page that is about a resume: how many times as much Linux does as Daisy."""

from matplotlib import pyplot

WHATS = ("instructions", "entries", "hypercalls")
UNTIL = {"bound": "channels are bound", "connected": "disk works", "worked": "channels work"}
TARGET = 10


def places(rows):
    return sorted({(row["vcpus"], row["channels"]) for row in rows})


def ratios(rows, until, what):
    """Linux's by Daisy's, of each place."""
    of = {(row["guest"], row["vcpus"], row["channels"]): row[until][what] for row in rows}
    return [of["linux", *place] / of["daisy", *place] for place in places(rows)]


def picture(rows, svg):
    figure, plots = pyplot.subplots(1, len(UNTIL), figsize=(12, 3), sharey=True)
    names = [f"{vcpus} vCPUs\n{channels} channels" for vcpus, channels in places(rows)]
    for axes, (until, title) in zip(plots, UNTIL.items()):
        for i, what in enumerate(WHATS):
            where = [x + 0.27 * (i - 1) for x in range(len(names))]
            drawn = axes.bar(where, ratios(rows, until, what), 0.27, label=what)
            axes.bar_label(drawn, fmt="%.1f", fontsize=6)
        axes.axhline(TARGET, color="black", linewidth=0.5)
        axes.set_xticks(range(len(names)), names, fontsize=7)
        axes.set_yscale("log")
        axes.set_ylim(bottom=0.9)
        axes.set_title(f"until the {title}")
    plots[0].set_ylabel("Linux by Daisy")
    plots[0].legend(fontsize=7)
    return svg(figure)


def section(found, svg, table):
    columns = {"guest": lambda r: r["guest"], "vCPUs": lambda r: r["vcpus"],
               "channels": lambda r: r["channels"]}
    columns |= {f"{what}, until the {title}": lambda r, u=until, w=what: f"{r[u][w]:,}"
                for until, title in UNTIL.items() for what in WHATS}
    timed = found["timed"]
    return ["<h2>A resume, pvh</h2>", picture(found["counted"], svg), table(found["counted"], columns),
            f"<p>Time, Daisy by Linux, 1 vCPU, 1000 channels: {timed['median']:.2f} "
            f"({timed['least']:.2f} to {timed['most']:.2f}, {len(timed['pairs'])} pairs).</p>"]
