"""The headline: the contest and its answer in sentences, and a warning about the weights."""

from collections.abc import Callable, Sequence

from aisle.report.translation import N_, gettext
from aisle.report.wording import (
    confidence,
    counted,
    listed,
    local,
    probability,
    share,
    signed_share,
)
from aisle.standings.competitors import Competitor, Weights
from aisle.standings.standings import Standings, load, ranked
from aisle.standings.verdicts import Pair

BEST_OF = {
    "classical": (N_("classical candidate"), N_("classical candidates")),
    "transfer": (N_("transfer-learning candidate"), N_("transfer-learning candidates")),
    "random": (N_("candidate on random weights"), N_("candidates on random weights")),
}
"""What each side of the contest is the best of; random weights do not count as transfer."""

REPLIES = {
    "better": N_("Yes."),
    "worse": N_("No."),
    "tie": N_("They tie."),
    "undecided": N_("This test cannot tell."),
}
"""The verdict on transfer learning against the classical baseline, as an answer."""

NOT_MEASURED = N_("Not measured.")

SIDES = N_(
    "The transfer-learning candidate {first} gets {right} of {products} right ({accuracy}), the "
    "classical candidate {second} gets {other} ({other_accuracy})."
)
RANDOM = N_(
    "The candidate {first}, on random weights, gets {right} of {products} right ({accuracy}), the "
    "classical candidate {second} gets {other} ({other_accuracy})."
)
ANY = N_(
    "{first} gets {right} of {products} right ({accuracy}), {second} gets {other} "
    "({other_accuracy})."
)
"""The two of the contest, and what each gets."""

ONE_FORMULA = N_(
    "The weights of {names} come from pretraining on formula-generated images, not on photos; they "
    "are not the official ImageNet weights."
)
ALL_FORMULA = N_(
    "The weights come from pretraining on formula-generated images, not on photos; they are not "
    "the official ImageNet weights."
)
VERDICTS = {
    "better": N_("better"),
    "worse": N_("worse"),
    "tie": N_("tie"),
    "undecided": N_("undecided"),
}

Named = Callable[[str], str]
"""How a competitor's name is written: as it is, or as Markdown's code."""


def verdict_clause(pair: Pair, *, found: Standings) -> str:
    """Return the verdict on the first of a pair: "verdict: better (+0.100 to +0.200)".

    It is called exploratory where its family confirms nothing.
    """
    template = (
        N_("verdict: {word} ({interval})")
        if pair.family in found.confirmatory
        else N_("exploratory verdict: {word} ({interval})")
    )
    return gettext(template, word=gettext(VERDICTS[pair.word]), interval=_interval(pair))


def _interval(pair: Pair) -> str:
    return gettext("{low} to {high}", low=signed_share(pair.low), high=signed_share(pair.high))


def difference_clause(a: Competitor, b: Competitor) -> str:
    """Return how `a` compares with `b`: "3 products (0.004) more than", "as many as"."""
    if a.score.correct == b.score.correct:
        return gettext("as many as")
    if a.score.correct > b.score.correct:
        return gettext("{gap} more than", gap=_gap(a, b))
    return gettext("{gap} fewer than", gap=_gap(a, b))


def headline() -> str:
    """Return the result in one line of plain text, from what the `compare` stage left."""
    return summary(load())


def summary(found: Standings) -> str:
    """Return the note's answer in one line of plain text, with a warning about the weights."""
    names = listed(list(found.left_out))
    left_out = [gettext("Left out: {names}.", names=names)] if found.left_out else []
    said = [*answer(found, named=str), *beyond(found, named=str)]
    return " ".join([*said, *weights_sentences(found.weights), *left_out])


def answer(found: Standings, *, named: Named) -> list[str]:
    """Return the contest in sentences: who gets what, the difference, how the two were chosen."""
    first, *others = found.contest
    if not others:
        return [
            gettext(
                "{name} is the only competitor: it gets {result}.",
                name=named(first.name),
                result=result(first, found=found),
            )
        ]
    second, said = others[0], reply(found)
    sides = gettext(
        ANY if not found.has_both_sides else RANDOM if first.untrained else SIDES,
        first=named(first.name),
        right=local(f"{first.score.correct:,}"),
        products=counted(first.score.products, "test product", "test products"),
        accuracy=share(first.score.accuracy),
        second=named(second.name),
        other=local(f"{second.score.correct:,}"),
        other_accuracy=share(second.score.accuracy),
    )
    sentences = [f"{gettext(said)} {sides}" if said else sides, _gap_sentences(found, named=named)]
    return [sentence for sentence in (*sentences, _chosen(found, named=named)) if sentence]


def beyond(found: Standings, *, named: Named) -> list[str]:
    """Return what the other families say of photos, text, both and ensembles, and of controls."""
    champion, contest = found.champion, found.contest
    leader = ranked(contest[:2])[0]
    several = len(found.groups.get("ensemble", [])) > 1
    sentences, named_already = [], list(contest)
    for opening, one, other in (
        (N_("On photos, {name} was the best on validation; on test it gets"), champion, leader),
        (N_("From the text alone, {name} gets"), found.best("text"), champion),
        (N_("From photo and text together, {name} gets"), found.best("both"), champion),
        (
            N_("The ensemble of photo candidates that was best on validation, {name}, gets")
            if several
            else N_("The ensemble of photo candidates, {name}, gets"),
            found.best("ensemble"),
            champion,
        ),
    ):
        if one is not None and one not in named_already and one is not other:
            named_already.append(one)
            sentences.append(
                gettext(
                    "{opening} {right} right ({accuracy}), {compared} {name}; {verdict}.",
                    opening=gettext(opening, name=named(one.name)),
                    right=local(f"{one.score.correct:,}"),
                    accuracy=share(one.score.accuracy),
                    compared=difference_clause(one, other),
                    name=named(other.name),
                    verdict=verdict_clause(found.verdict(one, other), found=found),
                )
            )
    return sentences + _unbeaten_control(found, named=named)


