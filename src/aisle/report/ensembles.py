"""The ensembles in the note: member by member, and whether small models match a big one."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from aisle.report.competitor_words import HOW
from aisle.report.evidence import Evidence, resources_used
from aisle.report.headline import difference_clause, verdict_clause
from aisle.report.translation import N_, gettext, ngettext
from aisle.report.wording import (
    GAP,
    code,
    duration,
    listed,
    local,
    milliseconds,
    scaled,
    share,
    signed,
)
from aisle.standings import standings
from aisle.standings.competitors import Competitor

VOTES = ("hard_vote", "soft_vote")

COMBINES = {
    "late_fusion": N_(
        "multiplies the members' probabilities, each raised to a weight divided by a temperature; "
        "both are fitted on the validation set of each fold to the lowest log loss"
    ),
    "hard_vote": N_("gives each member one vote; the mean probability breaks ties"),
    "soft_vote": N_("takes the mean of the members' probabilities"),
}

SMALL = {
    "better": N_("Yes, and they beat it."),
    "worse": N_("Not here."),
    "tie": N_("Yes."),
    "undecided": N_("This test cannot tell."),
}
"""Whether small models match a big one, by the verdict."""

AGAINST_THE_BIGGEST = N_(
    "{small}, the best vote without {biggest}, gets {compared} {big}, the biggest network and the "
    "best single candidate on photos{own}; {verdict}."
)
AGAINST_THE_BEST = N_(
    "{small}, the best vote without the biggest network, {biggest}, gets {compared} {big}, the "
    "best single candidate on photos{own}; {verdict}."
)
PRICE = N_("{fit} to train, {answer} per prediction and {parameters} parameters")
PRICE_PER_FOLD = N_("{fit} to train per fold, {answer} per prediction and {parameters} parameters")


@dataclass(frozen=True)
class EnsembleRow:
    """An ensemble as the note shows it; `weights` is keyed by member, or empty.

    `gained` is the difference to its best member, `disagree` a share of the test products.
    """

    ensemble: Competitor
    how: str
    members: list[str]
    gained: str
    disagree: float
    weights: list[str]
    temperature: str | None


def rows(evidence: Evidence) -> list[EnsembleRow]:
    """Return the ensembles in the order of params.yaml."""
    return [_row(evidence, c) for c in evidence.standings.ensembles]


def combining_methods(evidence: Evidence) -> list[tuple[str, str]]:
    """Return each way to combine that is used, with what it does."""
    used = dict.fromkeys(c.method for c in evidence.standings.ensembles)
    return [(gettext(HOW[method]), gettext(COMBINES[method])) for method in used]


def gains(evidence: Evidence) -> str:
    """Return which ensembles get more right than their best member."""
    ahead = [
        code(c.name)
        for c in evidence.standings.ensembles
        if c.score.correct > standings.ranked(c.members)[0].score.correct
    ]
    if not ahead:
        return gettext("No ensemble gets more right than its best member.")
    return ngettext(
        "Only {names} gets more right than its best member; that can be chance.",
        "Only {names} get more right than their best members; that can be chance.",
        len(ahead),
        names=listed(ahead),
    )


def small_against_big(evidence: Evidence) -> str | None:
    """Return whether a vote without the biggest network matches the best single photo candidate.

    The biggest is the photo network with the most parameters. None without votes on photos or
    without a network.
    """
    standings = evidence.standings
    votes = [c for c in standings.by_validation if c.kind == "ensemble" and c.method in VOTES]
    networks = [c for c in standings.candidates if "training" in c.settings and c.reads == "photo"]
    if not votes or not networks:
        return None
    biggest = max(networks, key=lambda c: _parameters(evidence, c))
    small = next((c for c in votes if biggest not in c.members), None)
    if small is None:
        return gettext(
            "Whether small models match a big one cannot be said: {name}, the biggest network, is "
            "a member of every vote.",
            name=code(biggest.name),
        )
    big = standings.champion
    verdict = standings.verdict(small, big)
    return " ".join(
        [
            gettext("Can several small models together match a big one?"),
            gettext(SMALL[verdict.word]),
            gettext(
                AGAINST_THE_BIGGEST if biggest is big else AGAINST_THE_BEST,
                small=code(small.name),
                biggest=code(biggest.name),
                compared=difference_clause(small, big),
                big=code(big.name),
                own=gettext(" and one of its members") if big in small.members else "",
                verdict=verdict_clause(verdict, found=standings),
            ),
            gettext(
                "Its {number} members cost {price}; {big} costs {other}.",
                number=len(small.members),
                price=_price(evidence, small),
                big=code(big.name),
                other=_price(evidence, big),
            ),
        ]
    )


def _price(evidence: Evidence, competitor: Competitor) -> str:
    seconds, ms = resources_used(evidence, competitor)
    return gettext(
        PRICE_PER_FOLD if int(evidence.standings.split["folds"]) > 1 else PRICE,
        fit=duration(seconds),
        answer=milliseconds(ms),
        parameters=scaled(_parameters(evidence, competitor)),
    )


def _parameters(evidence: Evidence, competitor: Competitor) -> float:
    return float(evidence.cost["candidates"][competitor.name]["parameters"])


def _row(evidence: Evidence, ensemble: Competitor) -> EnsembleRow:
    record: dict[str, Any] = evidence.combined[ensemble.name]
    best = standings.ranked(ensemble.members)[0]
    by_member = list(zip(*record.get("weights", []), strict=True))
    temperature = record.get("temperature")
    return EnsembleRow(
        ensemble=ensemble,
        how=gettext(HOW[ensemble.method]).replace(" ", GAP),
        members=[_named(member, best=member is best) for member in ensemble.members],
        gained=signed(ensemble.score.correct - best.score.correct, of=ensemble.score.products),
        disagree=float(record["disagree"]),
        weights=[_over_folds(values) for values in by_member],
        temperature=None if temperature is None else _over_folds(temperature),
    )


def _named(member: Competitor, *, best: bool) -> str:
    bold = "**" if best else ""
    return f"{bold}{code(member.name)}{bold}{GAP}({share(member.score.accuracy)})"


def _over_folds(values: Sequence[float]) -> str:
    """Return the mean over the folds, with the range where there are several: "0.3 (0.2–0.5)"."""
    mean, low, high = (
        local(f"{value:.2f}") for value in (sum(values) / len(values), min(values), max(values))
    )
    return f"{mean} ({low}–{high})" if len(values) > 1 else mean
