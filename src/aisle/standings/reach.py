"""How far the scores reach: accuracy by similarity to the nearest training product.

Tables of answers and data/reach.csv in, plain values for reports/comparison.json out.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from aisle import paths
from aisle.answers import table
from aisle.errors import AisleError
from aisle.settings.sections import Compare
from aisle.standings.comparison import share
from aisle.statistics.clustered import clusters
from aisle.statistics.shares import fisher

SIMILARITY, BACKBONE = "similarity", "backbone"
STEPS = (-0.2, -0.1, 0.0, 0.1)
"""Edges of the bins, from the similarity of a near twin."""


def reach(
    tables: Mapping[str, pd.DataFrame],
    near: pd.DataFrame,
    *,
    groups: pd.Series,
    twin: float,
    settings: Compare,
) -> dict[str, Any] | None:
    """Return each competitor's accuracy by similarity; None where nothing says what is similar.

    `tables` are answers on the same products, `near` is data/reach.csv, `groups` has each product's
    duplicate group, which the intervals know; they know no folds. A test product has a near
    twin if its nearest training product is `twin` similar or more. Per competitor: `bins` in the
    order of the bins, `near` and `far` (None without such a product), and `p`, of Fisher's exact
    test that both are equal, which takes products as independent; None where one side is empty.
    """
    if near.empty:
        return None
    rows = next(iter(tables.values()))[[table.PRODUCT, table.FOLD]]
    matched = rows.merge(near, how="left", on=[table.PRODUCT, table.FOLD], validate="1:1")
    similar = matched[SIMILARITY].to_numpy(dtype=float)
    if np.isnan(similar).any():
        raise AisleError(
            f"'{paths.REACH}' lacks {int(np.isnan(similar).sum())} of {len(similar)} test "
            "products: it was made for another split. Run 'dvc repro'."
        )
    edges = [round(twin + step, 2) for step in STEPS if twin + step < 1]
    place = np.digitize(similar, edges)
    used = np.unique(place)
    has_twin = similar >= twin
    group = groups.loc[rows[table.PRODUCT]].to_numpy()
    bounds = [None, *edges, None]
    return {
        "backbone": str(near[BACKBONE].iloc[0]),
        "twin": twin,
        "products": len(similar),
        "with_twin": int(has_twin.sum()),
        "bins": [
            {"low": bounds[at], "high": bounds[at + 1], "products": int((place == at).sum())}
            for at in used.tolist()
        ],
        "competitors": {
            name: _of_one(
                table.right(one),
                place=place,
                used=used,
                has_twin=has_twin,
                group=group,
                settings=settings,
            )
            for name, one in tables.items()
        },
    }


def _of_one(
    right: np.ndarray,
    *,
    place: np.ndarray,
    used: np.ndarray,
    has_twin: np.ndarray,
    group: np.ndarray,
    settings: Compare,
) -> dict[str, Any]:
    def of(chosen: np.ndarray) -> dict[str, Any]:
        together = clusters(int(chosen.sum()), groups=group[chosen])
        return share(right[chosen], together=together, settings=settings)

    near, far = (of(chosen) if chosen.any() else None for chosen in (has_twin, ~has_twin))
    p = None
    if near and far:
        p = fisher(
            successes=(near["right"], far["right"]), trials=(near["products"], far["products"])
        )
    return {
        "bins": [of(place == at) for at in used],
        "near": near,
        "far": far,
        "p": None if p is None else float(f"{p:.3g}"),
    }
