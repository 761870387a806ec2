"""How sure the comparison is, in sentences and rows: rule, winners, test size, noise, curves."""

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

from aisle.report.evidence import Evidence
from aisle.report.translation import N_, gettext, ngettext
from aisle.report.wording import (
    code,
    counted,
    listed,
    listed_or,
    local,
    percent,
    share,
    signed_interval,
    signed_share,
)
from aisle.standings import verdicts
from aisle.standings.competitors import ON_PHOTOS, Competitor
from aisle.standings.standings import ranked
from aisle.standings.verdicts import Family, Pair, Winner

FEW_PAIRS = 3
FEW_NAMES = 3

FAMILY_NAMES: dict[Family, str] = {
    "contest": N_("contest"),
    "inputs": N_("inputs"),
    "controls": N_("controls"),
    "finalist": N_("finalist"),
    "all": N_("all pairs"),
}
WHAT: dict[Family, str] = {
    "contest": N_("{first} against {second}"),
    "inputs": N_("{first} against {champion}, the photo finalist"),
    "controls": N_("each competitor against {second}, the best control"),
    "finalist": N_("{champion} against each competitor not yet met"),
    "all": N_("each against each"),
}
"""What is tested, by family of pairs."""

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


def families(evidence: Evidence) -> list[dict[str, Any]]:
    """Return a row for each family of pairs, in the order of the tests."""
    standings = evidence.standings
    rows = []
    for one in evidence.comparison["families"]:
        pairs = standings.verdicts.of(one["name"])
        rows.append(
            {
                "name": gettext(FAMILY_NAMES[one["name"]]),
                "what": gettext(
                    WHAT[one["name"]],
                    first=listed([code(pair.first) for pair in pairs[:2]]),
                    second=code(pairs[0].second),
                    champion=code(standings.champion.name),
                ),
                "pairs": one["pairs"],
                "decided": one["decided"],
                "status": gettext("confirmatory")
                if one["confirmatory"]
                else gettext("exploratory"),
            }
        )
    return rows


def winners(evidence: Evidence) -> list[str]:
    """Return the winner by the rule: among single candidates on photos, and among all."""
    learners = [c for c in evidence.standings.by_validation if c.kind != "control"]
    on_photos = [c for c in learners if c.kind in ON_PHOTOS]
    fields = {
        N_("Among the single candidates on photos, {name} wins: {reason}."): on_photos,
        N_("Among all competitors, {name} wins: {reason}."): learners,
    }
    if len(on_photos) == len(learners):
        fields = {N_("By the rule, {name} wins: {reason}."): learners}
    return [
        _winner_sentences(opening, _winner_among(evidence, competitors))
        for opening, competitors in fields.items()
        if len(competitors) > 1
    ]


def size_of_the_test(evidence: Evidence) -> str:
    """Return which difference so many test products can show, estimated on validation."""
    test = evidence.comparison["test"]
    products = counted(test["products"], "test product", "test products")
    seen, deviation = test["smallest_difference"], test["training_deviation"]
    if not test["discordant"]:
        return gettext(
            "With {products} and no disagreement on validation, the power of this test cannot be "
            "estimated.",
            products=products,
        )
    found = [
        gettext(
            "The contest was simulated before the test was opened. On {share} of the validation "
            "products, exactly one of the two was right.",
            share=percent(test["discordant"]),
        )
    ]
    if deviation:
        found.append(
            gettext(
                "From one training to the next, their accuracy varied by {deviation} (standard "
                "deviation).",
                deviation=share(deviation),
            )
        )
    found.append(
        gettext("{products} are then too few to show any difference reliably.", products=products)
        if seen is None
        else gettext(
            "{products} then show a difference of {share} ({number}) in four tests out of five.",
            products=products,
            share=share(seen),
            number=counted(round(seen * test["products"]), "product", "products"),
        )
    )
    found += _needed(test["needed"], several=deviation is not None)
    if {c.name for c in evidence.standings.contest} <= set(seeds(evidence)):
        found.append(
            gettext(
                "The spread of the seeds is not counted here; it makes more products necessary."
            )
        )
    return " ".join(found)


def _needed(needed: Mapping[str, int | None], *, several: bool) -> list[str]:
    """Return the test products that differences need, in sentences; `several` folds were tested."""
    differences = sorted(needed, key=float)
    enough = [
        gettext(
            "about {products} for {difference}",
            products=local(f"{_two_digits(number):,}"),
            difference=local(difference),
        )
        for difference in differences
        if (number := needed[difference]) is not None
    ]
    never = [local(difference) for difference in differences if needed[difference] is None]
    found = []
    if enough:
        found.append(
            gettext("Test products that it would take: {products}.", products=listed(enough))
        )
    if never:
        reason = (
            N_(
                "No number of products is enough for {differences}, since the trainings themselves "
                "differ: more folds would help."
            )
            if several
            else N_("No number of products is enough for {differences}.")
        )
        found.append(gettext(reason, differences=listed_or(never)))
    if needed:
        found.append(gettext("A pair in a larger family needs more."))
    return found


def _two_digits(number: int) -> int:
    """Return a count with two significant digits: 1,437 becomes 1,400."""
    return int(float(f"{number:.2g}"))


def seeds(evidence: Evidence) -> list[str]:
    """Return the candidates whose seeds the verdicts between them know: two or more, or none.

    None with several folds, each of which is a training of its own.
    """
    names = [name for name, _ in _still_there(evidence, "noise")]
    return names if len(names) > 1 and int(evidence.standings.split["folds"]) == 1 else []


def seeded(evidence: Evidence) -> str:
    """Return whether the verdicts know of the training too."""
    if int(evidence.standings.split["folds"]) > 1:
        return gettext("The verdicts take both into account, since each fold is a new training.")
    found = seeds(evidence)
    if not found:
        return gettext(
            "The verdicts know of the products only: with another seed they may come out "
            "differently."
        )
    return gettext(
        "Verdicts between {names} take both into account. The others know of the products only: "
        "with another seed they may come out differently.",
        names=listed([code(name) for name in found]),
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
    tied = [code(name) for name in found.ties if name not in (found.winner, found.best)]
    reason = (
        gettext("it was the best on validation")
        if found.winner == found.best
        else gettext(
            "on test it ties with {name}, the best on validation, and costs less",
            name=code(found.best),
        )
    )
    sentences = [gettext(opening, name=code(found.winner), reason=reason)]
    if tied:
        sentences.append(
            ngettext(
                "{names} ties too and costs more.",
                "{names} tie too and cost more.",
                len(tied),
                names=listed(tied),
            )
            if found.winner != found.best
            else ngettext(
                "{names} ties with it and costs more.",
                "{names} tie with it and cost more.",
                len(tied),
                names=listed(tied),
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
