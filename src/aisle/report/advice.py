"""Advice in plain words: text or photo, which candidate on photos, what fine-tuning was worth.

Only pairs that a family tests are judged: the contest, and any with the finalist on photos. What
confirms nothing is called exploratory.
"""

from collections.abc import Callable, Sequence

from aisle.report.headline import difference_clause, verdict_clause
from aisle.report.translation import N_, gettext
from aisle.report.wording import code, counted, local, share
from aisle.standings.competitors import Competitor
from aisle.standings.standings import Standings

Fit = Callable[[Competitor], str]
"""How long one fit of a competitor takes, in words."""

TEXT = {
    "better": N_("**With texts:** use them. {name} gets {compared} {other}; {verdict}."),
    "worse": N_(
        "**With texts:** they say less than the photos. {name} gets {compared} {other}; {verdict}."
    ),
    "tie": N_(
        "**With texts:** they are as good as the photos. {name} gets {compared} {other}; {verdict}."
    ),
    "undecided": N_(
        "**With texts:** this test cannot tell whether they or the photos are better. {name} gets "
        "{compared} {other}; {verdict}."
    ),
}
NO_GAIN = N_(
    "This test shows no gain from adding the photo: with both, {name} gets {compared} {other}."
)
UNTESTED_GAIN = N_(
    "With both, {name} gets {compared} {other}; that pair was not tested, so this test cannot tell "
    "whether the photo adds anything."
)
TOGETHER = N_(
    "Photo and text together are better than the photo alone: {name} gets {compared} {other}; "
    "{verdict}."
)
USE = N_("**With photos alone:** use {name}, which gets {result} and takes {fit} to train.")
OPEN = N_(
    "**With photos alone:** this test does not single out one candidate. {name} gets {result} and "
    "takes {fit} to train."
)
NO_ADVICE = N_(
    "**With photos alone:** no advice, because {name} is not shown to be better than a control."
)
RIVALS = {
    "better": N_("It gets {compared} {other}, which takes {fit}; {verdict}."),
    "worse": N_("It gets {compared} {other}, which takes {fit}; {verdict}."),
    "tie": N_("{other}, which takes {fit}, ties with it."),
    "undecided": N_("This test cannot tell whether {other}, which takes {fit}, is as good."),
}
TUNING = {
    "better": N_("**Fine-tuning** gained."),
    "worse": N_("**Fine-tuning** did harm."),
    "tie": N_("**Fine-tuning** made no difference that matters."),
    "undecided": N_("**Fine-tuning:** this test cannot tell whether it gains anything."),
}
TUNED = N_(
    "{name} gets {compared} {other}, a model on frozen features, and takes {fit} to train, not "
    "{less}; {verdict}."
)
TUNED_UNTESTED = N_(
    "**Fine-tuning:** {name} gets {compared} {other}, a model on frozen features, and takes {fit} "
    "to train, not {less}. That pair was not tested, so this test cannot tell whether fine-tuning "
    "gains anything."
)


def advice(standings: Standings, *, fit: Fit) -> list[str]:
    """Return what to do as Markdown, one item per question that the competitors can answer."""
    found = (
        _with_texts(standings),
        _with_photos(standings, fit=fit),
        _fine_tuning(standings, fit=fit),
    )
    return [item for item in found if item]


def _with_texts(standings: Standings) -> str:
    """Return whether to use texts, and whether a photo adds to them; "" without both inputs."""
    photo, text, both = standings.champion, standings.best("text"), standings.best("both")
    if text is None or photo.reads != "photo":
        return ""
    word = standings.verdict(text, photo).word
    found = _sentence(TEXT[word], text, photo, standings=standings)
    found += _hint(standings, (text, photo))
    if both is None:
        return found
    if word == "better":
        template = UNTESTED_GAIN if both.score.correct > text.score.correct else NO_GAIN
        names = {"name": code(both.name), "other": code(text.name)}
        return f"{found} {gettext(template, compared=difference_clause(both, text), **names)}"
    if standings.verdict(both, photo).word == "better":
        together = _sentence(TOGETHER, both, photo, standings=standings)
        return f"{found} {together}{_hint(standings, (both, photo))}"
    return found


def _with_photos(standings: Standings, *, fit: Fit) -> str:
    """Return which candidate to use on photos alone, and how the others of the contest compare."""
    champion = standings.champion
    if champion.reads != "photo":
        return ""
    if not standings.beats_control(champion):
        return gettext(NO_ADVICE, name=code(champion.name))
    others = [c for c in standings.contest if c is not champion and c.reads == "photo"]
    ahead = [c for c in others if standings.verdict(c, champion).word == "better"]
    chosen = next(iter(ahead), champion)
    rivals = [c for c in (champion, *others) if c is not chosen]
    words = [standings.verdict(chosen, c).word for c in rivals]
    score = chosen.score
    opening = gettext(
        USE if set(words) <= {"better"} else OPEN,
        name=code(chosen.name),
        result=gettext(
            "{right} of {products} right ({accuracy})",
            right=local(f"{score.correct:,}"),
            products=counted(score.products, "test product", "test products"),
            accuracy=share(score.accuracy),
        ),
        fit=fit(chosen),
    )
    compared = [
        _sentence(RIVALS[word], chosen, c, standings=standings, fit=fit(c))
        for c, word in zip(rivals, words, strict=True)
    ]
    return " ".join([opening, *compared]) + _hint(standings, *((chosen, c) for c in rivals))


def _fine_tuning(standings: Standings, *, fit: Fit) -> str:
    """Return what fine-tuning was worth against frozen features; "" without both."""
    champion = standings.champion
    found = [c for c in standings.by_validation if c.kind == "transfer" and not c.untrained]
    tuned = _like(champion, among=[c for c in found if "training" in c.settings])
    frozen = _like(champion, among=[c for c in found if "training" not in c.settings])
    if tuned is None or frozen is None:
        return ""
    tested = champion in (tuned, frozen)
    found_out = _sentence(
        TUNED if tested else TUNED_UNTESTED,
        tuned,
        frozen,
        standings=standings,
        fit=fit(tuned),
        less=fit(frozen),
    )
    opening = gettext(TUNING[standings.verdict(tuned, frozen).word]) if tested else ""
    hint = _hint(standings, (tuned, frozen)) if tested else ""
    return f"{opening} {found_out}{hint}".strip()


def _like(champion: Competitor, *, among: Sequence[Competitor]) -> Competitor | None:
    """Return the champion if it is among these, else the best on val on its backbone, or of all."""
    ordered = sorted(among, key=lambda c: (c is not champion, c.backbone != champion.backbone))
    return next(iter(ordered), None)


def _hint(standings: Standings, *pairs: tuple[Competitor, Competitor]) -> str:
    """Return a sentence to add where an exploratory verdict says something of one of the pairs."""
    found = [standings.verdict(one, other) for one, other in pairs]
    if any(v.word != "undecided" and v.family not in standings.confirmatory for v in found):
        return " " + gettext("Take that as a hint, not as proof.")
    return ""


def _sentence(
    template: str, one: Competitor, other: Competitor, *, standings: Standings, **values: str
) -> str:
    """Return a sentence on two competitors, with their difference and the verdict on the first."""
    return gettext(
        template,
        name=code(one.name),
        other=code(other.name),
        compared=difference_clause(one, other),
        verdict=verdict_clause(standings.verdict(one, other), found=standings),
        **values,
    )
