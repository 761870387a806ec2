"""What the note says of ensembles: member by member, and whether small models match a big one."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from aisle.report import evidence as tables
from aisle.report import sentences
from aisle.report.described import HOW
from aisle.report.evidence import Evidence
from aisle.report.wording import (
    GAP,
    code,
    duration,
    listed,
    local,
    milliseconds,
    say,
    scaled,
    share,
    signed,
)
from aisle.standings import standings
from aisle.standings.competitors import Competitor

VOTES = ("hard_vote", "soft_vote")

COMBINES = {
    "late_fusion": (
        "multiplies the members' probabilities, each raised to its weight over the temperature; "
        "both are fitted on val, fold by fold, to the lowest log loss"
    ),
    "hard_vote": "gives each member one vote; the mean probability breaks ties",
    "soft_vote": "takes the mean of the members' probabilities",
}


SMALL = {
    "better": "Yes, and more.",
    "worse": "Not here.",
    "tie": "Yes.",
    "undecided": "This test cannot tell.",
}
"""Whether small models match a big one, by the verdict about them."""


AGAINST_THE_BIGGEST = (
    "{small}, the best vote without {biggest}, is right on {compared} {big}, the biggest network "
    "and the best single candidate on photos{own}; {verdict}."
)
AGAINST_THE_BEST = (
    "{small}, the best vote without the biggest network, {biggest}, is right on {compared} {big}, "
    "the best single candidate on photos{own}; {verdict}."
)
ONE_GAINS = "By the verdicts {names} is better than the best member, and no other."
SEVERAL_GAIN = "By the verdicts {names} are better than the best member, and no other."
PRICE = "{fit} to train, {answer} per product and {parameters} parameters"
PRICE_PER_FOLD = "{fit} per fold to train, {answer} per product and {parameters} parameters"


@dataclass(frozen=True)
class Combined:
    """An ensemble as the note shows it; `weights` goes by member, or is empty.

    `gained` is against its best member, `disagree` a share of the test products.
    """

    ensemble: Competitor
    how: str
    members: list[str]
    gained: str
    disagree: float
    weights: list[str]
    temperature: str | None


def described(evidence: Evidence) -> list[Combined]:
    """Return the ensembles in the order of params.yaml."""
    return [_combined(evidence, c) for c in evidence.standings.ensembles]


def ways(evidence: Evidence) -> list[tuple[str, str]]:
    """Return each way to combine that is used, with what it does."""
    used = dict.fromkeys(c.method for c in evidence.standings.ensembles)
    return [(say(HOW[method]), say(COMBINES[method])) for method in used]


def gains(evidence: Evidence) -> str:
    """Return which ensembles the test separates from their best member."""
    apart = [
        code(c.name)
        for c in evidence.standings.ensembles
        if evidence.standings.verdict(c, standings.ranked(c.members)[0]).word == "better"
    ]
    if not apart:
        return say("By the verdicts none is better than its best member.")
    return say(SEVERAL_GAIN if len(apart) > 1 else ONE_GAINS, names=listed(apart))


def small_against_big(evidence: Evidence) -> str | None:
    """Return whether a vote without the biggest network matches the best single photo candidate.

    The biggest is the photo network with the most parameters. None without votes on photos or
    without a network.
    """
    standings = evidence.standings
    votes = [c for c in standings.groups.get("ensemble", []) if c.method in VOTES]
    networks = [c for c in standings.candidates if "training" in c.settings and c.reads == "photo"]
    if not votes or not networks:
        return None
    biggest = max(networks, key=lambda c: _parameters(evidence, c))
    small = next((c for c in votes if biggest not in c.members), None)
    if small is None:
        return say(
            "Whether small models match a big one was not asked: every vote has {name}, the "
            "biggest network, among its members.",
            name=code(biggest.name),
        )
    big = standings.champion
    verdict = standings.verdict(small, big)
    return " ".join(
        [
            say("Can several small models together match a big one?"),
            say(SMALL[verdict.word]),
            say(
                AGAINST_THE_BIGGEST if biggest is big else AGAINST_THE_BEST,
                small=code(small.name),
                biggest=code(biggest.name),
                compared=sentences.compared(small, big),
                big=code(big.name),
                own=f" {say('and one of its members')}" if big in small.members else "",
                verdict=sentences.said(verdict),
            ),
            say(
                "Its {number} members cost {price}; {big} costs {other}.",
                number=len(small.members),
                price=_price(evidence, small),
                big=code(big.name),
                other=_price(evidence, big),
            ),
        ]
    )


def _price(evidence: Evidence, competitor: Competitor) -> str:
    seconds, ms = tables.spent(evidence, competitor)
    return say(
        PRICE_PER_FOLD if int(evidence.standings.split["folds"]) > 1 else PRICE,
        fit=duration(seconds),
        answer=milliseconds(ms),
        parameters=scaled(_parameters(evidence, competitor)),
    )


def _parameters(evidence: Evidence, competitor: Competitor) -> float:
    return float(evidence.cost["candidates"][competitor.name]["parameters"])


def _combined(evidence: Evidence, ensemble: Competitor) -> Combined:
    record: dict[str, Any] = evidence.combined[ensemble.name]
    best = standings.ranked(ensemble.members)[0]
    by_member = list(zip(*record.get("weights", []), strict=True))
    temperature = record.get("temperature")
    return Combined(
        ensemble=ensemble,
        how=say(HOW[ensemble.method]).replace(" ", GAP),
        members=[_named(member, best=member is best) for member in ensemble.members],
        gained=signed(ensemble.score.correct - best.score.correct, of=ensemble.score.products),
        disagree=float(record["disagree"]),
        weights=[_over_folds(values) for values in by_member],
        temperature=None if temperature is None else _over_folds(temperature),
    )


def _named(member: Competitor, *, best: bool) -> str:
    bold = "**" if best else ""
    return f"{bold}{code(member.name)}{bold}{GAP}{share(member.score.accuracy)}"


def _over_folds(values: Sequence[float]) -> str:
    """Return the mean over the folds, with the range where there are several: "0.3 (0.2–0.5)"."""
    mean, low, high = (
        local(f"{value:.2f}") for value in (sum(values) / len(values), min(values), max(values))
    )
    return f"{mean} ({low}–{high})" if len(values) > 1 else mean
