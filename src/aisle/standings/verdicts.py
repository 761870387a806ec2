"""The verdict on each pair of competitors, as `compare` wrote them, and the winner by the rule.

reports/comparison.csv has a row for each pair.
"""

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Self

from aisle import files, paths
from aisle.errors import AisleError
from aisle.statistics.paired import Verdict

PAIRS = paths.COMPARISON.with_suffix(".csv")

TEXTS = ("first", "second", "word")
COUNTS = ("only_first", "only_second", "needed")
COLUMNS = (
    *(*TEXTS, "difference", "low", "high", "only_first", "only_second", "p", "p_holm"),
    *("needed", "mistakes_in_common", "ceiling"),
)


@dataclass(frozen=True, kw_only=True)
class Pair(Verdict):
    """Two competitors by name, with the verdict on the first and what it says beside.

    `needed`: test products that would show this difference if it were the true one; 0 if there is
    none. `mistakes_in_common`: share of their mistakes that both make. `ceiling`: accuracy if you
    knew for each product which of the two to trust.
    """

    first: str
    second: str
    needed: int
    mistakes_in_common: float
    ceiling: float

    def mirrored(self) -> Self:
        """Return the same pair with the verdict on the second."""
        return replace(super().mirrored(), first=self.second, second=self.first)


@dataclass(frozen=True)
class Verdicts:
    """All pairs, in any order of the two."""

    pairs: Mapping[tuple[str, str], Pair]

    def between(self, first: str, second: str) -> Pair:
        """Return the verdict on `first` compared with `second`."""
        found = self.pairs.get((first, second))
        return found if found is not None else self.pairs[second, first].mirrored()

    def __iter__(self) -> Iterator[Pair]:
        return iter(self.pairs.values())


@dataclass(frozen=True)
class Winner:
    """The winner among some competitors by the rule of params.yaml.

    `best` has the most correct answers. `ties` are practically as good, including itself; the
    cheapest of them is the `winner`. This test cannot say whether `undecided` are as good.
    """

    winner: str
    best: str
    ties: tuple[str, ...]
    undecided: tuple[str, ...]


def winner(
    ranked: Sequence[str],
    *,
    verdicts: Verdicts,
    costs: Mapping[str, Mapping[str, float]],
    by: Sequence[str],
) -> Winner:
    """Return the winner among `ranked`, the best first; the costs in `by` break ties."""
    best, *others = ranked
    words = {name: verdicts.between(best, name).word for name in others}
    ties = (best, *(name for name in others if words[name] == "tie"))
    return Winner(
        winner=min(ties, key=lambda name: tuple(costs[name][key] for key in by)),
        best=best,
        ties=ties,
        undecided=tuple(name for name in others if words[name] == "undecided"),
    )


def write(pairs: Sequence[Pair]) -> None:
    """Write reports/comparison.csv, one row per pair."""
    import pandas as pd

    rows = [asdict(pair) for pair in pairs]
    files.write_table(pd.DataFrame(rows, columns=list(COLUMNS)), PAIRS)


def read(path: Path = PAIRS) -> Verdicts:
    """Return the verdicts that `write` wrote."""
    if not path.exists():
        raise AisleError(f"'{path}' is missing: the stage 'compare' makes it. Run 'dvc repro'.")
    with path.open(encoding="utf-8", newline="") as file:
        return from_pairs([_pair(row) for row in csv.DictReader(file)])


def from_pairs(pairs: Sequence[Pair]) -> Verdicts:
    """Return the pairs as a table that is looked up by two names."""
    return Verdicts({(pair.first, pair.second): pair for pair in pairs})


def _pair(row: Mapping[str, str]) -> Pair:
    values: dict[str, Any] = {key: float(row[key]) for key in COLUMNS if key not in TEXTS}
    values |= {key: int(row[key]) for key in COUNTS} | {key: row[key] for key in TEXTS}
    return Pair(**values)
