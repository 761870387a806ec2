"""The standings: all competitors with kinds, scores and verdicts; finalists and champions.

Who stands for a kind was chosen on val, by the stage `finalists`; scores are those on test. Reads
data/competitors.json, data/finalists, scores, verdicts, reports/split.json and the stages' records.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from aisle import paths
from aisle.errors import AisleError
from aisle.files import read_json
from aisle.standings import competitors, finalists, records, scores, verdicts
from aisle.standings.competitors import KINDS, Competitor, Kind, Weights
from aisle.standings.finalists import Finalists
from aisle.standings.records import Fit
from aisle.standings.scores import Score
from aisle.standings.verdicts import Family, Pair, Verdicts


@dataclass(frozen=True)
class Standings:
    """All competitors, candidates before ensembles, in the order of the settings.

    `left_out` has the reason of each competitor that was left out. `confirmatory` are the families
    of pairs whose verdicts confirm something, `confidence` is that of every interval and test, both
    as `compare` found them.
    """

    competitors: tuple[Competitor, ...]
    left_out: Mapping[str, str]
    split: Mapping[str, Any]
    verdicts: Verdicts
    confirmatory: frozenset[Family]
    finalists: Finalists
    confidence: float

    @property
    def candidates(self) -> tuple[Competitor, ...]:
        """The competitors that are not ensembles."""
        return tuple(c for c in self.competitors if not c.members)

    @property
    def ensembles(self) -> tuple[Competitor, ...]:
        """The competitors with members."""
        return tuple(c for c in self.competitors if c.members)

    @property
    def weights(self) -> tuple[Weights, ...]:
        """Each backbone once, in the order of the candidates."""
        found = {weights.variant: weights for c in self.candidates for weights in c.weights}
        return tuple(found.values())

    @property
    def groups(self) -> dict[Kind, list[Competitor]]:
        """The competitors of each kind that has any, in the note's order, best on test first."""
        of = {kind: ranked(c for c in self.competitors if c.kind == kind) for kind in KINDS}
        return {kind: members for kind, members in of.items() if members}

    def best(self, *kinds: Kind) -> Competitor | None:
        """Return the best on val of these kinds, if there is one."""
        return next((c for c in self.by_validation if c.kind in kinds), None)

    @property
    def by_validation(self) -> tuple[Competitor, ...]:
        """All competitors, the best on val first."""
        found = {c.name: c for c in self.competitors}
        return tuple(found[name] for name in self.finalists.ranking if name in found)

    @property
    def control(self) -> Competitor | None:
        """The best control on val, if there is one."""
        return self.best("control")

    @property
    def transfer(self) -> Competitor | None:
        """The finalist with transfer learning; one with random weights only if all have them."""
        return self._named(self.finalists.transfer)

    @property
    def has_both_sides(self) -> bool:
        """Whether the contest is between transfer learning and a classical baseline."""
        return {c.kind for c in self.contest} == {"transfer", "classical"}

    @property
    def contest(self) -> tuple[Competitor, ...]:
        """The two of the contest, transfer learning first; one if nothing else competes."""
        return tuple(c for name in self.finalists.contest if (c := self._named(name)))

    @property
    def champion(self) -> Competitor:
        """The finalist on photos alone; if there is none, the best competitor on val."""
        return self._named(self.finalists.photo) or self.by_validation[0]

    @property
    def leaders(self) -> tuple[Competitor, ...]:
        """The best on test of each kind and, with transfer learning, of each method and backbone.

        For display: nothing is concluded from the choice.
        """
        found: dict[tuple[str, ...], Competitor] = {}
        for kind, members in self.groups.items():
            for c in members:
                place = (kind, c.method, c.backbone) if kind == "transfer" else (kind,)
                found.setdefault(place, c)
        return tuple(found.values())

    def verdict(self, a: Competitor, b: Competitor) -> Pair:
        """Return the verdict on `a` compared with `b`, of the first family that tests them."""
        return self.verdicts.between(a.name, b.name)

    def beats_control(self, competitor: Competitor) -> bool:
        """Return whether it is better than the best control; True for controls and without any."""
        if self.control is None or competitor.kind == "control":
            return True
        return self.verdict(competitor, self.control).word == "better"

    def _named(self, name: str | None) -> Competitor | None:
        return next((c for c in self.competitors if c.name == name), None)


