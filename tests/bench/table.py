# SPDX-License-Identifier: GPL-2.0-or-later
"""The table of figures, build/bench.tsv, and how it is shown."""

import os

COLUMNS = ["name", "value", "unit", "peer", "peer value", "ratio", "goal", "spread"]
TABLE = "build/bench.tsv"


def is_met(row):
    """Whether the goal is: a relation and a number"""
    relation, goal = row[6].split()
    value = float(row[5] or row[1])
    return value >= float(goal) if relation == ">=" else value <= float(goal)


def others(names):
    """The rows that are there already, but those of `names`"""
    if not os.path.exists(TABLE):
        return []
    with open(TABLE) as source:
        rows = [line.rstrip("\n").split("\t") for line in source][1:]
    return [row for row in rows if row[0] not in names]


def write(rows, keep=False):
    """Anew, or with `keep` in place of rows of the same names; and show them."""
    kept = others({row[0] for row in rows}) if keep else []
    with open(TABLE, "w") as target:
        for cells in [COLUMNS, *kept, *rows]:
            print(*cells, sep="\t", file=target)
    widths = [max(len(cells[i]) for cells in [COLUMNS, *rows]) for i in range(len(COLUMNS))]
    for cells in [COLUMNS, *rows]:
        line = "  ".join(cell.ljust(width) for cell, width in zip(cells, widths)).rstrip()
        print(line + ("   MISSED" if cells[6] and cells is not COLUMNS and not is_met(cells) else ""))
    print(f"\nAlso in {TABLE}.")
