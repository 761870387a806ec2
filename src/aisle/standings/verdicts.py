"""The verdicts on pairs of competitors, as `compare` wrote them, and the winner by the rule.

reports/comparison.csv has a row for each pair of each family.
"""

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal, Self, get_args

from aisle import files, paths
from aisle.errors import AisleError
from aisle.statistics.paired import Verdict

PAIRS = paths.COMPARISON.with_suffix(".csv")

Family = Literal["contest", "inputs", "controls", "finalist", "all"]
FAMILIES: tuple[Family, ...] = get_args(Family)
"""What is tested together, in the order of the tests; the last one explores and confirms nothing.
"""

TEXTS = ("family", "first", "second", "word")
COUNTS = ("only_first", "only_second", "both_wrong")
COLUMNS = (*TEXTS, "difference", "low", "high", *COUNTS, "p", "p_holm")


@dataclass(frozen=True, kw_only=True)
class Pair(Verdict):
    """Two competitors by name, with the verdict on the first, and how often both are wrong.

    `p_holm` is corrected for the pairs of the same family.
    """

    family: Family
    first: str
    second: str
    both_wrong: int

    def mirrored(self) -> Self:
        """Return the same pair with the verdict on the second."""
        return replace(super().mirrored(), first=self.second, second=self.first)


@dataclass(frozen=True)
class Verdicts:
    """All pairs of all families, in any order of the two."""

    pairs: Mapping[tuple[Family, str, str], Pair]

    def between(self, first: str, second: str, *, family: Family | None = None) -> Pair:
        """Return the verdict on `first` compared with `second`.

        Without `family`, that of the first family that tests the two.
        """
        for one in FAMILIES if family is None else (family,):
            if (one, first, second) in self.pairs:
                return self.pairs[one, first, second]
            if (one, second, first) in self.pairs:
                return self.pairs[one, second, first].mirrored()
        raise KeyError((family, first, second))

    def of(self, family: Family) -> list[Pair]:
        """Return the pairs of one family."""
        return [pair for pair in self if pair.family == family]

    def __iter__(self) -> Iterator[Pair]:
        return iter(self.pairs.values())


@dataclass(frozen=True)
class Winner:
    """The winner among some competitors by the rule of params.yaml.

    `best` was the best on val. On test, `ties` are practically as good, including itself; the
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
    """Return the winner among `ranked`, the best on val first; the costs in `by` break ties."""
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
    """Write reports/comparison.csv, one row per pair and family."""
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
    return Verdicts({(pair.family, pair.first, pair.second): pair for pair in pairs})


def _pair(row: Mapping[str, str]) -> Pair:
    values: dict[str, Any] = {key: float(row[key]) for key in COLUMNS if key not in TEXTS}
    values |= {key: int(row[key]) for key in COUNTS} | {key: row[key] for key in TEXTS}
    return Pair(**values)
