"""The finalists: which competitors the test is about, chosen by answers on val alone.

The stage `finalists` writes them to data/finalists, before any answer on test is scored.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from aisle import files, paths
from aisle.errors import AisleError
from aisle.settings.refits import ROLES
from aisle.settings.sections import Compare
from aisle.standings.competitors import ON_PHOTOS, Kind
from aisle.statistics import checks, power

DIGITS = 4
POWER = 0.8
"""Probability of detecting a difference, in statements about the size of the test."""

DIFFERENCES = (0.05, 0.1)
"""Differences for which the products needed are told, besides the margin."""

SIDES = ("transfer", "classical", "photo", "text", "both")
"""What there is one finalist of, each with a file in data/finalists."""


@dataclass(frozen=True)
class Watched:
    """A competitor and how it did on val, pooled over the folds.

    `origin`: a hash of all that its fit comes from. `size`: parameters, then bytes. `untrained`: it
    reads a backbone with random weights.
    """

    name: str
    kind: Kind
    single: bool
    untrained: bool
    origin: str
    right: int
    products: int
    log_loss: float
    size: tuple[float, ...]


@dataclass(frozen=True)
class Finalists:
    """Names by role; None where nobody has it.

    `contest` holds two names, transfer learning first; fewer where fewer compete. `ranking` has all
    competitors, the best on val first.
    """

    contest: tuple[str, ...]
    chosen_by: Literal["validation", "params"]
    ranking: tuple[str, ...]
    transfer: str | None
    classical: str | None
    photo: str | None
    text: str | None
    both: str | None


def choose(watched: Iterable[Watched], *, contest: str | tuple[str, str]) -> Finalists:
    """Return the finalists; `contest` is that of params.yaml.

    Ranked by accuracy on val, then by log loss, then by size. Random weights stand for transfer
    learning only if nothing else does. If a side of the contest is missing, it is between the two
    best learners: candidates that are no controls. If they are fewer, between the two best of all.
    """
    ranked = sorted(watched, key=lambda one: (-one.right / one.products, one.log_loss, one.size))
    trained = [one for one in ranked if not (one.kind == "transfer" and one.untrained)]
    single = [one for one in ranked if one.single]
    transfer = _first(trained, "transfer") or _first(ranked, "transfer")
    classical = _first(ranked, "classical")
    if contest != "validation":
        pair = sorted(_named(ranked, contest), key=lambda one: one.kind != "transfer")
    elif transfer and classical:
        pair = [transfer, classical]
    else:
        learners = [one for one in single if one.kind != "control"]
        pair = (learners if len(learners) > 1 else ranked)[:2]
    return Finalists(
        contest=tuple(one.name for one in pair),
        chosen_by="validation" if contest == "validation" else "params",
        ranking=tuple(one.name for one in ranked),
        transfer=_name(transfer),
        classical=_name(classical),
        photo=_name(_first(single, *ON_PHOTOS)),
        text=_name(_first(ranked, "text")),
        both=_name(_first(ranked, "both")),
    )


def size_of_the_test(
    right: Mapping[str, np.ndarray],
    *,
    contest: Sequence[str],
    folds: np.ndarray,
    groups: np.ndarray,
    products: int,
    settings: Compare,
) -> dict[str, Any]:
    """Return what the contest can show on so many test products, from answers on val alone.

    `right` bool [n] of each competitor, `folds` and `groups` int [n], on the same products of val.

    `discordant`: share of them on which only one of the two of the contest is right.
    `training_deviation`: of the accuracy, from one training to the next, the mean of the two; None
    on one split, where val cannot tell. `smallest_difference`: what the test decides with the
    probability `power`, None if nothing. `needed`: test products for some differences, None where
    no number is enough; empty where the two never disagree on val, which then says nothing of them.
    """
    found: dict[str, Any] = {
        "products": products,
        "few": checks.too_few(products),
        "power": POWER,
        "discordant": None,
        "training_deviation": None,
        "smallest_difference": None,
        "needed": {},
    }
    if len(contest) < 2:
        return found
    names = list(right)
    planned = power.design(
        np.stack(list(right.values())),
        pair=(names.index(contest[0]), names.index(contest[1])),
        folds=folds,
        groups=groups,
    )
    if not planned.discordant:
        return found | {"discordant": 0.0}
    asked = {"confidence": settings.confidence, "power": POWER}
    smallest = power.smallest_difference(planned, products=products, **asked)
    differences = dict.fromkeys(sorted({settings.margin, *DIFFERENCES}))
    deviation = float(np.sqrt(planned.training[:2].mean()))
    return found | {
        "discordant": round(planned.discordant, DIGITS),
        "training_deviation": round(deviation, DIGITS) if planned.folds > 1 else None,
        "smallest_difference": None if smallest is None else round(smallest, DIGITS),
        "needed": {
            f"{difference:g}": power.products_needed(planned, difference=difference, **asked)
            for difference in differences
        },
    }


def write(
    found: Finalists,
    *,
    watched: Sequence[Watched],
    size: Mapping[str, Any],
    refits: Iterable[str],
) -> None:
    """Write data/finalists; `size` is that of the test, `refits` are the entries of the settings.

    explained.json has those whose answers are explained: both of the contest, and the best on text
    and on both; no control, and none on random weights, since what these look at is random.
    """
    by_name = {one.name: one for one in watched}
    explained = dict.fromkeys(filter(None, [*found.contest, found.text, found.both]))
    with files.replacing(paths.FINALISTS) as folder:

        def put(content: Mapping[str, Any], path: Any) -> None:
            files.write_json(content, folder / path.relative_to(paths.FINALISTS))

        for side in SIDES:
            put(_record(by_name.get(getattr(found, side) or "")), paths.finalist(side))
        first, second = (*found.contest, None, None)[:2]
        pair = {"first": first, "second": second, "chosen_by": found.chosen_by}
        put(pair, paths.finalist("contest"))
        ranking = [_record(by_name[name]) for name in found.ranking]
        put({"competitors": ranking}, paths.finalist("ranking"))
        chosen = [by_name[name] for name in explained]
        put(
            {
                one.name: {"kind": one.kind, "origin": one.origin}
                for one in chosen
                if one.kind != "control" and not one.untrained
            },
            paths.finalist("explained"),
        )
        put(size, paths.finalist("power"))
        for entry in refits:
            name = getattr(found, entry.removesuffix("_finalist")) if entry in ROLES else entry
            one = by_name.get(name or "")
            put({"name": name, "origin": one.origin if one else None}, paths.refitted(entry))


def read() -> Finalists:
    """Return what `write` wrote."""
    contest = files.read_json(paths.finalist("contest"))
    ranking = files.read_json(paths.finalist("ranking"))["competitors"]
    return Finalists(
        contest=tuple(filter(None, (contest["first"], contest["second"]))),
        chosen_by=contest["chosen_by"],
        ranking=tuple(one["name"] for one in ranking),
        **{side: files.read_json(paths.finalist(side))["name"] for side in SIDES},
    )


def _first(ranked: Iterable[Watched], *kinds: Kind) -> Watched | None:
    return next((one for one in ranked if one.kind in kinds), None)


def _name(one: Watched | None) -> str | None:
    return None if one is None else one.name


def _named(ranked: Sequence[Watched], names: Iterable[str]) -> list[Watched]:
    found = {one.name: one for one in ranked}
    for name in names:
        if name not in found:
            raise AisleError(
                f"params.yaml: compare.contest names '{name}', which was left out. Name another "
                "competitor, or set it to validation."
            )
    return [found[name] for name in names]


def _record(one: Watched | None) -> dict[str, Any]:
    if one is None:
        return {"name": None, "kind": None, "origin": None, "validation": None}
    scores = {"right": one.right, "products": one.products, "log_loss": round(one.log_loss, DIGITS)}
    return {"name": one.name, "kind": one.kind, "origin": one.origin, "validation": scores}
