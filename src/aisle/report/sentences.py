"""The answer in sentences: the contest, text, both, ensembles, and what to know of the weights."""

from collections.abc import Callable, Iterable, Sequence

from aisle.report.wording import counted, listed, local, say, share, signed_share
from aisle.standings.competitors import Competitor, Weights
from aisle.standings.standings import Standings, load, ranked
from aisle.standings.verdicts import Pair

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
