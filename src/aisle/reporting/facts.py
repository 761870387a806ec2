"""Who stands where: competitors, scores, verdicts, weights and split.

Reads params.yaml, reports/metrics.json, comparison.csv and split.json, data/records/ and
data/ensembles/.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aisle import paths, records, verdicts
from aisle.errors import AisleError
from aisle.files import read_json
from aisle.params import candidate_names
from aisle.params import load as load_params
from aisle.reporting.competitors import KINDS, ON_PHOTOS, Competitor, Kind, Score, Weights
from aisle.reporting.wording import counted, listed, local, say, share, signed_share
from aisle.verdicts import Pair, Verdicts

BEST_OF = {
    "classical": ("classical candidate", "classical candidates"),
    "transfer": ("candidate with transfer learning", "candidates with transfer learning"),
    "random": ("candidate on random weights", "candidates on random weights"),
}
"""What the two sides of the contest are the best of; random weights are no transfer learning."""

REPLIES = {
    "better": "Yes.",
    "worse": "No.",
    "tie": "They tie.",
    "undecided": "This test cannot tell.",
}
NOT_MEASURED = "Not measured."
"""The verdict about transfer learning, held against the classical baseline, as an answer."""

BEST_ENSEMBLE = "The best ensemble of photo candidates, {name}, is right on"
ONLY_ENSEMBLE = "The ensemble of photo candidates, {name}, is right on"

Named = Callable[[str], str]
"""How a competitor's name is written: as it is, or as Markdown's code."""


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
    content, metrics = load_params(), read_json(paths.METRICS)
    candidates, ensembles = content["candidates"], content.get("ensembles", {})
    left_out = {name: _left_out(name, ensemble=False) for name in candidates}
    left_out |= {name: _left_out(name, ensemble=True) for name in ensembles}
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
                    f"'{paths.METRICS}' has scores for {name}, but none for {listed(unknown)}, "
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


def said(pair: Pair) -> str:
    """Return, as a clause, the verdict about the first of a pair: "verdict: better (+0.1 to …)"."""
    low, high = signed_share(pair.low), signed_share(pair.high)
    return say("verdict: {word} ({low} to {high})", word=say(pair.word), low=low, high=high)


def compared(a: Competitor, b: Competitor) -> str:
    """Return how `a` stands to `b`: "3 products (0.004) more than", "as many as"."""
    if a.score.correct == b.score.correct:
        return say("as many as")
    more = a.score.correct > b.score.correct
    return say("{gap} more than" if more else "{gap} fewer than", gap=_gap(a, b))


def headline() -> str:
    """Return the result in one line of plain text, from what the `compare` stage left."""
    return summary(load())


def summary(found: Standings) -> str:
    """Return the note's answer in one line of plain text, with what to know of the weights."""
    names = listed(list(found.left_out))
    left_out = [say("Left out: {names}.", names=names)] if found.left_out else []
    return " ".join([*answer(found, named=str), *weights_sentences(found.weights), *left_out])


def answer(found: Standings, *, named: Named) -> list[str]:
    """Return the answer in sentences: the contest on photos, then text, both, and ensembles."""
    first, *others = found.contest
    if not others:
        return [
            say(
                "{name} is the only competitor: right on {result}.",
                name=named(first.name),
                result=result(first),
            )
        ]
    second = others[0]
    pair = found.verdict(first, second)
    verdict = say(
        "verdict: {word} (95 % interval of the difference {low} to {high})",
        word=say(pair.word),
        low=signed_share(pair.low),
        high=signed_share(pair.high),
    )
    sentences = [
        (f"{say(reply(found))} " if reply(found) else "")
        + say(
            "{first} is right on {result}; {second} on {short}.",
            first=_called(first, found, named=named),
            result=result(first),
            second=_called(second, found, named=named),
            short=_short(second),
        ),
        say("They are level; {verdict}.", verdict=verdict)
        if first.score.correct == second.score.correct
        else say("That is {gap} more; {verdict}.", gap=_gap(first, second), verdict=verdict),
    ]
    champion, ensembles = found.champion, found.groups.get("ensemble", [])
    several = len(ensembles) > 1
    ahead = champion if champion.score.correct > first.score.correct else None
    told = [first, second]
    for opening, one, other in (
        ("On photos {name} is ahead of both: right on", ahead, first),
        ("From the text alone, {name} is right on", found.best("text"), champion),
        (
            "From photo and text together, {name} is right on",
            found.best("both"),
            _best_input(found),
        ),
        (BEST_ENSEMBLE if several else ONLY_ENSEMBLE, found.best("ensemble"), champion),
    ):
        if one is not None and one not in told and one is not other:
            told.append(one)
            sentences.append(
                say(
                    "{opening} {short}, {compared} {name}; {verdict}.",
                    opening=say(opening, name=named(one.name)),
                    short=_short(one),
                    compared=compared(one, other),
                    name=named(other.name),
                    verdict=said(found.verdict(one, other)),
                )
            )
    return sentences + _nothing_learnt(found, named=named)


