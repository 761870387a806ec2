"""How sure the comparison is, in words and rows: rule, size of the test, noise, learning curves."""

from collections.abc import Sequence
from itertools import combinations
from typing import Any

from aisle.report.evidence import Evidence
from aisle.report.wording import (
    code,
    counted,
    listed,
    local,
    say,
    share,
    signed_interval,
    signed_share,
)
from aisle.standings import verdicts
from aisle.standings.competitors import ON_PHOTOS, Competitor
from aisle.standings.standings import ranked
from aisle.standings.verdicts import Pair, Winner

FEW_PAIRS = 3
FEW_NAMES = 6

COST_NAMES = {"predict_milliseconds": "the lowest time to answer", "bytes": "the lowest size"}


def rule(evidence: Evidence) -> str:
    """Return the decision rule of params.yaml in words."""
    chosen = evidence.comparison["rule"]
    costs = [say(COST_NAMES[key]) for key in chosen["ties"]]
    return say(
        "The highest {metric} wins. Among those that tie with it, which is to say whose difference "
        "lies within ±{margin} with all of its interval, {costs} decides.",
        metric=say(chosen["metric"]),
        margin=local(f"{chosen['margin']:g}"),
        costs=f", {say('then')} ".join(costs),
    )


def winners(evidence: Evidence) -> list[str]:
    """Return whom the rule names: among single candidates on photos, and among all."""
    standings = evidence.standings
    photos = [c for c in standings.candidates if c.kind in ON_PHOTOS]
    fields = {
        "Of the single candidates on photos, {name} wins by the rule": photos,
        "Of all competitors, {name} wins by the rule": standings.competitors,
    }
    return [
        _told(opening, _among(evidence, ranked(competitors)))
        for opening, competitors in fields.items()
        if len(competitors) > 1
    ]


def size_of_the_test(evidence: Evidence) -> str:
    """Return which difference so many test products can show, known before any was opened."""
    test = evidence.comparison["test"]
    products, seen = counted(test["products"], "test product"), test["smallest_difference"]
    if not test["discordant"]:
        return say(
            "With {products} and no disagreement on val, nothing can be said of its size.",
            products=products,
        )
    agreed = say(
        "Two candidates typically disagreed in being right on {share} of val",
        share=share(test["discordant"]),
    )
    if seen is None:
        return say(
            "{agreed}: of {products} that is too few to show any difference reliably.",
            agreed=agreed,
            products=products,
        )
    return say(
        "{agreed}. With as much disagreement, {products} show a difference of {share} ({number}) "
        "four times out of five; a smaller one will mostly stay undecided, and so will this one, "
        "more often, among many pairs.",
        agreed=agreed,
        products=products,
        share=share(seen),
        number=counted(round(seen * test["products"]), "product"),
    )


def noises(evidence: Evidence) -> list[dict[str, Any]]:
    """Return a row for each candidate that was fitted from several seeds."""
    rows = []
    for name, found in _still_there(evidence, "noise"):
        accuracies = found["accuracies"].values()
        rows.append(
            {
                "name": name,
                "fits": len(accuracies),
                "lowest": min(accuracies),
                "highest": max(accuracies),
                "training": found["training_deviation"],
                "products": found["products_deviation"],
            }
        )
    return rows


def curves(evidence: Evidence) -> list[dict[str, Any]]:
    """Return a row for each candidate that was fitted on fewer products."""
    rows = []
    for name, found in _still_there(evidence, "curves"):
        points = sorted(found["points"], key=lambda point: point["trained_on"])
        gain = found["gain"]
        worth = (
            say("no curve fits")
            if gain is None
            else f"{signed_share(gain['gain'])} ({signed_interval(gain['low'], gain['high'])})"
        )
        rows.append({"name": name, "points": points, "more": found["more"], "worth": worth})
    return rows


def stands(evidence: Evidence, competitor: Competitor, others: Sequence[Competitor]) -> str:
    """Return, as a clause, against whom it is better, ties, or cannot be told apart."""
    words = {c.name: evidence.standings.verdict(competitor, c).word for c in others}
    names = {
        word: [code(name) for name, found in words.items() if found == word]
        for word in ("better", "tie", "undecided")
    }
    clauses = []
    if names["better"]:
        every = len(names["better"]) == len(others) > 1
        clauses.append(
            say("it is better than all of the others")
            if every
            else say("it is better than {number} of the others", number=len(names["better"]))
        )
    if names["tie"]:
        clauses.append(say("it ties with {names}", names=listed(names["tie"])))
    if names["undecided"]:
        clauses.append(
            say("undecided is whether it is better than {names}", names=listed(names["undecided"]))
        )
    return say("; ").join(clauses)


def complements(evidence: Evidence) -> list[tuple[Pair, float]]:
    """Return the pairs of single candidates, the best of each kind, with the highest ceilings.

    With the accuracy of the better of the two. The ceiling is that of knowing whom to believe.
    """
    standings = evidence.standings
    best = [c for c in standings.foremost if c.kind != "control" and not c.members]
    pairs = [
        (standings.verdict(a, b), max(a.score.accuracy, b.score.accuracy))
        for a, b in combinations(best, 2)
    ]
    return sorted(pairs, key=lambda found: -found[0].ceiling)[:FEW_PAIRS]


def _still_there(evidence: Evidence, key: str) -> list[tuple[str, dict[str, Any]]]:
    names = [c.name for c in evidence.standings.competitors]
    return [(name, found) for name, found in evidence.comparison[key].items() if name in names]


def _among(evidence: Evidence, competitors: Sequence[Competitor]) -> Winner:
    return verdicts.winner(
        [c.name for c in competitors],
        verdicts=evidence.standings.verdicts,
        costs=evidence.cost["candidates"],
        by=evidence.comparison["rule"]["ties"],
    )


def _told(opening: str, found: Winner) -> str:
    sentence = say(opening, name=code(found.winner))
    others = [code(name) for name in found.ties if name != found.winner]
    if found.winner != found.best:
        sentence += say(
            ": {name} has more right answers, ties with it, and costs more", name=code(found.best)
        )
    elif others:
        one = len(others) == 1
        sentence += say(
            "; {names} ties with it and costs more"
            if one
            else "; {names} tie with it and cost more",
            names=listed(others),
        )
    if found.undecided:
        number = len(found.undecided)
        names = (
            listed([code(name) for name in found.undecided])
            if number <= FEW_NAMES
            else say("{number} others", number=number)
        )
        sentence += say(
            ". The test leaves undecided whether {names} are as good"
            if number > 1
            else ". The test leaves undecided whether {names} is as good",
            names=names,
        )
    return f"{sentence}."
