"""How sure the comparison is, in words and rows: rule, size of the test, noise, learning curves."""

from collections.abc import Sequence
from itertools import combinations
from typing import Any

from aisle import verdicts
from aisle.reporting.competitors import ON_PHOTOS, Competitor
from aisle.reporting.evidence import Evidence
from aisle.reporting.facts import ranked
from aisle.reporting.wording import code, counted, listed, share, signed_interval, signed_share
from aisle.verdicts import Pair, Winner

FEW_PAIRS = 3
FEW_NAMES = 6

COST_NAMES = {"predict_milliseconds": "time to answer", "bytes": "size"}


def rule(evidence: Evidence) -> str:
    """Return the decision rule of params.yaml in words."""
    chosen = evidence.comparison["rule"]
    costs = [COST_NAMES[key] for key in chosen["ties"]]
    return (
        f"The highest {chosen['metric']} wins. Among those that tie with it, which is to say whose "
        f"difference lies within ±{chosen['margin']:g} with all of its interval, the lowest "
        f"{', then the lowest '.join(costs)} decides."
    )


def winners(evidence: Evidence) -> list[str]:
    """Return whom the rule names: among single candidates on photos, and among all."""
    standings = evidence.standings
    photos = [c for c in standings.candidates if c.kind in ON_PHOTOS]
    fields = {
        "Of the single candidates on photos": photos,
        "Of all competitors": standings.competitors,
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
        return f"With {products} and no disagreement on val, nothing can be said of its size."
    agreed = (
        f"Two candidates typically disagreed in being right on {share(test['discordant'])} of val"
    )
    if seen is None:
        return f"{agreed}: of {products} that is too few to show any difference reliably."
    return (
        f"{agreed}. With as much disagreement, {products} show a difference of {share(seen)} "
        f"({counted(round(seen * test['products']), 'product')}) four times out of five; a smaller "
        "one will mostly stay undecided, and so will this one, more often, among many pairs."
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
            "no curve fits"
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
        number = "all" if every else len(names["better"])
        clauses.append(f"it is better than {number} of the others")
    if names["tie"]:
        clauses.append(f"it ties with {listed(names['tie'])}")
    if names["undecided"]:
        clauses.append(f"undecided is whether it is better than {listed(names['undecided'])}")
    return "; ".join(clauses)


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
    sentence = f"{opening}, {code(found.winner)} wins by the rule"
    others = [code(name) for name in found.ties if name != found.winner]
    if found.winner != found.best:
        sentence += f": {code(found.best)} has more right answers, ties with it, and costs more"
    elif others:
        verb = "ties" if len(others) == 1 else "tie"
        sentence += f"; {listed(others)} {verb} with it and cost{'s' * (len(others) == 1)} more"
    if found.undecided:
        number = len(found.undecided)
        names = (
            listed([code(name) for name in found.undecided])
            if number <= FEW_NAMES
            else f"{number} others"
        )
        verb = "are" if number > 1 else "is"
        sentence += f". The test leaves undecided whether {names} {verb} as good"
    return f"{sentence}."