def reply(found: Standings) -> str:
    """Return, in English, whether transfer learning beats the classical baseline: "Yes."."""
    if not found.asked or found.transfer is None:
        return ""
    if found.transfer.untrained:
        return NOT_MEASURED
    classical = next(c for c in found.contest if c is not found.transfer)
    return REPLIES[found.verdict(found.transfer, classical).word]


def result(competitor: Competitor) -> str:
    """Return "705 of 840 test products (0.839, 95 % interval 0.813–0.863)"."""
    score = competitor.score
    low, high = share(score.accuracy_low), share(score.accuracy_high)
    return say(
        "{right} of {products} ({accuracy}, 95 % interval {low}–{high})",
        right=local(f"{score.correct:,}"),
        products=counted(score.products, "test product"),
        accuracy=share(score.accuracy),
        low=low,
        high=high,
    )


def untrained(weights: Iterable[Weights]) -> list[str]:
    """Return the variants whose weights are random."""
    return [w.variant for w in weights if w.source == "random"]


def from_formulas(weights: Iterable[Weights]) -> list[str]:
    """Return the variants whose weights were learnt from images drawn by formulas."""
    return [w.variant for w in weights if w.source == "formula"]


def weights_sentences(weights: Sequence[Weights]) -> list[str]:
    """Return what a reader must know about weights that are not the published ImageNet ones."""
    sentences = []
    random = untrained(weights)
    if random and len(random) == len(weights):
        sentences.append(say("Weights were random: no transfer learning was measured."))
    elif random:
        sentences.append(
            say(
                "Weights of {names} were random: no transfer learning was measured there.",
                names=listed(random),
            )
        )
    formula = from_formulas(weights)
    if formula and len(formula) == len(weights):
        sentences.append(
            say(
                "Weights were learnt from images drawn by formulas, not from photos; they are not "
                "the official ImageNet ones."
            )
        )
    elif formula:
        sentences.append(
            say(
                "Weights of {names} were learnt from images drawn by formulas, not from photos; "
                "they are not the official ImageNet ones.",
                names=listed(formula),
            )
        )
    given = [
        say("{name} (file {file})", name=w.variant, file=w.file)
        for w in weights
        if w.source == "file"
    ]
    if given:
        sentences.append(
            say("Weights of {names} are not the official ImageNet ones.", names=listed(given))
        )
    return sentences


def _best_input(found: Standings) -> Competitor:
    """Return the best of those that read the photo alone or the text alone."""
    text = found.best("text")
    return found.champion if text is None else ranked([found.champion, text])[0]


def _called(competitor: Competitor, found: Standings, *, named: Named) -> str:
    """Return the name, in a contest with what it is the best of: "`b1`, the best of 3 …,"."""
    name = named(competitor.name)
    if not found.asked:
        return name
    alike = [c for c in found.groups[competitor.kind] if c.untrained == competitor.untrained]
    one, several = BEST_OF["random" if competitor.untrained else competitor.kind]
    if len(alike) == 1:
        return say("{name}, the only {one},", name=name, one=say(one))
    return say(
        "{name}, the best of {number} {several},",
        name=name,
        number=len(alike),
        several=say(several),
    )


def _gap(a: Competitor, b: Competitor) -> str:
    products = abs(a.score.correct - b.score.correct)
    return f"{counted(products, 'product')} ({share(products / b.score.products)})"


def _short(competitor: Competitor) -> str:
    """Return "705 (0.839, 0.813–0.863)": right answers, accuracy, interval."""
    score = competitor.score
    low, high = share(score.accuracy_low), share(score.accuracy_high)
    return f"{local(f'{score.correct:,}')} ({share(score.accuracy)}, {low}–{high})"


def _nothing_learnt(found: Standings, *, named: Named) -> list[str]:
    """Return what must be said where a control is not beaten."""
    control = found.control
    learners = [c for c in found.competitors if c.kind != "control"]
    if control is None or not learners:
        return []
    against = say(
        "the control {name} ({accuracy})",
        name=named(control.name),
        accuracy=share(control.score.accuracy),
    )
    if ranked(learners)[0].score.correct <= control.score.correct:
        return [say("No candidate beats {control}: nothing was learnt.", control=against)]
    return [
        say("{name} does not beat {control}.", name=named(c.name), control=against)
        if c.score.correct <= control.score.correct
        else say(
            "{name} is ahead of {control}; {verdict}.",
            name=named(c.name),
            control=against,
            verdict=said(found.verdict(c, control)),
        )
        for c in found.contest
        if not found.beats_control(c)
    ]


def _score(name: str, scores: Mapping[str, Any]) -> Score:
    try:
        return Score(**{key: scores[key] for key in Score.__dataclass_fields__})
    except KeyError as error:
        raise AisleError(
            f"'{paths.METRICS}': {name} has no {error}. Run 'dvc repro -f compare'."
        ) from None


def weights_of(variant: str) -> Weights:
    """Return where a backbone's weights come from."""
    provenance = read_json(paths.record("weights", variant))
    return Weights(**{key: provenance[key] for key in Weights.__dataclass_fields__})


def _left_out(name: str, *, ensemble: bool) -> str | None:
    """Return why it took no part; None where it did, or was never fitted."""
    path = paths.ensemble("records", name) if ensemble else paths.record("train", name)
    return records.left_out(name, ensemble=ensemble) if path.exists() else None
