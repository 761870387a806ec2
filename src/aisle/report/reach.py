"""How far the scores of the finalists reach, in rows and sentences."""

from dataclasses import dataclass
from typing import Any

from aisle.report.evidence import Evidence
from aisle.report.translation import N_, gettext
from aisle.report.wording import code, counted, decimal, number, probability, share
from aisle.standings.competitors import Competitor

BETWEEN, BELOW, ABOVE = N_("{low} to {high}"), N_("below {high}"), N_("{low} or more")

BEYOND = N_(
    "Products of a new shelf, photographer or series have no near twin: for them expect the last "
    "figure, not the accuracy of the whole test."
)
WITHIN = N_(
    "Chance explains the gap (Fisher's exact test); products of a new shelf, photographer or "
    "series are like those without."
)
BETTER = N_("Those without a near twin are right more often, which chance does not explain.")
NONE = N_("So every test product is unlike what was learned from, as on a new shelf.")
ONE_SIDED = N_(
    "So this test does not tell how the scores change for products of a new shelf, photographer or "
    "series, which have no near twin."
)


@dataclass(frozen=True)
class Reach:
    """What the note says: sentences, warnings, and the finalists' accuracy in rows.

    A row has the range of similarity, the number of products, and a share for each finalist;
    `backbone` says what is similar.
    """

    backbone: str
    finalists: list[Competitor]
    rows: list[tuple[str, int, list[dict[str, Any]]]]
    sentences: list[str]
    warnings: list[str]


def reach(found: Evidence) -> Reach | None:
    """Return how far both finalists' scores reach; None where nothing says what is similar."""
    facts = found.comparison.get("reach")
    if not facts:
        return None
    finalists = [c for c in found.standings.contest if c.kind != "control"]
    of = {c.name: facts["competitors"][c.name] for c in finalists}
    rows = [
        (_range(one), one["products"], [each["bins"][at] for each in of.values()])
        for at, one in enumerate(facts["bins"])
    ]
    sentences = [
        gettext(
            "{twins} of {products} have a near twin among the training products: one with a "
            "similarity of {twin} or more.",
            twins=number(facts["with_twin"]),
            products=counted(facts["products"], "test product", "test products"),
            twin=decimal(facts["twin"]),
        )
    ]
    both = {name: one for name, one in of.items() if one["near"] and one["far"]}
    for name, one in both.items():
        sentences.append(
            gettext(
                "{name} is right on {near} of those with one, and on {far} of the {others} "
                "without.",
                name=code(name),
                near=share(one["near"]["share"]),
                far=share(one["far"]["share"]),
                others=number(one["far"]["products"]),
            )
        )
    level = (1 - found.comparison["rule"]["confidence"]) / max(1, len(finalists))
    warnings = _warnings(found, of, level=level)
    differ = any(_beyond_chance(one, level=level) for one in both.values())
    if both:
        meaning = BEYOND if warnings else BETTER if differ else WITHIN
    else:
        meaning = ONE_SIDED if facts["with_twin"] else NONE
    return Reach(facts["backbone"], finalists, rows, [*sentences, gettext(meaning)], warnings)


def _warnings(found: Evidence, of: dict[str, dict[str, Any]], *, level: float) -> list[str]:
    scores = {c.name: c.score.accuracy for c in found.standings.contest}
    return [
        gettext(
            "The accuracy of {name}, {accuracy}, leans on near twins: {near} with one, {far} "
            "without, which chance does not explain (Fisher's exact test, p = {p}). "
            "`catalogue.columns.group` or `split.keep_together: look` would test it without them.",
            name=code(name),
            accuracy=share(scores[name]),
            near=share(one["near"]["share"]),
            far=share(one["far"]["share"]),
            p=probability(one["p"]),
        )
        for name, one in of.items()
        if _beyond_chance(one, level=level) and one["near"]["share"] > one["far"]["share"]
    ]


def _beyond_chance(one: dict[str, Any], *, level: float) -> bool:
    return one["p"] is not None and one["p"] <= level


def _range(one: dict[str, Any]) -> str:
    text = BELOW if one["low"] is None else ABOVE if one["high"] is None else BETWEEN
    bounds = {key: decimal(one[key]) for key in ("low", "high") if one[key] is not None}
    return gettext(text, **bounds)
