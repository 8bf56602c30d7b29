# SPDX-License-Identifier: MIT
"""make report: one or several answers of make bench as one page of HTML that needs nothing else. Of two,
the first is what was before.

    report.py --out build/bench.html [--pictures docs/pictures] [BEFORE.json] build/bench.json

--pictures: those of the README, as files.
"""

import argparse
import html
import io
import json
import os

import matplotlib

matplotlib.use("svg")
matplotlib.rcParams |= {"svg.fonttype": "none", "svg.hashsalt": "daisy"}  # short, the same each time

from matplotlib import pyplot  # noqa: E402  (the backend comes first)

import report_boots  # noqa: E402
import report_change  # noqa: E402
import report_crowds  # noqa: E402
import report_disks  # noqa: E402
import report_nets  # noqa: E402
import report_resumes  # noqa: E402

SCHEMA = "daisy-bench-2"
# Figures of other guests, counted the same way by hand, and where they stand.
RECORDED = {"Linux 6.1, least": 127, "Linux 6.1, p10": 274, "Mini-OS": 294,
            "bare 2-level dispatcher": 23}
RECORDED_SOURCE = "shared facts on Xen HVM guests; Xen 4.17, one self-sent event, trap entry to IRET"
COLUMNS = ("2l", "fifo")
# Measures that have a file of their own here.
SECTIONS = {"starts": report_boots.starts, "idle": report_boots.idle, "vcpus": report_boots.vcpus,
            "walls": report_boots.walls, "crowds": report_crowds.section, "disks": report_disks.section,
            "nets": report_nets.section, "resumes": report_resumes.section}


def load(path):
    with open(path, encoding="utf-8") as file:
        document = json.load(file)
    if document.get("schema") != SCHEMA:
        raise SystemExit(f"{path} is no answer of make bench: its schema is not {SCHEMA}")
    return document


def svg(figure):
    """The figure as an element of the page."""
    out = io.StringIO()
    figure.savefig(out, format="svg", bbox_inches="tight", metadata={"Date": None})
    pyplot.close(figure)
    text = out.getvalue()
    return text[text.index("<svg"):]


# -- pictures ---------------------------------------------------------------------------------

def routes_of(rows):
    return list(dict.fromkeys(row["route"] for row in rows if row["guest"] == "daisy"))


def heat_map(rows, title, value):
    """Routes by ABIs."""
    names = routes_of(rows)
    cells = {(row["route"], row["abi"]): value(row) for row in rows if row["guest"] == "daisy"}
    data = [[cells.get((name, abi)) or float("nan") for abi in COLUMNS] for name in names]
    figure, axes = pyplot.subplots(figsize=(4, 0.5 * len(names) + 1))
    axes.imshow(data, cmap="YlOrBr", aspect="auto", alpha=0.5)
    axes.set_xticks(range(len(COLUMNS)), COLUMNS)
    axes.set_yticks(range(len(names)), names)
    for y, line in enumerate(data):
        for x, number in enumerate(line):
            axes.text(x, y, "none" if number != number else f"{number:g}", ha="center", va="center")
    axes.set_title(title)
    return svg(figure)


def beside_others(rows):
    """Instructions of an event, of all who were counted."""
    bars = {f"Daisy {row['route']} {row['abi']}": row["instructions"]["usual"]
            for row in rows if row["guest"] == "daisy" and row["instructions"]["usual"]}
    bars |= {f"Linux {row['type']} {row['abi']}": row["instructions"]["p10"]
             for row in rows if row["guest"] == "linux"}
    bars |= {f"{name} (recorded)": number for name, number in RECORDED.items()}
    bars = dict(sorted(bars.items(), key=lambda bar: bar[1]))
    figure, axes = pyplot.subplots(figsize=(7, 0.3 * len(bars) + 1))
    colours = ["tab:orange" if name.startswith("Daisy") else "tab:gray" for name in bars]
    drawn = axes.barh(list(bars), list(bars.values()), color=colours)
    axes.bar_label(drawn, padding=3)
    axes.margins(x=0.1)
    axes.invert_yaxis()
    axes.set_xlabel("guest instructions from the interrupt's entry to IRET (Linux: 10th percentile)")
    return svg(figure)


# -- the page ---------------------------------------------------------------------------------

def table(rows, columns):
    head = "".join(f"<th>{html.escape(name)}</th>" for name in columns)
    lines = "".join("<tr>" + "".join(f"<td>{html.escape(str(get(row)))}</td>"
                                     for get in columns.values()) + "</tr>" for row in rows)
    return f"<table><tr>{head}</tr>{lines}</table>"


EVENTS = {"guest": lambda r: r["guest"], "type": lambda r: r["type"], "route": lambda r: r["route"],
          "ABI": lambda r: r["abi"], "instructions": lambda r: r["instructions"]["usual"],
          "least": lambda r: r["instructions"]["least"], "p10": lambda r: r["instructions"]["p10"],
          "p90": lambda r: r["instructions"]["p90"], "with the send": lambda r: r["whole"],
          "exits per event": lambda r: r["per_event"],
          "by cause": lambda r: ", ".join(f"{n} {cause}" for cause, n in r["exits"].items())}


def page(document, before):
    parts = [f"<p>{html.escape(', '.join(f'{k}: {v}' for k, v in document['configuration'].items()))}</p>"]
    if "events" in document:
        rows = document["events"]
        parts += ["<h2>An event</h2>",
                  heat_map(rows, "instructions, by route and ABI", lambda r: r["instructions"]["usual"]),
                  heat_map(rows, "VM exits, by route and ABI", lambda r: r["per_event"]),
                  beside_others(rows), f"<p>Recorded: {RECORDED_SOURCE}.</p>", table(rows, EVENTS)]
    for name, section in SECTIONS.items():
        if name in document:
            parts += section(document[name], svg, table)
    if before:
        parts += report_change.section(before, document, table)
    return "\n".join(parts)


# The README's: of which measure, and what is drawn of it.
PICTURES = {"events.svg": ("events", beside_others),
            "sharing.svg": ("crowds", lambda rows: svg(report_crowds.sharing(rows)))}


def write_pictures(document, folder):
    os.makedirs(folder, exist_ok=True)
    for name, (measure, drawn) in PICTURES.items():
        if measure in document:
            with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
                file.write("<!-- SPDX-License-Identifier: MIT -->\n" + drawn(document[measure]))


STYLE = """body { font-family: sans-serif; max-width: 60em; margin: 2em auto }
table { border-collapse: collapse } td, th { border: 1px solid #ccc; padding: 0.2em 0.5em }"""


def main():
    parser = argparse.ArgumentParser(description="pictures of what make bench has measured")
    parser.add_argument("answers", nargs="+", help="one, or before and after")
    parser.add_argument("--out", default="build/bench.html")
    parser.add_argument("--pictures", help="a folder for the README's pictures")
    args = parser.parse_args()
    documents = [load(path) for path in args.answers]
    before = documents[0] if len(documents) > 1 else None
    body = page(documents[-1], before)
    if args.pictures:
        write_pictures(documents[-1], args.pictures)
    with open(args.out, "w", encoding="utf-8") as file:
        file.write(f"<!DOCTYPE html><html><head><meta charset='utf-8'><title>Daisy, measured</title>"
                   f"<style>{STYLE}</style></head><body><h1>Daisy, measured</h1>{body}</body></html>\n")


if __name__ == "__main__":
    main()
