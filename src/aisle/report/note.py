"""Renders reports/note.md from the standings, the evidence and the drawn figures."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from aisle import paths
from aisle.report import certainty, described, ensembles, sentences
from aisle.report import evidence as tables
from aisle.report.drawings import Drawing
from aisle.report.evidence import Evidence
from aisle.report.explained import WITHOUT
from aisle.report.published import CATALOGUES as PUBLISHED
from aisle.report.published import SCALES, Published
from aisle.report.rendering import markdown_templates
from aisle.report.wording import (
    Language,
    code,
    duration,
    language,
    listed,
    local,
    markdown,
    milliseconds,
    say,
    scaled,
    share,
    spaced,
    times,
)
from aisle.standings import standings
from aisle.standings.competitors import KINDS, ON_PHOTOS, Competitor, Kind, Weights
from aisle.standings.standings import Standings

TEMPLATES: dict[Language, str] = {"en": "note.md.j2", "fr": "note.fr.md.j2"}

MAX_REJECTS = 10
FEW_ENSEMBLES = 2
"""More are told member by member only where one unfolds them."""

LONG_TABLE = 12
"""Rows from which a table is folded away."""

STAGES_ALONE = 7
"""The longest; the others share a row."""

SOURCES = {
    "imagenet": "the published ImageNet weights",
    "formula": "{file}, learnt from images drawn by formulas, not from photos; not the official "
    "ImageNet weights",
    "file": "a file named {file}, not the official ImageNet weights",
    "random": "**random**, seed {seed}: nothing was pretrained",
}
CATALOGUES = {
    "sample": "the embedded synthetic sample, drawn by this repository",
    "table": "a table and a folder of photos",
    "folder": "a folder per category",
    "archive": "an archive",
}
PAPER = "https://arxiv.org/abs/2104.00298"


CONCLUSIONS = {
    "Yes.": "On these photos transfer learning beats the classical baseline.",
    "No.": "On these photos the classical baseline beats transfer learning.",
    "They tie.": "On these photos transfer learning and the classical baseline are practically as "
    "good as each other.",
    "This test cannot tell.": "This test cannot tell transfer learning from the classical "
    "baseline.",
    "Not measured.": "Transfer learning was not measured: no backbone was pretrained.",
}
NOTHING_MEASURED = "**No transfer learning was measured.**"
NOT_ALL_MEASURED = "**No transfer learning was measured for {names}.**"
ONE_RANDOM = "The backbone {names} had random weights, so nothing was pretrained."
SEVERAL_RANDOM = "The backbones {names} had random weights, so nothing was pretrained."
ALL_FORMULA = "**The weights are not the official ImageNet ones.**"
NOT_ALL_FORMULA = "**The weights of {names} are not the official ImageNet ones.**"
ONE_FORMULA = "The backbone {names} learnt from images drawn by formulas, not from photos."
SEVERAL_FORMULA = "The backbones {names} learnt from images drawn by formulas, not from photos."
WORTH = (
    "Of {products} real products a linear model gets {formula} right from their frozen features, "
    "{random} from those of random weights, {food101} from those of weights that learnt from "
    "photos (Food-101)."
)
SYNTHETIC = (
    "The catalogue is **synthetic**: its photos are drawings made by this repository. The scores "
    "show that the pipeline works, not how well it does on real photos."
)
PRICE = "{who} took {fit} to train and {answer} per product to predict"
PRICE_PER_FOLD = "{who} took {fit} per fold to train and {answer} per product to predict"
SUMS_UP: dict[Kind, str] = {
    "control": "what knowing nothing, or next to nothing, is worth",
    "classical": "scikit-learn's models on pixels, or on edges and colours",
    "neural": "trained on these photos alone",
    "transfer": "on a pretrained EfficientNetV2: fine-tuned, or frozen below another model",
    "ensemble": "one answer of several candidates that read photos",
    "text": "the words of the products' texts",
    "both": "photo and text in one model, or two models' answers made one",
}


@dataclass(frozen=True)
class Row:
    """A competitor as the note's tables show it."""

    competitor: Competitor
    title: str
    what: str
    input: str
    fitted: str
    parameters: str
    cost: dict[str, Any]
    seconds: float
    best: bool
    beats_control: bool


def render(evidence: Evidence, drawings: dict[str, Drawing]) -> str:
    """Return the whole note; every number in it comes from `evidence`."""
    template = markdown_templates().get_template(TEMPLATES[language()])
    text = template.render(_context(evidence, drawings))
    return spaced(re.sub(r"\n{3,}", "\n\n", text))  # parts that say nothing leave blank lines


