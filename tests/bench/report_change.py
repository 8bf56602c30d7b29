# SPDX-License-Identifier: MIT
"""The page's part on two runs: each figure that is not the same in both, before and after.

A measure's rows are told apart by their keys; a figure is a field, or a field of a field ("one.entries").
What only one of the two has measured is left out.
"""

import statistics

SPENT = ("instructions", "entries", "hypercalls")


def of(*names):
    """Of parts of a row: what is counted of each."""
    return tuple(f"{name}.{what}" for name in names for what in SPENT)


def rows(answer):
    return answer


def part(name):
    return lambda answer: answer[name]


def all_vcpus(answer):
    """One row, because there are so many."""
    return [{what: statistics.median(row[what] for row in answer) for what in SPENT}]


# The measure: where its rows are, their keys, the figures.
FIGURES = [
    ("events", rows, ("guest", "type", "route", "abi"), ("instructions.usual", "instructions.least",
                                                         "per_event")),
    ("starts", rows, ("guest", "until"), SPENT),
    ("crowds", rows, ("guest", "abi", "way", "bound"), ("one.instructions", "one.entries",
                                                        "all.instructions", "all.entries")),
    ("nets", part("timed"), ("what", "size"), ("ratio.median",)),
    ("nets", part("counted"), ("guest", "how", "window", "size"), SPENT),
    ("resumes", part("counted"), ("guest", "vcpus", "channels"), of("bound", "connected", "worked")),
    ("resumes", lambda answer: [answer["timed"]], (), ("median",)),
    ("idle", rows, ("guest",), ("entries.0", "entries.1", "entries.2")),
    ("vcpus", all_vcpus, (), SPENT),
    ("walls", rows, ("vcpus",), ("median",)),
    ("disks", rows, ("setup", "pattern", "kib", "depth"), (
        "throughput.median", "each.daisy.sends", "each.daisy.irqs", "each.daisy.entries",
        "each.daisy.hypercalls", "each.linux.entries", "each.linux.hypercalls")),
]


def look_up(row, path):
    for name in path.split("."):
        row = row[int(name) if isinstance(row, list) else name]
    return row


def figures(document):
    """{(measure, of what, figure): number}, in the page's order."""
    return {(measure, ", ".join(f"{row[key]} {key}" if isinstance(row[key], int) else str(row[key])
                                for key in keys if row[key] is not None), path): look_up(row, path)
            for measure, rows_of, keys, paths in FIGURES if measure in document
            for row in rows_of(document[measure]) for path in paths}


def changes(before, after):
    """[(measure, of what, figure, before, after)] of those that differ, and how many do not."""
    old, new = figures(before), figures(after)
    both = [(*key, old[key], new[key]) for key in new if key in old]
    return [row for row in both if row[3] != row[4]], sum(row[3] == row[4] for row in both)


def by(row):
    before, after = row[3:]
    return f"{after / before - 1:+.1%}" if before and after is not None else ""


def shown(number):
    return number if number is None else f"{number:,.4g}" if isinstance(number, float) else f"{number:,}"


COLUMNS = {"measure": lambda row: row[0], "of": lambda row: row[1], "figure": lambda row: row[2],
           "before": lambda row: shown(row[3]), "after": lambda row: shown(row[4]), "change": by}


def section(before, after, table):
    """table: report.py's."""
    changed, same = changes(before, after)
    return ["<h2>Before and after</h2>", table(changed, COLUMNS),
            f"<p>{same} figures are the same in both. What is timed, or waits for dom0, is another one in "
            "each run, by as much as the measures' spread.</p>"]