def load() -> Standings:
    """Return the standings; AisleError if a competitor has no scores."""
    competing, found = competitors.read(), scores.read()
    candidates, ensembles = competing["candidates"], competing["ensembles"]
    if not candidates:
        raise AisleError(f"'{paths.COMPETITORS}' has no candidates. Add at least one; see README.")
    left_out = {name: records.left_out(name) for name in candidates}
    left_out |= {name: records.left_out(name, ensemble=True) for name in ensembles}
    missing = [name for name, reason in left_out.items() if reason is None and name not in found]
    if missing:
        raise AisleError(
            f"there are no scores for {missing[0]}, the first of {len(missing)} missing of the "
            f"{len(left_out)} in '{paths.COMPETITORS}'. Run 'dvc repro'."
        )
    reasons = {name: reason for name, reason in left_out.items() if reason is not None}
    if len(reasons) == len(left_out):
        raise AisleError(
            f"every candidate was left out, so there is nothing to report: {reasons}. Add one that "
            "reads what the catalogue has."
        )
    backbones = {one["settings"]["backbone"] for one in candidates.values()} - {paths.NONE}
    compared = read_json(paths.COMPARISON)
    return standings(
        competing,
        scores={name: score for name, score in found.items() if name not in reasons},
        weights={variant: weights_of(variant) for variant in backbones},
        fits={name: records.fits(name) for name in candidates},
        left_out=reasons,
        split=read_json(paths.LEAK_CHECKS),
        verdicts=verdicts.read(),
        confirmatory=frozenset(one["name"] for one in compared["families"] if one["confirmatory"]),
        finalists=finalists.read(),
        confidence=float(compared["rule"]["confidence"]),
    )


def standings(
    competing: Mapping[str, Any],
    *,
    scores: Mapping[str, Score],
    weights: Mapping[str, Weights],
    fits: Mapping[str, Sequence[Fit]] = MappingProxyType({}),
    left_out: Mapping[str, str],
    split: Mapping[str, Any],
    verdicts: Verdicts,
    confirmatory: frozenset[Family],
    finalists: Finalists,
    confidence: float,
) -> Standings:
    """Return the standings of the competitors that have scores, from competitors.json's content."""
    found: dict[str, Competitor] = {}
    for name, one in competing["candidates"].items():
        if name in scores:
            settings = one["settings"]
            found[name] = Competitor(
                name=name,
                method=one["method"],
                kind=one["kind"],
                reads=one["reads"],
                score=scores[name],
                settings=settings,
                weights=tuple(filter(None, [weights.get(settings["backbone"])])),
                fits=tuple(fits.get(name, ())),
            )
    for name, one in competing["ensembles"].items():
        if name in scores:
            unknown = [member for member in one["members"] if member not in found]
            if unknown:
                raise AisleError(
                    f"there are scores for {name}, but none for {', '.join(unknown)}, which "
                    f"'{paths.COMPETITORS}' lists among its members. Run 'dvc repro'."
                )
            members = tuple(found[member] for member in one["members"])
            read = {w.variant: w for member in members for w in member.weights}
            found[name] = Competitor(
                name=name,
                method=one["method"],
                kind=one["kind"],
                reads=one["reads"],
                score=scores[name],
                settings={},
                weights=tuple(read.values()),
                members=members,
            )
    return Standings(
        competitors=tuple(found.values()),
        left_out=left_out,
        split=split,
        verdicts=verdicts,
        confirmatory=confirmatory,
        finalists=finalists,
        confidence=confidence,
    )


def ranked(competitors: Iterable[Competitor]) -> list[Competitor]:
    """Return the competitors by correct answers on test, most first; ties by lower log loss."""
    return sorted(competitors, key=lambda c: (-c.score.correct, c.score.log_loss))


def weights_of(variant: str) -> Weights:
    """Return where a backbone's weights come from."""
    provenance = read_json(paths.facts("weights", variant))
    return Weights(**{key: provenance[key] for key in Weights.__dataclass_fields__})