def reply(found: Standings) -> str:
    """Return, in English, whether transfer learning beats the classical baseline: "Yes."."""
    if not found.has_both_sides:
        return ""
    transfer, classical = found.contest
    return NOT_MEASURED if transfer.untrained else REPLIES[found.verdict(transfer, classical).word]


def result(competitor: Competitor, *, found: Standings) -> str:
    """Return "705 of 840 test products right (0.839; 95 % interval 0.813–0.863)"."""
    score = competitor.score
    return gettext(
        "{right} of {products} right ({accuracy}; {confidence} % interval {low}–{high})",
        confidence=confidence(found.confidence),
        right=local(f"{score.correct:,}"),
        products=counted(score.products, "test product", "test products"),
        accuracy=share(score.accuracy),
        low=share(score.accuracy_low),
        high=share(score.accuracy_high),
    )


def weights_sentences(weights: Sequence[Weights]) -> list[str]:
    """Return what a reader must know about weights that are not the published ImageNet ones."""
    sentences = []
    random = [w.variant for w in weights if w.source == "random"]
    if random and len(random) == len(weights):
        sentences.append(gettext("Weights were random: no transfer learning was measured."))
    elif random:
        sentences.append(
            gettext(
                "Weights of {names} were random: no transfer learning was measured there.",
                names=listed(random),
            )
        )
    formula = [w.variant for w in weights if w.source == "formula"]
    if formula and len(formula) == len(weights):
        sentences.append(gettext(ALL_FORMULA))
    elif formula:
        sentences.append(gettext(ONE_FORMULA, names=listed(formula)))
    given = [
        gettext("{name} (file {file})", name=w.variant, file=w.file)
        for w in weights
        if w.source == "file"
    ]
    if given:
        sentences.append(
            gettext(
                "Weights of {names} were given as files; they are not known to be the official "
                "ImageNet ones.",
                names=listed(given),
            )
        )
    return sentences


def _gap_sentences(found: Standings, *, named: Named) -> str:
    """Return who leads by how much, interval and p; the verdict too where it is no answer yet."""
    leader, other = ranked(found.contest)
    pair = found.verdict(leader, other)
    sentences = [
        gettext("They get the same number right.")
        if leader.score.correct == other.score.correct
        else gettext("{name} leads by {gap}.", name=named(leader.name), gap=_gap(leader, other)),
        gettext(
            "The {confidence} % interval of the difference is {interval}; {p} (one test, no "
            "correction).",
            confidence=confidence(found.confidence),
            interval=_interval(pair),
            p=_p(pair.p),
        ),
    ]
    if reply(found) not in REPLIES.values():
        sentences.append(
            gettext(
                "Verdict on {name}: {word}.",
                name=named(leader.name),
                word=gettext(VERDICTS[pair.word]),
            )
        )
    return " ".join(sentences)


def _p(value: float) -> str:
    """Return "p = 0.031" or "p < 0.001"."""
    return f"p {probability(value)}" if value < 0.001 else f"p = {probability(value)}"


def _chosen(found: Standings, *, named: Named) -> str:
    """Return how the two of the contest were chosen; "" where there was no choice."""
    if found.finalists.chosen_by == "params":
        return gettext(
            "This pair was named in {file}, before the test was opened.", file=named("params.yaml")
        )
    if not found.has_both_sides:
        if len(found.competitors) == len(found.contest):
            return ""
        return gettext(
            "They were the best two candidates on validation, chosen before the test was opened."
        )
    (one, alone), (other, other_alone) = (_best_of(c, found) for c in found.contest)
    if alone and other_alone:
        return gettext(
            "They are {one} and {other}, so nothing had to be chosen.", one=one, other=other
        )
    return gettext(
        "Chosen on validation, before the test was opened: {one}, and {other}.",
        one=one,
        other=other,
    )


def _best_of(competitor: Competitor, found: Standings) -> tuple[str, bool]:
    """Return "the best of 3 transfer-learning candidates", and whether it is the only one."""
    alike = [c for c in found.groups[competitor.kind] if c.untrained == competitor.untrained]
    one, several = BEST_OF["random" if competitor.untrained else competitor.kind]
    if len(alike) == 1:
        return gettext("the only {one}", one=gettext(one)), True
    number = local(f"{len(alike):,}")
    return gettext("the best of {number} {several}", number=number, several=gettext(several)), False


def _gap(a: Competitor, b: Competitor) -> str:
    products = abs(a.score.correct - b.score.correct)
    return f"{counted(products, 'product', 'products')} ({share(products / b.score.products)})"


def _unbeaten_control(found: Standings, *, named: Named) -> list[str]:
    """Return a warning where a control is not beaten."""
    control = found.control
    learners = [c for c in found.competitors if c.kind != "control"]
    if control is None or not learners:
        return []
    against = gettext(
        "the control {name} ({accuracy})",
        name=named(control.name),
        accuracy=share(control.score.accuracy),
    )
    if ranked(learners)[0].score.correct <= control.score.correct:
        return [
            gettext("No candidate beats {control}: nothing useful was learned.", control=against)
        ]
    return [
        gettext("{name} does not beat {control}.", name=named(c.name), control=against)
        if c.score.correct <= control.score.correct
        else gettext(
            "{name} is ahead of {control}; {verdict}.",
            name=named(c.name),
            control=against,
            verdict=verdict_clause(found.verdict(c, control), found=found),
        )
        for c in found.contest
        if not found.beats_control(c)
    ]
