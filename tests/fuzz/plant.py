#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A copy of a source file with a bug planted.

plant.py LIST NAME OUT   writes the changed file of the plant of that name

A plant in the list is a paragraph: its name and the file; the text as it is there, each line
behind "- "; what it becomes, each line behind "+ ". Blanks around a line do not count. The text
must be there exactly once: when the source has changed, the plant is to be changed as well.
"""

import sys


def read_plants(path):
    with open(path, encoding="utf-8") as file:
        lines = [line.strip() for line in file if not line.startswith("#")]
    for paragraph in "\n".join(lines).split("\n\n"):
        first, *rest = paragraph.strip().split("\n")
        if not first:
            continue
        name, source = first.split()
        yield (name, source, [line[2:] for line in rest if line.startswith("- ")],
               [line[2:] for line in rest if line.startswith("+ ")])


def plant(source, old, new):
    with open(source, encoding="utf-8") as file:
        lines = file.read().split("\n")
    bare = [line.strip() for line in lines]
    places = [i for i in range(len(lines)) if old and bare[i:i + len(old)] == old]
    if len(places) != 1:
        sys.exit(f"{source}: this is there {len(places)} times, not once:\n" + "\n".join(old))
    # The line numbers of what follows stay as they are.
    new = ["\t" + line for line in new] + [""] * (len(old) - len(new))
    lines[places[0]:places[0] + len(old)] = new
    return f'#line 1 "{source}"\n' + "\n".join(lines)


def main():
    path, wanted, out = sys.argv[1:]
    for name, source, old, new in read_plants(path):
        if name == wanted:
            with open(out, "w", encoding="utf-8") as file:
                file.write(plant(source, old, new))
            return
    sys.exit(f"{path}: there is no plant {wanted}")


if __name__ == "__main__":
    main()