def _context(evidence: Evidence, drawings: dict[str, Drawing]) -> dict[str, Any]:
    standings = evidence.standings
    candidates, champion = standings.candidates, standings.champion
    networks = [c for c in candidates if "training" in c.settings]
    fine_tuned = [c for c in networks if "recipe" in c.settings]
    category_shares = tables.shares(evidence)
    smallest = tables.smallest(evidence)
    groups = {
        say(KINDS[kind]): [_row(evidence, c) for c in members]
        for kind, members in standings.groups.items()
    }
    answer = sentences.answer(standings, named=code)
    return {
        "title": _title(standings),
        "warnings": _warnings(evidence),
        "answer": f"**{answer[0]}** {' '.join(answer[1:2])}".rstrip(),
        "price": _price(evidence),
        "beyond": answer[2:],
        "figures": drawings,
        "figure_folder": paths.FIGURES.relative_to(paths.NOTE.parent).as_posix(),
        "settings": evidence.settings,
        "catalogue": say(CATALOGUES[evidence.settings.catalogue.source]),
        "split": standings.split,
        "folds": int(standings.split["folds"]),
        "products": len(evidence.products),
        "categories": evidence.categories,
        "shares": category_shares,
        "totals": category_shares.sum(),
        "views": tables.view_counts(evidence),
        "checks": tables.checks(evidence),
        "rejects": evidence.rejects,
        "rejects_file": paths.REJECTS.as_posix(),
        "reject_kinds": tables.rejected(evidence),
        "reject_rows": evidence.rejects.head(MAX_REJECTS).to_dict("records"),
        "long_table": LONG_TABLE,
        "groups": groups,
        "overview": [
            (
                say(KINDS[kind]),
                say(SUMS_UP[kind]),
                [code(c.name) for c in candidates if c.kind == kind],
            )
            for kind in standings.groups
            if any(c.kind == kind for c in candidates)
        ],
        "candidates": candidates,
        "champion": champion,
        "control": standings.control,
        "marked": any(not row.beats_control for rows in groups.values() for row in rows),
        "texts": any("text" in c.reads for c in candidates),
        "networks": networks,
        "optimizers": described.optimizers(networks),
        "losses": described.losses(networks),
        "stops": described.stops(networks),
        "extras": described.extras(networks),
        "fine_tuned": fine_tuned,
        "recipes": sorted({str(c.settings["recipe"]) for c in fine_tuned}),
        "dropouts": described.dropouts(fine_tuned),
        "weights": [(w, _source(w)) for w in standings.weights],
        "paper": PAPER,
        "scales": [
            (
                c,
                *SCALES[c.backbone],
                scaled(evidence.cost["candidates"][c.name]["parameters"]),
                scaled(evidence.multiply_additions[c.backbone])
                if c.backbone in evidence.multiply_additions
                else "–",
            )
            for c in fine_tuned
        ],
        "ensembles": [
            (one, [_row(evidence, c) for c in (*one.ensemble.members, one.ensemble)])
            for one in ensembles.described(evidence)
        ],
        "few_ensembles": FEW_ENSEMBLES,
        "ways": ensembles.ways(evidence),
        "no_gain": ensembles.gains(evidence),
        "small_against_big": ensembles.small_against_big(evidence),
        "verdicts": _in_front(evidence, _verdict, front=standings.foremost, without=[champion]),
        "mistakes": _in_front(
            evidence,
            _mistakes,
            front=[members[0] for members in standings.groups.values()],
            without=standings.groups.get("control", []),
        ),
        "smallest": smallest,
        "smallest_step": 1 / smallest[1],
        "conclusion": _conclusion(evidence),
        "chosen_on_val": any(
            len(c.settings.get(key) or ()) > 1 for c in candidates for key in ("C", "neighbours")
        ),
        "short_warnings": _short_warnings(evidence),
        "rule": certainty.rule(evidence),
        "twins": evidence.comparison["audit"],
        "margin": evidence.comparison["rule"]["margin"],
        "confidence": evidence.comparison["rule"]["confidence"],
        "resamples": evidence.comparison["rule"]["resamples"],
        "winners": certainty.winners(evidence),
        "size_of_the_test": certainty.size_of_the_test(evidence),
        "few": evidence.comparison["test"]["few"],
        "noises": certainty.noises(evidence),
        "learning": certainty.curves(evidence),
        "mixed_up": evidence.comparison["mixed_up"],
        "suspects": len(evidence.suspects),
        "few_pairs": certainty.FEW_PAIRS,
        "common": certainty.complements(evidence),
        "stages": tables.stage_costs(evidence, alone=STAGES_ALONE),
        "machine": evidence.cost["machine"],
        **_published(evidence),
        **_stands_on(evidence),
    }


