"""Who is better than whom, as `compare` wrote it, and who wins by the rule of params.yaml.

reports/comparison.csv has a row for each pair, reports/comparison.json all else.
"""

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any, Literal

from aisle import files, paths
from aisle.errors import AisleError

PAIRS = paths.COMPARISON.with_suffix(".csv")

Word = Literal["better", "worse", "tie", "undecided"]
MIRRORED: dict[Word, Word] = {"better": "worse", "worse": "better"}


@dataclass(frozen=True)
class Pair:
    """Two competitors on the same products; `word` is about the first.

    `difference` of the accuracies, first minus second, with its interval from `low` to `high`;
    `only_first`, `only_second`: products that only one has right; `p`: McNemar's exact test, and
    after Holm's correction for all pairs `p_holm`; `needed`: test products that would show this
    difference, were it the true one; 0 where there is none. `mistakes_in_common`: share of their
    mistakes that both make; `ceiling`: accuracy if one knew for each product which to believe.
    """

    first: str
    second: str
    word: Word
    difference: float
    low: float
    high: float
    only_first: int
    only_second: int
    p: float
    p_holm: float
    needed: int
    mistakes_in_common: float
    ceiling: float

    @property
    def decided(self) -> bool:
        """Whether one of the two is better."""
        return self.word in MIRRORED

    def mirrored(self) -> "Pair":
        """Return the same pair, seen from the second."""
        return replace(
            self,
            first=self.second,
            second=self.first,
            word=MIRRORED.get(self.word, self.word),
            difference=0 - self.difference,  # not -0.0
            low=0 - self.high,
            high=0 - self.low,
            only_first=self.only_second,
            only_second=self.only_first,
        )


@dataclass(frozen=True)
class Verdicts:
    """All pairs, in any order of the two."""

    pairs: Mapping[tuple[str, str], Pair]

    def between(self, first: str, second: str) -> Pair:
        """Return the verdict about `first`, held against `second`."""
        found = self.pairs.get((first, second))
        return found if found is not None else self.pairs[second, first].mirrored()

    def __iter__(self) -> Iterator[Pair]:
        return iter(self.pairs.values())


@dataclass(frozen=True)
class Winner:
    """What the rule of params.yaml makes of some competitors.

    `best` has the most right answers. `ties` are practically as good, itself among them; of these
    the cheapest is the `winner`. About `undecided` this test cannot say whether they are as good.
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
    """Return who wins among `ranked`, the best first; `by` are the costs that break a tie."""
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
    """Write a row for each pair."""
    import pandas as pd

    columns = [field.name for field in fields(Pair)]
    files.write_table(pd.DataFrame([asdict(pair) for pair in pairs], columns=columns), PAIRS)


def read(path: Path = PAIRS) -> Verdicts:
    """Return what `write` wrote."""
    if not path.exists():
        raise AisleError(f"'{path}' is missing: the stage 'compare' makes it. Run 'dvc repro'.")
    with path.open(encoding="utf-8", newline="") as file:
        return of([_pair(row) for row in csv.DictReader(file)])


def of(pairs: Sequence[Pair]) -> Verdicts:
    """Return the pairs, to be looked up by their names."""
    return Verdicts({(pair.first, pair.second): pair for pair in pairs})


def _pair(row: Mapping[str, str]) -> Pair:
    values: dict[str, Any] = {
        field.name: field.type(row[field.name]) if field.type in (int, float) else row[field.name]
        for field in fields(Pair)
    }
    return Pair(**values)
