"""Holds the median of the numbers in a file against thresholds.json: ratio.py <name> <file>."""

import json
import pathlib
import statistics
import sys

name, file = sys.argv[1], pathlib.Path(sys.argv[2])
value = statistics.median(float(line) for line in file.read_text().split())
limits = json.loads((pathlib.Path(__file__).parent / "thresholds.json").read_text())[name]
kept = limits.get("minimum", value) <= value <= limits.get("maximum", value)
print(f"{name}: {value:g} ({', '.join(f'{k} {v:g}' for k, v in limits.items())}){'' if kept else '  NOT KEPT'}")
sys.exit(0 if kept else 1)
