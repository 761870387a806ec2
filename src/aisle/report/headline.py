"""The headline: the answer in sentences, and a warning about the weights."""

from collections.abc import Callable, Sequence

from aisle.report.translation import N_, gettext
from aisle.report.wording import confidence, counted, listed, local, share, signed_share
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


def verdict_clause(pair: Pair) -> str:
    """Return the verdict on the first of a pair: "verdict: better (+0.100 to +0.200)"."""
    return gettext(
        "verdict: {word} ({interval})",
        word=gettext(VERDICTS[pair.word]),
        interval=_interval(pair),
    )


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
    return " ".join([*answer(found, named=str), *weights_sentences(found.weights), *left_out])


def answer(found: Standings, *, named: Named) -> list[str]:
    """Return the answer in sentences: the contest on photos, then text, both, and ensembles."""
    first, *others = found.contest
    if not others:
        return [
            gettext(
                "{name} is the only competitor: it gets {result}.",
                name=named(first.name),
                result=result(first, found=found),
            )
        ]
    second = others[0]
    pair = found.verdict(first, second)
    verdict = gettext(
        "verdict: {word} ({confidence} % interval of the difference: {interval})",
        confidence=confidence(found.confidence),
        word=gettext(VERDICTS[pair.word]),
        interval=_interval(pair),
    )
    sentences = [
        (f"{gettext(reply(found))} " if reply(found) else "")
        + gettext(
            "{first} gets {result}; {second} gets {short}.",
            first=_called(first, found, named=named),
            result=result(first, found=found),
            second=_called(second, found, named=named),
            short=_short(second),
        ),
        gettext("They get the same number right; {verdict}.", verdict=verdict)
        if first.score.correct == second.score.correct
        else gettext(
            "The difference is {gap}; {verdict}.", gap=_gap(first, second), verdict=verdict
        ),
    ]
    champion, ensembles = found.champion, found.groups.get("ensemble", [])
    leader = ranked([first, second])[0]
    ahead = champion if champion.score.correct > leader.score.correct else None
    named_already = [first, second]
    for opening, one, other in (
        (N_("On photos, {name} is ahead of both: it gets"), ahead, leader),
        (N_("From the text alone, {name} gets"), found.best("text"), champion),
        (N_("From photo and text together, {name} gets"), found.best("both"), _best_input(found)),
        (
            N_("The best ensemble of photo candidates, {name}, gets")
            if len(ensembles) > 1
            else N_("The ensemble of photo candidates, {name}, gets"),
            found.best("ensemble"),
            champion,
        ),
    ):
        if one is not None and one not in named_already and one is not other:
            named_already.append(one)
            sentences.append(
                gettext(
                    "{opening} {short}, {compared} {name}; {verdict}.",
                    opening=gettext(opening, name=named(one.name)),
                    short=_short(one),
                    compared=difference_clause(one, other),
                    name=named(other.name),
                    verdict=verdict_clause(found.verdict(one, other)),
                )
            )
    return sentences + _unbeaten_control(found, named=named)


def reply(found: Standings) -> str:
    """Return, in English, whether transfer learning beats the classical baseline: "Yes."."""
    if not found.has_both_sides or found.transfer is None:
        return ""
    if found.transfer.untrained:
        return NOT_MEASURED
    classical = next(c for c in found.contest if c is not found.transfer)
    return REPLIES[found.verdict(found.transfer, classical).word]


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


def _best_input(found: Standings) -> Competitor:
    """Return the best of those that read the photo alone or the text alone."""
    text = found.best("text")
    return found.champion if text is None else ranked([found.champion, text])[0]


def _called(competitor: Competitor, found: Standings, *, named: Named) -> str:
    """Return the name, in a contest with what it is the best of: "`b1`, the best of 3 …,"."""
    name = named(competitor.name)
    if not found.has_both_sides:
        return name
    alike = [c for c in found.groups[competitor.kind] if c.untrained == competitor.untrained]
    one, several = BEST_OF["random" if competitor.untrained else competitor.kind]
    if len(alike) == 1:
        return gettext("{name}, the only {one},", name=name, one=gettext(one))
    return gettext(
        "{name}, the best of {number} {several},",
        name=name,
        number=len(alike),
        several=gettext(several),
    )


def _gap(a: Competitor, b: Competitor) -> str:
    products = abs(a.score.correct - b.score.correct)
    return f"{counted(products, 'product', 'products')} ({share(products / b.score.products)})"


def _short(competitor: Competitor) -> str:
    """Return "705 right (0.839; 0.813–0.863)"."""
    score = competitor.score
    low, high = share(score.accuracy_low), share(score.accuracy_high)
    accuracy = share(score.accuracy)
    return gettext(
        "{right} right ({accuracy}; {low}–{high})",
        right=local(f"{score.correct:,}"),
        accuracy=accuracy,
        low=low,
        high=high,
    )


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
            verdict=verdict_clause(found.verdict(c, control)),
        )
        for c in found.contest
        if not found.beats_control(c)
    ]
