"""The tables behind the note, and what is counted in them.

Reads data/{products,split,views,suspects}.csv, data/{history,facts}/, and of reports/ answers.csv,
rejects.csv, cost.json and comparison.json.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from aisle import paths
from aisle.answers import table as answers
from aisle.files import read_json, read_table
from aisle.report import explanations
from aisle.report.translation import gettext, ngettext
from aisle.report.wording import code, local
from aisle.settings.params import Catalogue, Embed, Extract, Resize, read
from aisle.settings.sections import Report
from aisle.standings.competitors import Competitor
from aisle.standings.standings import Standings

PARTITIONS = ("train", "val", "test")
HISTORY_SCORES = ["loss", "accuracy", "val_loss", "val_accuracy"]
StageRuns = Mapping[str, Mapping[str, float]]
"""By DVC's name, such as `train@cnn`: `seconds` and `peak_megabytes`, as in cost.json."""


@dataclass(frozen=True)
class Settings:
    """The sections of params.yaml that the note speaks about."""

    catalogue: Catalogue
    extract: Extract
    resize: Resize
    embed: Embed
    report: Report


@dataclass(frozen=True)
class Evidence:
    """Everything the note and its figures are made from; dicts are keyed by competitor's name.

    `combined` holds the record of each ensemble, `comparison` what `compare` found beside scores
    and verdicts, `suspects` the labels that most candidates contradict, `multiply_additions` what
    each backbone that was embedded with computes for one photo.
    """

    standings: Standings
    settings: Settings
    products: pd.DataFrame
    rejects: pd.DataFrame
    split: pd.DataFrame
    views: pd.DataFrame
    histories: dict[str, pd.DataFrame]
    predictions: dict[str, pd.DataFrame]
    combined: dict[str, dict[str, Any]]
    cost: dict[str, Any]
    comparison: dict[str, Any]
    suspects: pd.DataFrame
    explained: Sequence[explanations.Explanation]
    multiply_additions: Mapping[str, int]

    @property
    def categories(self) -> list[str]:
        """The category names in the order of their ids."""
        return sorted(self.products["category"].unique())

    @cached_property
    def classifications(self) -> dict[str, pd.DataFrame]:
        """Precision, recall, F1 and support of each category, by competitor's name."""
        return {
            name: answers.per_category(table, names=self.categories)
            for name, table in self.predictions.items()
        }


def load(standings: Standings) -> Evidence:
    """Return all tables of the competitors in `standings`; AisleError names a missing one."""
    predictions = answers.read_all(paths.ANSWERS)
    text = ("product_id", "category", "image", "name", "description", "specifications", "group")
    return Evidence(
        standings=standings,
        settings=Settings(
            catalogue=read("catalogue", Catalogue),
            extract=read("extract", Extract),
            resize=read("resize", Resize),
            embed=read("embed", Embed),
            report=read("report", Report),
        ),
        products=read_table(paths.PRODUCTS, text=text),
        rejects=read_table(paths.REJECTS, text=("product_id", "image", "reason", "kind")),
        split=read_table(paths.SPLIT, text=("product_id",)),
        views=read_table(paths.VIEWS, text=("product_id",)),
        histories={
            c.name: _history(c.name) for c in standings.candidates if paths.history(c.name).exists()
        },
        predictions={c.name: predictions[c.name] for c in standings.competitors},
        combined={c.name: read_json(paths.facts("combine", c.name)) for c in standings.ensembles},
        cost=read_json(paths.COST),
        comparison=read_json(paths.COMPARISON),
        suspects=read_table(paths.SUSPECTS, text=("product_id", "actual", "instead")),
        explained=explanations.load(),
        multiply_additions=_multiply_additions(w.variant for w in standings.weights),
    )


@dataclass(frozen=True)
class StageCost:
    """The time of all runs of a stage, or of several, and the memory of the largest run."""

    title: str
    runs: int
    seconds: float
    longest: str
    longest_seconds: float
    largest: str
    peak_bytes: float


def shares(evidence: Evidence) -> pd.DataFrame:
    """Return products per category and partition of fold 0: [category, (products, train, …)]."""
    first = evidence.split[evidence.split["fold"] == 0]
    merged = evidence.products.merge(first, on="product_id")
    table = pd.crosstab(merged["category"], merged["partition"])
    table = table.reindex(index=evidence.categories, columns=list(PARTITIONS), fill_value=0)
    table.insert(0, "products", evidence.products["category"].value_counts())
    return table


def view_counts(evidence: Evidence) -> pd.DataFrame:
    """Return photos per partition and view of fold 0, views in the order of views.csv."""
    first = evidence.views[evidence.views["fold"] == 0]
    table = pd.crosstab(first["partition"], first["view"])
    return table.reindex(index=list(PARTITIONS), columns=list(first["view"].unique()), fill_value=0)


