"""Who stands where: candidates, scores, weights and split, without reading any table.

Reads params.yaml, reports/metrics.json, reports/split.json and data/records/.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from aisle import paths
from aisle.errors import AisleError
from aisle.files import read_json
from aisle.params import candidate, candidate_names
from aisle.reporting.wording import counted, listed, share

CONTROLS = ("majority", "control")
"""Methods that show what knowing nothing, or next to nothing, is worth."""

FOREST = "random_forest"

Kind = Literal["control", "classical", "network"]


@dataclass(frozen=True)
class Score:
    """One candidate's row of metrics.json: shares from 0 to 1, log loss in nats."""

    accuracy: float
    accuracy_low: float
    accuracy_high: float
    macro_f1: float
    log_loss: float
    correct: int
    products: int


@dataclass(frozen=True)
class Weights:
    """Where a backbone's weights come from, as the `weights` stage wrote it down."""

    variant: str
    source: Literal["imagenet", "file", "random"]
    file: str | None
    sha256: str | None
    seed: int | None
    tried: str | None


@dataclass(frozen=True)
class Candidate:
    """One entry of params.yaml with its score and, for a network, its weights."""

    name: str
    settings: dict[str, Any]
    score: Score
    weights: Weights | None

    @property
    def method(self) -> str:
        """The method's name in the registry."""
        return str(self.settings["method"])

    @property
    def kind(self) -> Kind:
        """A network reads a backbone; a control reads nothing."""
        if self.weights is not None:
            return "network"
        return "control" if self.method in CONTROLS else "classical"

    @property
    def untrained(self) -> bool:
        """Whether the backbone started from random weights."""
        return self.weights is not None and self.weights.source == "random"


@dataclass(frozen=True)
class Standings:
    """All candidates in the order of params.yaml, and how they were tested."""

    candidates: tuple[Candidate, ...]
    split: dict[str, Any]

    @property
    def weights(self) -> tuple[Weights, ...]:
        """Each backbone once, in the order of the candidates."""
        found = {c.weights.variant: c.weights for c in self.candidates if c.weights is not None}
        return tuple(found.values())

    @property
    def leaders(self) -> tuple[Candidate, ...]:
        """The candidates with the most correct answers: one, or several that tie."""
        most = max(c.score.correct for c in self.candidates)
        return tuple(c for c in self.candidates if c.score.correct == most)

    @property
    def rivals(self) -> tuple[Candidate, ...]:
        """Whom the leader must be compared with: the best network and the best forest.

        Without a forest, the best classical candidate; without either, the runner-up. A leader is
        nobody's rival, so a tie across the two kinds leaves none.
        """
        others = [c for c in self.candidates if c not in self.leaders]
        kinds = {c.kind for c in self.leaders}
        forests = [c for c in others if c.method == FOREST]
        classical = forests or [c for c in others if c.kind == "classical"]
        networks = [c for c in others if c.kind == "network"]
        found = []
        if "network" not in kinds:
            found += _best(networks)
        if not any(c.method == FOREST for c in self.leaders) and (
            forests or "classical" not in kinds
        ):
            found += _best(classical)
        if not found and len(self.leaders) == 1:
            found = _best(others)
        return tuple(sorted(found, key=lambda c: -c.score.correct))

    @property
    def control(self) -> Candidate | None:
        """The best control, where params.yaml has one."""
        return next(iter(_best([c for c in self.candidates if c.kind == "control"])), None)


def load() -> Standings:
    """Return the standings; AisleError where metrics.json does not know a candidate."""
    metrics = read_json(paths.METRICS)
    names = candidate_names()
    if not names:
        raise AisleError("params.yaml: 'candidates' is empty. Add at least one; see the README.")
    missing = [name for name in names if name not in metrics]
    if missing:
        raise AisleError(
            f"'{paths.METRICS}' has no scores for {listed(missing)}; params.yaml lists "
            f"{listed(names)}. Run 'dvc repro'."
        )
    return Standings(
        candidates=tuple(_candidate(name, metrics[name]) for name in names),
        split=read_json(paths.LEAK_CHECKS),
    )


