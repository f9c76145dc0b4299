"""Holds what a benchmark measured against thresholds.json."""

import json
import pathlib


def kept(measured):
    """Prints each value with its maximum; whether all keep to theirs."""
    limits = json.loads((pathlib.Path(__file__).parent / "thresholds.json").read_text())
    all_hold = True
    for name, value in measured.items():
        holds = value <= limits[name]["maximum"]
        all_hold = all_hold and holds
        shown = value if isinstance(value, int) else f"{value:.4g}"
        print(f"{name}: {shown} (maximum {limits[name]['maximum']}){'' if holds else '  NOT KEPT'}")
    return all_hold