def _published(evidence: Evidence) -> dict[str, Any]:
    """Return what others published on the catalogue, by input, the best first, ours among them."""
    cited = PUBLISHED[evidence.settings.report.published]
    best: dict[str, Competitor] = {}
    for c in standings.ranked(evidence.standings.competitors):
        best.setdefault(c.reads, c)
    found: list[Published | Competitor] = []
    for reads in dict.fromkeys(one.reads for one in cited):
        rows: list[tuple[float, Published | Competitor]] = [
            (one.accuracy, one) for one in cited if one.reads == reads
        ]
        rows += [(c.score.accuracy, c) for name, c in best.items() if name == reads]
        found += [one for _, one in sorted(rows, key=lambda row: -row[0])]
    tested = [one.tested for one in cited if one.tested]
    return {
        "published": found,
        "published_tests": (min(tested), max(tested)) if tested else (),
    }


def _stands_on(evidence: Evidence) -> dict[str, Any]:
    """Return what answers stand on: who was asked, what was taken away, which words counted."""
    asked = evidence.explained
    colour = [c for c in evidence.standings.candidates if c.settings.get("sees") == "mean_colour"]
    text = evidence.standings.best("text")
    return {
        "explained": asked,
        "takings": [
            (what, say(said))
            for what, said in WITHOUT.items()
            if any(what in e.without for e in asked)
        ],
        "worded": [(e.name, told) for e in asked for told in e.products if told.words],
        "alone": [
            (say(said), c)
            for said, c in (("its mean colour", next(iter(colour), None)), ("its text", text))
            if c is not None
        ],
    }


