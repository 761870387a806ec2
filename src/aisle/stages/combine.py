"""Stage `combine`: data/members/ENSEMBLE/ → data/ensembles/, answers on test and on val."""

import argparse
from typing import Any

import pandas as pd

from aisle import files, paths
from aisle.answers import combining, table
from aisle.settings import params
from aisle.stages import run


def answer(name: str) -> tuple[pd.DataFrame, pd.DataFrame, dict[str, Any]]:
    """Return an ensemble's answers on test and val, and its facts, from data/members.

    No rows, and the reason, where a member was left out. AisleError where the members' tables do
    not match.
    """
    settings, folder = params.ensemble(name), paths.members(name)
    test, val = (
        {member: table.read(folder / part / f"{member}.csv") for member in settings.members}
        for part in ("test", "val")
    )
    absent = folder / paths.LEFT_OUT
    if absent.exists():
        empty = table.empty(table.categories(test[settings.members[0]]))
        return empty, empty, files.read_json(absent)
    table.check_same_products(test, where=f"ensemble '{name}' on test")
    table.check_same_products(val, where=f"ensemble '{name}' on val")
    return combining.combine(test, validation=val, method=settings.method)


def main() -> None:
    """Write one ensemble's answers and facts, given on the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("ensemble")
    name = parser.parse_args().ensemble
    answers, watched, facts = answer(name)
    files.write_table(answers, paths.ensemble_predictions(name))
    files.write_table(watched, paths.ensemble_validation(name))
    files.write_json(facts, paths.facts("combine", name))
    right = f"{table.right(answers).sum()} of {len(answers)} right"
    print(f"{name}: {facts.get('left_out', right)}")


if __name__ == "__main__":
    run(main)
