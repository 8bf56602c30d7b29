# SPDX-License-Identifier: MIT
"""Ratios of two guests run in turn (pairs.py), as bars."""

from matplotlib import pyplot


def bars(ratios, line, label, scale="linear"):
    """ratios: name to what pairs.ratio() says. The median of each, and all of the spread; a line where the
    target is."""
    figure, axes = pyplot.subplots(figsize=(7, 0.3 * len(ratios) + 1))
    medians = [found["median"] for found in ratios.values()]
    spread = [[found["median"] - found["least"] for found in ratios.values()],
              [found["most"] - found["median"] for found in ratios.values()]]
    drawn = axes.barh(list(ratios), medians, xerr=spread, color="tab:orange", ecolor="tab:gray", capsize=2)
    axes.bar_label(drawn, [f"{median:.2g}" for median in medians], label_type="center")
    axes.axvline(line, color="black", linewidth=1)
    axes.set_xscale(scale)
    axes.invert_yaxis()
    axes.set_xlabel(label)
    return figure