def _in_front(
    evidence: Evidence,
    make: Callable[[Evidence, Competitor], dict[str, Any]],
    *,
    front: Sequence[Competitor],
    without: Sequence[Competitor],
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return a row for each competitor in front, and for the rest, in the groups' order."""
    groups = evidence.standings.groups.values()
    ordered = [c for members in groups for c in members if c not in without]
    return (
        [make(evidence, c) for c in ordered if c in front],
        [make(evidence, c) for c in ordered if c not in front],
    )


def _title(standings: Standings) -> str:
    if standings.asked:
        return say("Does transfer learning with EfficientNetV2 beat the classical baseline?")
    return say("Which candidate recognises the categories best?")


def _warnings(evidence: Evidence) -> list[str]:
    """Return what must be read before any number."""
    weights = evidence.standings.weights
    random = [w for w in weights if w.source == "random"]
    formula = [w for w in weights if w.source == "formula"]
    warnings = []
    if random:
        names = listed([code(w.variant) for w in random])
        where = NOTHING_MEASURED if len(random) == len(weights) else NOT_ALL_MEASURED
        warnings.append(
            " ".join(
                [
                    say(where, names=names),
                    say(SEVERAL_RANDOM if len(random) > 1 else ONE_RANDOM, names=names),
                ]
            )
        )
    if formula:
        names = listed([code(w.variant) for w in formula])
        where = ALL_FORMULA if len(formula) == len(weights) else NOT_ALL_FORMULA
        warnings.append(
            " ".join(
                [
                    say(where, names=names),
                    say(SEVERAL_FORMULA if len(formula) > 1 else ONE_FORMULA, names=names),
                    *_worth(formula),
                ]
            )
        )
    given = [
        say("{name} (file {file})", name=code(w.variant), file=code(w.file))
        for w in weights
        if w.source == "file"
    ]
    if given:
        warnings.append(
            say("The weights of {names} are not the official ImageNet ones.", names=listed(given))
        )
    if evidence.settings.catalogue.source == "sample":
        warnings.append(say(SYNTHETIC))
    return warnings + _left_out(evidence.standings)


def _worth(weights: Sequence[Weights]) -> list[str]:
    """Return what weights from formulas are worth on real photos, where all their cards say so."""
    probes = [w.probe for w in weights if w.probe]
    if len(probes) < len(weights):
        return []
    shares = {
        start: sorted({share(probe[start]) for probe in probes})
        for start in ("random", "formula", "food101")
    }
    ranges = {
        start: found[0] if len(found) == 1 else say("{low} to {high}", low=found[0], high=found[-1])
        for start, found in shares.items()
    }
    products = local(f"{max(int(probe['products']) for probe in probes):,}")
    return [say(WORTH, products=products, **ranges)]


def _left_out(standings: Standings) -> list[str]:
    """Return who took no part, by reason; an ensemble's is that of its member."""
    names: dict[str, list[str]] = {}
    for name, reason in standings.left_out.items():
        names.setdefault(reason.rpartition(" was left out: ")[2], []).append(code(name))
    return [
        say(
            "Left out, and in none of the tables: {names}. Reason: {reason}",
            names=listed(found),
            reason=markdown(reason),
        )
        for reason, found in names.items()
    ]


def _price(evidence: Evidence) -> str:
    """Return what the two sides of the contest cost in time."""
    standings = evidence.standings
    first, *others = standings.contest
    fit, ms = tables.spent(evidence, first)
    price = say(
        PRICE_PER_FOLD if int(standings.split["folds"]) > 1 else PRICE,
        who=_explained(first),
        fit=duration(fit),
        answer=milliseconds(ms),
    )
    for other in others:
        seconds, other_ms = tables.spent(evidence, other)
        price += say(
            "; {who} {fit}{ratio} and {answer}",
            who=_explained(other),
            fit=duration(seconds),
            ratio=_ratio(fit, seconds),
            answer=milliseconds(other_ms),
        )
    return f"{price}."


def _explained(competitor: Competitor) -> str:
    return f"{code(competitor.name)} ({described.what(competitor)})"


def _ratio(first: float, other: float) -> str:
    """Return " (61 times as long)" or " (61 times faster)"; nothing where there is no telling."""
    if min(first, other) <= 0 or duration(first) == duration(other):
        return ""
    if other > first:
        return f" ({say('{times} as long', times=times(other / first))})"
    return f" ({say('{times} faster', times=times(first / other))})"


def _row(evidence: Evidence, competitor: Competitor) -> Row:
    cost = evidence.cost["candidates"][competitor.name]
    alone = not competitor.members
    nodes = f" {say('nodes')}" if described.grows(competitor) else ""
    return Row(
        competitor=competitor,
        title=code(competitor.name) + (f" ({say(competitor.label)})" if competitor.label else ""),
        what=described.what(competitor),
        input=described.reads(competitor) if alone else say(competitor.reads),
        fitted=described.fitted(competitor) if alone else "",
        parameters=scaled(cost["parameters"]) + nodes,
        cost=cost,
        seconds=tables.spent(evidence, competitor)[0],
        best=competitor.score.correct
        == evidence.standings.groups[competitor.kind][0].score.correct,
        beats_control=evidence.standings.beats_control(competitor),
    )


def _source(weights: Weights) -> str:
    return say(SOURCES[weights.source], file=code(weights.file), seed=weights.seed)


def _verdict(evidence: Evidence, competitor: Competitor) -> dict[str, Any]:
    """Return how a competitor stands to the best on photos and to the best control."""
    standings = evidence.standings
    champion, control = standings.champion, standings.control
    beats = None if control in (None, competitor) else standings.verdict(competitor, control)
    return {
        "competitor": competitor,
        "pair": standings.verdict(competitor, champion),
        "against_control": "–"
        if beats is None or competitor.kind == "control"
        else say(beats.word),
    }


def _conclusion(evidence: Evidence) -> list[str]:
    """Return the answer again in a sentence, then what the test can and cannot tell apart."""
    standings = evidence.standings
    champion, control = standings.champion, standings.control
    found = [say(CONCLUSIONS[sentences.reply(standings)])] if standings.asked else []
    alone = [c for c in standings.candidates if c.kind in ON_PHOTOS and c is not champion]
    if alone:
        found.append(
            say(
                "Of the {number} single candidates on photos {name} has the most right answers; "
                "{stands}.",
                number=len(alone) + 1,
                name=code(champion.name),
                stands=certainty.stands(evidence, champion, alone),
            )
        )
    else:
        found.append(
            say(
                "{name} is right on {result}.",
                name=code(champion.name),
                result=sentences.result(champion),
            )
        )
    if control is not None:
        found.append(_against_control(standings, control))
    return found


def _against_control(standings: Standings, control: Competitor) -> str:
    """Return who beats the best control, by name only where not all do."""
    learners = [c for c in standings.competitors if c.kind != "control"]
    name = say(
        "the best control {name} ({accuracy})",
        name=code(control.name),
        accuracy=share(control.score.accuracy),
    )
    marked = [code(c.name) for c in learners if not standings.beats_control(c)]
    if not learners:
        return say("There are only controls.")
    if not marked:
        return say(
            "All beat {control}." if len(learners) > 1 else "It beats {control}.", control=name
        )
    if len(marked) == len(learners):
        return say(
            "None is better than {control}: nothing was learnt that this test could see.",
            control=name,
        )
    return say(
        "Not clearly better than {control}: {names}; all others are.",
        control=name,
        names=listed(marked),
    )


def _short_warnings(evidence: Evidence) -> list[str]:
    found = [markdown(s) for s in sentences.weights_sentences(evidence.standings.weights)]
    if evidence.settings.catalogue.source == "sample":
        found.append(say("The photos are synthetic."))
    return found


def _mistakes(evidence: Evidence, competitor: Competitor) -> dict[str, Any]:
    category, f1, support = tables.weakest(evidence, competitor)
    return {
        "competitor": competitor,
        "category": category,
        "f1": f1,
        "support": support,
        "confused": tables.confused(evidence, competitor),
    }
