"""Who stands where: competitors, scores, verdicts, weights and split.

Reads params.yaml, reports/metrics.json, comparison.csv and split.json, data/records/ and
data/ensembles/.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from aisle import paths
from aisle.errors import AisleError
from aisle.files import read_json
from aisle.settings.params import candidate_names
from aisle.settings.params import load as load_params
from aisle.standings import records, scores, verdicts
from aisle.standings.competitors import KINDS, ON_PHOTOS, Competitor, Kind, Score, Weights
from aisle.standings.verdicts import Pair, Verdicts


@dataclass(frozen=True)
class Standings:
    """All competitors, candidates before ensembles, in the order of params.yaml.

    `left_out` has those that took no part, with the reason.
    """

    competitors: tuple[Competitor, ...]
    left_out: Mapping[str, str]
    split: Mapping[str, Any]
    verdicts: Verdicts

    @property
    def candidates(self) -> tuple[Competitor, ...]:
        """The competitors that are no ensemble."""
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
        """The competitors of each kind that has any, in the note's order, the best first."""
        of = {kind: ranked(c for c in self.competitors if c.kind == kind) for kind in KINDS}
        return {kind: members for kind, members in of.items() if members}

    def best(self, *kinds: Kind) -> Competitor | None:
        """Return the best competitor of these kinds, where there is one."""
        return next(iter(ranked(c for c in self.competitors if c.kind in kinds)), None)

    @property
    def control(self) -> Competitor | None:
        """The best control, where params.yaml has one."""
        return self.best("control")

    @property
    def transfer(self) -> Competitor | None:
        """The best candidate with transfer learning; one with random weights if all have them."""
        found = [c for c in self.competitors if c.kind == "transfer"]
        return next(iter(ranked([c for c in found if not c.untrained] or found)), None)

    @property
    def asked(self) -> bool:
        """Whether there is transfer learning to compare, and a classical baseline."""
        return {"transfer", "classical"} <= set(self.groups)

    @property
    def contest(self) -> tuple[Competitor, ...]:
        """The two that the answer is about, the better first; one where nobody else competes.

        Transfer learning and the classical baseline, both on photos; where one of them is missing,
        the two best candidates that are no controls, if need be the best control.
        """
        found = (self.transfer, self.best("classical"))
        both = [c for c in found if c is not None]
        if len(both) == 2:
            return tuple(ranked(both))
        learners = ranked(c for c in self.candidates if c.kind != "control")
        return tuple((learners if len(learners) > 1 else ranked(self.competitors))[:2])

    @property
    def champion(self) -> Competitor:
        """The best candidate that learns from photos alone; without any, the best competitor."""
        return self.best(*ON_PHOTOS) or ranked(self.competitors)[0]

    @property
    def foremost(self) -> tuple[Competitor, ...]:
        """The best of each kind and, with transfer learning, of each method and backbone."""
        found: dict[tuple[str, ...], Competitor] = {}
        for kind, members in self.groups.items():
            for c in members:
                place = (kind, c.method, c.backbone) if kind == "transfer" else (kind,)
                found.setdefault(place, c)
        return tuple(found.values())

    def verdict(self, a: Competitor, b: Competitor) -> Pair:
        """Return the verdict about `a`, held against `b`."""
        return self.verdicts.between(a.name, b.name)

    def beats_control(self, competitor: Competitor) -> bool:
        """Return whether it is better than the best control; a control need not be.

        Without any there is nothing to beat.
        """
        if self.control is None or competitor.kind == "control":
            return True
        return self.verdict(competitor, self.control).word == "better"


def load() -> Standings:
    """Return the standings; AisleError where metrics.json does not know a competitor."""
    if not candidate_names():
        raise AisleError("params.yaml: 'candidates' is empty. Add at least one; see the README.")
    content, metrics = load_params(paths.COMPETITORS_FILE), scores.read()
    candidates, ensembles = content["candidates"], content.get("ensembles", {})
    left_out = {name: records.left_out(name) for name in candidates}
    left_out |= {name: records.left_out(name, ensemble=True) for name in ensembles}
    missing = [name for name, reason in left_out.items() if reason is None and name not in metrics]
    if missing:
        raise AisleError(
            f"'{paths.METRICS}' has no scores for {missing[0]}, the first of {len(missing)} "
            f"missing of the {len(left_out)} that params.yaml lists. Run 'dvc repro'."
        )
    reasons = {name: reason for name, reason in left_out.items() if reason is not None}
    if len(reasons) == len(left_out):
        raise AisleError(
            f"every candidate was left out, so there is nothing to report: {reasons}. Add one to "
            "params.yaml that reads what the catalogue has."
        )
    backbones = {c.get("backbone", paths.NONE) for c in candidates.values()} - {paths.NONE}
    return standings(
        content,
        metrics={name: scores for name, scores in metrics.items() if name not in reasons},
        weights={variant: weights_of(variant) for variant in backbones},
        left_out=reasons,
        split=read_json(paths.LEAK_CHECKS),
        verdicts=verdicts.read(),
    )


def standings(
    content: Mapping[str, Any],
    *,
    metrics: Mapping[str, Mapping[str, Any]],
    weights: Mapping[str, Weights],
    left_out: Mapping[str, str],
    split: Mapping[str, Any],
    verdicts: Verdicts,
) -> Standings:
    """Return the standings of the competitors in `metrics`, from params.yaml's content.

    A published params.yaml from before there were ensembles has none.
    """
    found: dict[str, Competitor] = {}
    for name, settings in content["candidates"].items():
        if name in metrics:
            backbone = settings.get("backbone", paths.NONE)
            found[name] = Competitor(
                name=name,
                settings=settings,
                score=_score(name, metrics[name]),
                weights=(weights[backbone],) if backbone in weights else (),
            )
    for name, settings in content.get("ensembles", {}).items():
        if name in metrics:
            unknown = [member for member in settings["members"] if member not in found]
            if unknown:
                raise AisleError(
                    f"'{paths.METRICS}' has scores for {name}, but none for {', '.join(unknown)}, "
                    "which params.yaml counts among its members. Run 'dvc repro'."
                )
            members = tuple(found[member] for member in settings["members"])
            read = {w.variant: w for member in members for w in member.weights}
            found[name] = Competitor(
                name=name,
                settings=settings,
                score=_score(name, metrics[name]),
                weights=tuple(read.values()),
                members=members,
            )
    return Standings(
        competitors=tuple(found.values()), left_out=left_out, split=split, verdicts=verdicts
    )


def ranked(competitors: Iterable[Competitor]) -> list[Competitor]:
    """Return the competitors by right answers, most first; of equals, the lower log loss."""
    return sorted(competitors, key=lambda c: (-c.score.correct, c.score.log_loss))


def _score(name: str, scores: Mapping[str, Any]) -> Score:
    try:
        return Score(**{key: scores[key] for key in Score.__dataclass_fields__})
    except KeyError as error:
        raise AisleError(
            f"'{paths.METRICS}': {name} has no {error}. Run 'dvc repro -f compare'."
        ) from None


def weights_of(variant: str) -> Weights:
    """Return where a backbone's weights come from."""
    provenance = read_json(paths.facts("weights", variant))
    return Weights(**{key: provenance[key] for key in Weights.__dataclass_fields__})