def checks(evidence: Evidence) -> list[tuple[str, int]]:
    """Return what must not happen and how often it did."""
    leaks = evidence.standings.split["leaks"]
    tests = evidence.split[evidence.split["partition"] == "test"]
    test_views = evidence.views[evidence.views["partition"] == "test"]
    wanted = set(tests["product_id"])
    return [
        (gettext("products on two sides of a split"), int(leaks["products"])),
        (gettext("identical photo files on two sides"), int(leaks["photos"])),
        (gettext("groups of duplicates on two sides"), int(leaks["groups"])),
        (gettext("products tested more than once"), int(tests["product_id"].duplicated().sum())),
        (
            gettext("test photos other than the original"),
            int((test_views["view"] != "original").sum()),
        ),
        (
            gettext("competitors scored on other products"),
            sum(set(one["product_id"]) != wanted for one in evidence.predictions.values()),
        ),
    ]


def rejected(evidence: Evidence) -> list[tuple[str, int]]:
    """Return each kind of reason with its number of rows, the most frequent first."""
    counts = evidence.rejects["kind"].value_counts().sort_index()
    return [
        (gettext(str(kind)), int(n))
        for kind, n in counts.sort_values(ascending=False, kind="stable").items()
    ]


def resources_used(evidence: Evidence, competitor: Competitor) -> tuple[float, float]:
    """Return the seconds to train, with the frozen pass, and the milliseconds per product."""
    cost = evidence.cost["candidates"][competitor.name]
    seconds = float(cost["fit_seconds"]) + float(cost["embed_seconds"])
    return seconds, float(cost["predict_milliseconds"])


def stage_costs(evidence: Evidence, *, rows: int) -> list[StageCost]:
    """Return the costs of the longest stages, one by one; then of the others; then of all.

    `train` and the like are one stage, run once for each candidate.
    """
    runs = evidence.cost["stages"]
    stages: dict[str, dict[str, Mapping[str, float]]] = {}
    for name, cost in runs.items():
        stages.setdefault(name.partition("@")[0], {})[name] = cost
    ordered = sorted(stages, key=lambda stage: -_stage_cost(stage, stages[stage]).seconds)
    longest, rest = ordered[:rows], ordered[rows:]
    others = {name: cost for stage in rest for name, cost in stages[stage].items()}
    return [
        *(_stage_cost(code(stage), stages[stage]) for stage in longest),
        *([_stage_cost(_others(len(rest)), others)] if rest else []),
        _stage_cost(gettext("total"), runs),
    ]


def smallest(evidence: Evidence) -> tuple[str, int]:
    """Return the tested category with the fewest test products, and their number."""
    counts = next(iter(evidence.predictions.values()))["actual"].value_counts().sort_index()
    return str(counts.idxmin()), int(counts.min())


def weakest(evidence: Evidence, candidate: Competitor) -> tuple[str, float, int]:
    """Return the category with the lowest F1, that F1, and its number of test products."""
    table = evidence.classifications[candidate.name]
    table = table[table["support"] > 0]
    row = table.loc[table["f1"].astype(float).idxmin()]
    return str(row["category"]), float(row["f1"]), int(row["support"])


def confused(evidence: Evidence, candidate: Competitor) -> tuple[str, str, int] | None:
    """Return the most frequent mistake: actual, predicted, how often; None without mistakes."""
    table = evidence.predictions[candidate.name]
    wrong = table[table["actual"] != table["predicted"]]
    if wrong.empty:
        return None
    counts = wrong.groupby(["actual", "predicted"]).size()
    actual, predicted = counts.idxmax()
    return str(actual), str(predicted), int(counts.max())


def with_learning_curves(evidence: Evidence, candidates: Sequence[Competitor]) -> list[Competitor]:
    """Return the candidates with more than one epoch in some fold: those with learning curves."""
    return [
        c
        for c in candidates
        if c.name in evidence.histories
        and evidence.histories[c.name].groupby("fold").size().max() > 1
    ]


def _others(number: int) -> str:
    return ngettext("{n} other", "{n} others", number, n=local(f"{number:,}"))


def _stage_cost(title: str, runs: StageRuns) -> StageCost:
    longest = max(runs, key=lambda name: runs[name]["seconds"])
    largest = max(runs, key=lambda name: runs[name]["peak_megabytes"])
    return StageCost(
        title=title,
        runs=len(runs),
        seconds=sum(cost["seconds"] for cost in runs.values()),
        longest=longest,
        longest_seconds=runs[longest]["seconds"],
        largest=largest,
        peak_bytes=1e6 * runs[largest]["peak_megabytes"],
    )


def _multiply_additions(variants: Iterable[str]) -> dict[str, int]:
    """Return those of the backbones that `embed` ran; it skips those that no competitor reads."""
    found = {variant: read_json(paths.facts("embed", variant)) for variant in variants}
    key = "multiply_additions"
    return {variant: int(cost[key]) for variant, cost in found.items() if key in cost}


def _history(name: str) -> pd.DataFrame:
    table = read_table(paths.history(name))
    table[HISTORY_SCORES] = table[HISTORY_SCORES].apply(pd.to_numeric, errors="coerce")
    return table
