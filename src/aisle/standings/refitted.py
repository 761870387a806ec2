"""The answers of refits, by the candidate that was fitted again."""

import pandas as pd

from aisle import paths
from aisle.answers import table
from aisle.settings.refits import refits
from aisle.standings import records


def read() -> dict[str, pd.DataFrame]:
    """Return the answers of all refits of each candidate; none twice, where a role names it too."""
    found: dict[str, list[pd.DataFrame]] = {}
    for entry in refits():
        name = records.refitted(entry)
        if name is not None:
            found.setdefault(name, []).append(table.read(paths.refit(entry)))
    keys = [table.SEED, table.SHARE, table.PRODUCT]
    return {
        name: pd.concat(tables, ignore_index=True).drop_duplicates(keys, ignore_index=True)
        for name, tables in found.items()
    }