def separated(a: Candidate, b: Candidate) -> bool:
    """Return whether the two accuracy intervals have nothing in common."""
    return (
        a.score.accuracy_low > b.score.accuracy_high or b.score.accuracy_low > a.score.accuracy_high
    )


def verdict(leader: Candidate, others: Sequence[Candidate]) -> str:
    """Return, as a clause, whether the test tells the leader from the others."""
    near = [c for c in others if not separated(leader, c)]
    if not near:
        return "the intervals do not overlap, so this test separates them"
    if len(near) == len(others):
        return "the intervals overlap, so this test cannot separate them"
    return f"the interval overlaps with that of {listed([c.name for c in near])} only"


def untrained(weights: Iterable[Weights]) -> list[str]:
    """Return the variants whose weights are random."""
    return [w.variant for w in weights if w.source == "random"]


def headline() -> str:
    """Return the result in one line of plain text, from what the `compare` stage left."""
    return summary(load())


def summary(standings: Standings) -> str:
    """Return the standings in one line of plain text: winner, rivals, certainty, weights."""
    leaders, rivals = standings.leaders, standings.rivals
    first = leaders[0]
    names = listed([c.name for c in leaders])
    result = f"{share(first.score.accuracy)} ({interval_note(first)})"
    if rivals:
        behind = listed([f"{c.name} {share(c.score.accuracy)}" for c in rivals])
        verb = "is" if len(leaders) == 1 else "are"
        joint = names if len(leaders) == 1 else f"{names}, level,"
        sentences = [f"{joint} {result} {verb} ahead of {behind}; {verdict(first, rivals)}."]
    elif len(leaders) > 1:
        sentences = [f"{names} are level: {result}."]
    else:
        sentences = [f"{names} {result} is the only candidate."]
    if first.kind == "control" and len(standings.candidates) > 1:
        sentences.append("No candidate beats the control: nothing was learnt.")
    sentences += weights_sentences(standings.weights)
    return " ".join(sentences)


def interval_note(candidate: Candidate) -> str:
    """Return "23/31, 95 % interval 0.567–0.863"."""
    score = candidate.score
    low, high = share(score.accuracy_low), share(score.accuracy_high)
    return f"{score.correct:,}/{score.products:,}, 95 % interval {low}–{high}"


def gap(leader: Candidate, other: Candidate) -> str:
    """Return how far the other is behind: "1 product (0.032)"."""
    products = leader.score.correct - other.score.correct
    return f"{counted(products, 'product')} ({share(products / leader.score.products)})"


def weights_sentences(weights: Sequence[Weights]) -> list[str]:
    """Return what a reader must know about weights that are not the published ImageNet ones."""
    sentences = []
    random = untrained(weights)
    if random and len(random) == len(weights):
        sentences.append("Weights were random: no transfer learning was measured.")
    elif random:
        sentences.append(
            f"Weights of {listed(random)} were random: no transfer learning was measured there."
        )
    given = [f"{w.variant} (file {w.file})" for w in weights if w.source == "file"]
    if given:
        sentences.append(f"Weights of {listed(given)} are not the official ImageNet ones.")
    return sentences


def _candidate(name: str, scores: dict[str, Any]) -> Candidate:
    settings = candidate(name)
    backbone = settings.get("backbone", paths.NONE)
    try:
        score = Score(**{key: scores[key] for key in Score.__dataclass_fields__})
    except KeyError as error:
        raise AisleError(
            f"'{paths.METRICS}': {name} has no {error}. Run 'dvc repro -f compare'."
        ) from None
    weights = None
    if backbone != paths.NONE:
        provenance = read_json(paths.record("weights", backbone))
        weights = Weights(**{key: provenance[key] for key in Weights.__dataclass_fields__})
    return Candidate(name=name, settings=settings, score=score, weights=weights)


def _best(candidates: Sequence[Candidate]) -> list[Candidate]:
    return [max(candidates, key=lambda c: c.score.correct)] if candidates else []
