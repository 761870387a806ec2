"""How sure the comparison is, in sentences and rows: rule, winners, test size, noise, curves."""

from collections.abc import Sequence
from itertools import combinations
from typing import Any

from aisle.report.evidence import Evidence
from aisle.report.translation import N_, gettext, ngettext
from aisle.report.wording import (
    code,
    counted,
    listed,
    local,
    percent,
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

COST_NAMES = {
    "parameters": N_("the lowest number of parameters"),
    "bytes": N_("the smallest model"),
}
METRICS = {"accuracy": N_("accuracy")}


def rule(evidence: Evidence) -> str:
    """Return the decision rule of params.yaml in words."""
    chosen = evidence.comparison["rule"]
    costs = [gettext(COST_NAMES[key]) for key in chosen["ties"]]
    return gettext(
        "The highest {metric} on validation wins. Among the competitors that tie with it on test, "
        "{costs} decides.",
        metric=gettext(METRICS.get(chosen["metric"], chosen["metric"])),
        costs=gettext(", then ").join(costs),
    )


def winners(evidence: Evidence) -> list[str]:
    """Return the winner by the rule: among single candidates on photos, and among all."""
    standings = evidence.standings
    learners = [c for c in standings.by_validation if c.kind != "control"]
    fields = {
        N_("Among the single candidates on photos, {name} wins."): [
            c for c in learners if c.kind in ON_PHOTOS
        ],
        N_("Among all competitors, {name} wins."): learners,
    }
    return [
        _winner_sentences(opening, _winner_among(evidence, competitors))
        for opening, competitors in fields.items()
        if len(competitors) > 1
    ]


def size_of_the_test(evidence: Evidence) -> str:
    """Return which difference so many test products can show, estimated on validation."""
    test = evidence.comparison["test"]
    products = counted(test["products"], "test product", "test products")
    seen = test["smallest_difference"]
    if not test["discordant"]:
        return gettext(
            "With {products} and no disagreement on validation, the power of this test cannot be "
            "estimated.",
            products=products,
        )
    agreed = gettext(
        "On {share} of the validation products, exactly one of two typical candidates was right.",
        share=percent(test["discordant"]),
    )
    if seen is None:
        return gettext(
            "{agreed} With as much disagreement, {products} are too few to show any difference "
            "reliably.",
            agreed=agreed,
            products=products,
        )
    return gettext(
        "{agreed} With as much disagreement, {products} show a difference of {share} ({number}) in "
        "four tests out of five (80 % power). That is for one pair on one split; with folds and "
        "with many pairs a difference must be larger.",
        agreed=agreed,
        products=products,
        share=share(seen),
        number=counted(round(seen * test["products"]), "product", "products"),
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
            gettext("no curve fits")
            if gain is None
            else f"{signed_share(gain['gain'])} ({signed_interval(gain['low'], gain['high'])})"
        )
        rows.append({"name": name, "points": points, "more": found["more"], "worth": worth})
    return rows


def complements(evidence: Evidence) -> list[tuple[Pair, Competitor, tuple[int, int]]]:
    """Return the pairs of the best candidates of each kind that are least often both wrong.

    With the better of the two, and how many of its mistakes the other makes too, of how many.
    """
    standings = evidence.standings
    best = [c for c in standings.leaders if c.kind != "control" and not c.members]
    pairs = sorted(
        ((standings.verdict(a, b), ranked([a, b])) for a, b in combinations(best, 2)),
        key=lambda found: found[0].both_wrong,
    )
    return [
        (pair, better, _shared_mistakes(evidence, better, other))
        for pair, (better, other) in pairs[:FEW_PAIRS]
    ]


def _shared_mistakes(evidence: Evidence, one: Competitor, other: Competitor) -> tuple[int, int]:
    """Return how many mistakes of `one` the other makes too, and how many `one` makes."""
    tables = [evidence.predictions[c.name].set_index("product_id") for c in (one, other)]
    wrong, also_wrong = (table["actual"] != table["predicted"] for table in tables)
    return int((wrong & also_wrong).sum()), int(wrong.sum())


def _still_there(evidence: Evidence, key: str) -> list[tuple[str, dict[str, Any]]]:
    names = [c.name for c in evidence.standings.competitors]
    return [(name, found) for name, found in evidence.comparison[key].items() if name in names]


def _winner_among(evidence: Evidence, competitors: Sequence[Competitor]) -> Winner:
    return verdicts.winner(
        [c.name for c in competitors],
        verdicts=evidence.standings.verdicts,
        costs=evidence.cost["candidates"],
        by=evidence.comparison["rule"]["ties"],
    )


def _winner_sentences(opening: str, found: Winner) -> str:
    sentences = [gettext(opening, name=code(found.winner))]
    others = [code(name) for name in found.ties if name != found.winner]
    if found.winner != found.best:
        sentences.append(
            gettext(
                "{name} was better on validation but ties with it and costs more.",
                name=code(found.best),
            )
        )
    elif others:
        sentences.append(
            ngettext(
                "{names} ties with it and costs more.",
                "{names} tie with it and cost more.",
                len(others),
                names=listed(others),
            )
        )
    if found.undecided:
        number = len(found.undecided)
        names = (
            listed([code(name) for name in found.undecided])
            if number <= FEW_NAMES
            else ngettext("{n} other", "{n} others", number, n=local(f"{number:,}"))
        )
        sentences.append(
            ngettext(
                "The test cannot tell whether {names} is as good.",
                "The test cannot tell whether {names} are as good.",
                number,
                names=names,
            )
        )
    return " ".join(sentences)
