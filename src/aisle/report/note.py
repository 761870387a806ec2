"""Render reports/note.md from the standings, the evidence and the texts of the figures."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from aisle import paths
from aisle.report import (
    advice,
    comparison_sentences,
    competitor_words,
    ensembles,
    evidence,
    explanations,
    headline,
    reach,
)
from aisle.report.evidence import Evidence, resources_used
from aisle.report.explanations import CHANGES
from aisle.report.figure_texts import FigureText
from aisle.report.headline import VERDICTS
from aisle.report.published import (
    BEFORE,
    EARLIER,
    SCALES,
    TUNED_HERE,
    Published,
    against_the_study,
)
from aisle.report.published import CATALOGUES as PUBLISHED
from aisle.report.rendering import markdown_templates
from aisle.report.translation import N_, gettext, ngettext
from aisle.report.wording import (
    GAP,
    code,
    decimal,
    duration,
    english,
    gigas,
    listed,
    local,
    markdown,
    milliseconds,
    percent,
    scaled,
    shortened,
)
from aisle.standings import standings
from aisle.standings.competitors import KINDS, Competitor, Kind, Weights
from aisle.standings.standings import Standings
from aisle.statistics.mistakes import AGREED

TEMPLATE = "note.md.j2"

MAX_REJECTS = 10
FEW_ENSEMBLES = 2
"""With more, the weights of their members are folded away."""

LONG_TABLE = 12
"""Rows from which a table is folded away."""

STAGE_ROWS = 7
"""The longest; the others share a row."""

SOURCES = {
    "imagenet": N_("the published ImageNet weights"),
    "formula": N_("{file}, pretrained on formula-generated images"),
    "file": N_("{file}, given by the user"),
    "random": N_("**random**, seed {seed}: no pretraining"),
}
CATALOGUES = {
    "sample": N_("the embedded synthetic sample"),
    "table": N_("a table and a folder of photos"),
    "folder": N_("a folder per category"),
    "archive": N_("an archive"),
}
VIEWS = {
    "horizontal_flip": N_("horizontal flip"),
    "vertical_flip": N_("vertical flip"),
    "rotate_90": N_("quarter turn"),
}
MACHINE = {
    "processor": N_("processor"),
    "cores": N_("cores"),
    "memory_gb": N_("memory (GB)"),
}
PAPER = "https://arxiv.org/abs/2104.00298"

WORTH = N_(
    "What the formula-pretrained weights are worth on real photos: a linear model on their frozen "
    "features gets {formula} of {products} products right; {random} on random weights, {food101} "
    "on weights pretrained on photos (Food-101)."
)
SYNTHETIC = N_(
    "The photos are synthetic drawings: the scores show that the pipeline works, not how well it "
    "does on real photos."
)
SUMMARIES: dict[Kind, str] = {
    "control": N_("models that know nothing, or next to nothing, of the products"),
    "classical": N_("scikit-learn models on pixels, or on edges and colours"),
    "neural": N_("networks trained on these photos alone"),
    "transfer": N_("a pretrained EfficientNetV2, fine-tuned or frozen with another model on top"),
    "ensemble": N_("several photo candidates combined into one answer"),
    "text": N_("the words of the product texts"),
    "both": N_("photo and text in one model, or the answers of two models combined"),
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


def render(found: Evidence, texts: dict[str, FigureText]) -> str:
    """Return the whole note; every number in it comes from `found`."""
    text = markdown_templates().get_template(TEMPLATE).render(_context(found, texts))
    return re.sub(r"\n{3,}", "\n\n", text)  # parts that say nothing leave blank lines


def _context(found: Evidence, texts: dict[str, FigureText]) -> dict[str, Any]:
    standings = found.standings
    answer, *details = headline.answer(standings, named=code)
    smallest = evidence.smallest(found)
    return {
        "title": _title(standings),
        "answer": " ".join([f"**{answer}**", *details]),
        "beyond": headline.beyond(standings, named=code),
        "warnings": _warnings(found),
        "left_out": _left_out(standings),
        "price": _price(found),
        "advice": advice.advice(standings, fit=lambda one: _time_to_fit(found, one)),
        "figures": texts,
        "figure_folder": paths.FIGURES.relative_to(paths.NOTE.parent).as_posix(),
        "references": f"#{gettext('References').lower()}",
        "english": english,
        "others": _others,
        "taken_for": _taken_for,
        "champion": standings.champion,
        "control": standings.control,
        "products": len(found.products),
        "categories": found.categories,
        "folds": int(standings.split["folds"]),
        "long_table": LONG_TABLE,
        "smallest": smallest,
        "smallest_step": 1 / smallest[1],
        "mixed_up": found.comparison["mixed_up"],
        "suspects": len(found.suspects),
        "agreed": AGREED,
        "noises": comparison_sentences.noises(found),
        "learning": comparison_sentences.curves(found),
        "stages": evidence.stage_costs(found, rows=STAGE_ROWS),
        "machine": _machine(found),
        **_results(found),
        **_published(found),
        **_explanations(found),
        **_data(found),
        **_candidates(found),
        **_rules(found),
    }


def _results(found: Evidence) -> dict[str, Any]:
    """Return results, verdicts, ensembles and mistakes as rows."""
    standings = found.standings
    groups = {
        gettext(KINDS[kind]): [_row(found, c) for c in members]
        for kind, members in standings.groups.items()
    }
    return {
        "groups": groups,
        "marked": any(not row.beats_control for rows in groups.values() for row in rows),
        "families": comparison_sentences.families(found),
        "winners": comparison_sentences.winners(found),
        "reach": reach.reach(found),
        "verdicts": _leaders_first(
            found, _verdict, front=standings.leaders, without=[standings.champion]
        ),
        "ensembles": ensembles.rows(found),
        "few_ensembles": FEW_ENSEMBLES,
        "combining_methods": ensembles.combining_methods(found),
        "no_gain": ensembles.gains(found),
        "small_against_big": ensembles.small_against_big(found),
        "mistakes": _leaders_first(
            found,
            _mistakes,
            front=[members[0] for members in standings.groups.values()],
            without=standings.groups.get("control", []),
        ),
        "common": comparison_sentences.complements(found),
    }


def _data(found: Evidence) -> dict[str, Any]:
    """Return catalogue and split."""
    category_shares = evidence.shares(found)
    views = evidence.view_counts(found)
    return {
        "settings": found.settings,
        "catalogue": gettext(CATALOGUES[found.settings.catalogue.source]),
        "rejects": found.rejects,
        "rejects_file": paths.REJECTS.as_posix(),
        "reject_kinds": evidence.rejected(found),
        "reject_rows": found.rejects.head(MAX_REJECTS).to_dict("records"),
        "split": found.standings.split,
        "shared": _shared(found),
        "shares": category_shares,
        "totals": category_shares.sum(),
        "augmented": [gettext(VIEWS[view]) for view in views.columns if view in VIEWS],
        "view_total": int(views.to_numpy().sum()),
        "checks": evidence.checks(found),
        "twins": found.comparison["audit"],
    }


def _shared(found: Evidence) -> list[str]:
    """Return what products of one group may share."""
    column = found.settings.catalogue.columns.group
    shared = [gettext("a photo"), gettext("a text")]
    if column != paths.NONE:
        shared.append(gettext("a value of {column}", column=code(column)))
    if found.standings.split["keep_together"] == "look":
        shared.append(gettext("their look"))
    return shared


def _candidates(found: Evidence) -> dict[str, Any]:
    """Return what the candidates are, and how networks were trained."""
    standings = found.standings
    candidates = standings.candidates
    networks = [c for c in candidates if "training" in c.settings]
    fine_tuned = [c for c in networks if "recipe" in c.settings]
    return {
        "candidates": candidates,
        "overview": [
            (
                gettext(KINDS[kind]),
                gettext(SUMMARIES[kind]),
                [code(c.name) for c in candidates if c.kind == kind],
            )
            for kind in standings.groups
            if any(c.kind == kind for c in candidates)
        ],
        "texts": any("text" in c.reads for c in candidates),
        "networks": networks,
        "optimizers": competitor_words.optimizers(networks),
        "losses": competitor_words.losses(networks),
        "stops": competitor_words.stops(networks),
        "extras": competitor_words.extras(networks),
        "fine_tuned": fine_tuned,
        "recipes": sorted({str(c.settings["recipe"]) for c in fine_tuned}),
        "dropouts": competitor_words.dropouts(fine_tuned),
        "tails": competitor_words.tails(fine_tuned),
        "weights": [(w, _source(w)) for w in standings.weights],
        "worth_of_formulas": _worth([w for w in standings.weights if w.source == "formula"]),
        "paper": PAPER,
        "scales": [
            (
                c,
                *SCALES[c.backbone],
                scaled(found.cost["candidates"][c.name]["parameters"]),
                gigas(found.multiply_additions[c.backbone])
                if c.backbone in found.multiply_additions
                else "–",
            )
            for c in fine_tuned
        ],
        "chosen_on_val": any(
            len(c.settings.get(key) or ()) > 1 for c in candidates for key in ("C", "neighbours")
        ),
    }


def _rules(found: Evidence) -> dict[str, Any]:
    """Return how competitors are compared."""
    chosen = found.comparison["rule"]
    return {
        "rule": comparison_sentences.rule(found),
        "margin": chosen["margin"],
        "confidence": found.standings.confidence,
        "compared": len(found.standings.competitors) > 1,
        "seeded": comparison_sentences.seeded(found),
        "named_in_params": found.standings.finalists.chosen_by == "params",
        "seeds": [code(name) for name in comparison_sentences.seeds(found)],
        "size_of_the_test": comparison_sentences.size_of_the_test(found),
        "few": found.comparison["test"]["few"],
    }


def _others(number: int) -> str:
    return ngettext("The {n} other", "The {n} others", number, n=local(f"{number:,}"))


def _taken_for(actual: str, predicted: str) -> str:
    """Return a mistake as "Plants taken for Mugs", as Markdown."""
    actual, predicted = (markdown(shortened(name, length=60)) for name in (actual, predicted))
    return gettext("{actual} taken for {predicted}", actual=actual, predicted=predicted)


def _machine(found: Evidence) -> list[tuple[str, str]]:
    """Return the parts of the machine, by name."""
    return [
        (
            gettext(MACHINE[key]) if key in MACHINE else markdown(key),
            markdown(decimal(value) if isinstance(value, float) else value)
            if value is not None
            else gettext("unknown"),
        )
        for key, value in found.cost["machine"].items()
    ]


def _published(found: Evidence) -> dict[str, Any]:
    """Return what others published on the catalogue, by input, the best first, ours among them."""
    cited = PUBLISHED[found.settings.report.published]
    best: dict[str, Competitor] = {}
    for c in standings.ranked(found.standings.competitors):
        best.setdefault(c.reads, c)
    shown: list[Published | Competitor] = []
    for reads in dict.fromkeys(one.reads for one in cited):
        rows: list[tuple[float, Published | Competitor]] = [
            (one.accuracy, one) for one in cited if one.reads == reads
        ]
        rows += [(c.score.accuracy, c) for name, c in best.items() if name == reads]
        shown += [one for _, one in sorted(rows, key=lambda row: -row[0])]
    tested = [one.tested for one in cited if one.tested]
    return {
        "published": shown,
        "source_of": _source_of,
        "against_the_study": against_the_study(
            found.standings, published=found.settings.report.published
        ),
        "tuned_here": found.settings.report.published in TUNED_HERE,
        "published_tests": (min(tested), max(tested)) if tested else (),
    }


def _source_of(published: Published) -> str:
    if published.source in (EARLIER, BEFORE):
        return gettext(published.source)
    return english(markdown(published.source))


def _explanations(found: Evidence) -> dict[str, Any]:
    """Return what answers rely on: by competitor, by change of the input, by word."""
    explained = found.explained
    colour = (c for c in found.standings.candidates if c.settings.get("sees") == "mean_colour")
    return {
        "explained": explained,
        "changes": [
            (what, gettext(words))
            for what, words in CHANGES.items()
            if any(what in one.without for one in explained)
        ],
        "worded": [(e.name, answer) for e in explained for answer in e.products if answer.words],
        "colour": next(colour, None),
        "late_texts": explanations.late_texts(explained, sure=found.standings.confidence),
    }


def _leaders_first(
    found: Evidence,
    make: Callable[[Evidence, Competitor], dict[str, Any]],
    *,
    front: Sequence[Competitor],
    without: Sequence[Competitor],
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return a row for each competitor in `front`, and for the rest, in the groups' order."""
    groups = found.standings.groups.values()
    ordered = [c for members in groups for c in members if c not in without]
    return (
        [make(found, c) for c in ordered if c in front],
        [make(found, c) for c in ordered if c not in front],
    )


def _title(standings: Standings) -> str:
    if standings.has_both_sides:
        return gettext("Does transfer learning with EfficientNetV2 beat the classical baseline?")
    return gettext("Which candidate recognises the categories best?")


def _warnings(found: Evidence) -> list[str]:
    """Return the warnings beside the answer: about the weights and the photos."""
    weights, said = found.standings.weights, found.settings.report.weights
    warnings = [markdown(s) for s in headline.weights_sentences(weights)]
    if said != paths.NONE and any(w.source == "file" for w in weights):
        warnings.append(markdown(said))
    if found.settings.catalogue.source == "sample":
        warnings.append(gettext(SYNTHETIC))
    return warnings


def _worth(weights: Sequence[Weights]) -> str:
    """Return what weights from formulas are worth on real photos, where all their cards say so."""
    probes = [w.probe for w in weights if w.probe]
    if not weights or len(probes) < len(weights):
        return ""
    ranges = {}
    for start in ("random", "formula", "food101"):
        low, high = (percent(bound(p[start] for p in probes)) for bound in (min, max))
        ranges[start] = low if low == high else f"{low.partition(GAP)[0]}–{high}"
    products = local(f"{max(int(probe['products']) for probe in probes):,}")
    return gettext(WORTH, products=products, **ranges)


def _left_out(standings: Standings) -> list[str]:
    """Return the competitors without results, by reason; an ensemble's is that of its member."""
    names: dict[str, list[str]] = {}
    for name, reason in standings.left_out.items():
        names.setdefault(reason.rpartition(" was left out: ")[2], []).append(code(name))
    return [
        gettext(
            "Left out, and in none of the tables: {names}. Reason: {reason}",
            names=listed(competitors),
            reason=english(markdown(reason)),
        )
        for reason, competitors in names.items()
    ]


def _price(found: Evidence) -> str:
    """Return what the two sides of the contest cost in time."""
    several = int(found.standings.split["folds"]) > 1
    template = (
        N_("{name}, {what}: {fit} to train per fold, {answer} per prediction")
        if several
        else N_("{name}, {what}: {fit} to train, {answer} per prediction")
    )
    prices = []
    for competitor in found.standings.contest:
        seconds, ms = resources_used(found, competitor)
        prices.append(
            gettext(
                template,
                name=code(competitor.name),
                what=competitor_words.model(competitor),
                fit=duration(seconds),
                answer=milliseconds(ms),
            )
        )
    return f"{gettext('; ').join(prices)}."


def _time_to_fit(found: Evidence, competitor: Competitor) -> str:
    """Return the time of one fit: "51 s" or "51 s per fold"."""
    seconds = duration(resources_used(found, competitor)[0])
    several = int(found.standings.split["folds"]) > 1
    return gettext("{seconds} per fold", seconds=seconds) if several else seconds


def _row(found: Evidence, competitor: Competitor) -> Row:
    cost = found.cost["candidates"][competitor.name]
    candidate = not competitor.members
    parameters = scaled(cost["parameters"])
    return Row(
        competitor=competitor,
        title=code(competitor.name)
        + (f" ({gettext(competitor.label)})" if competitor.label else ""),
        what=competitor_words.model(competitor),
        input=competitor_words.inputs(competitor) if candidate else gettext(competitor.reads),
        fitted=competitor_words.fitting(competitor) if candidate else "",
        parameters=gettext("{number} nodes", number=parameters)
        if competitor_words.counts_nodes(competitor)
        else parameters,
        cost=cost,
        seconds=resources_used(found, competitor)[0],
        best=competitor.score.correct == found.standings.groups[competitor.kind][0].score.correct,
        beats_control=found.standings.beats_control(competitor),
    )


def _source(weights: Weights) -> str:
    return gettext(SOURCES[weights.source], file=code(weights.file), seed=weights.seed)


def _verdict(found: Evidence, competitor: Competitor) -> dict[str, Any]:
    """Return the verdicts on a competitor against the best on photos and the best control."""
    standings = found.standings
    champion, control = standings.champion, standings.control
    pair = standings.verdict(competitor, champion)
    beats = None if control in (None, competitor) else standings.verdict(competitor, control)
    return {
        "competitor": competitor,
        "pair": pair,
        "family": gettext(comparison_sentences.FAMILY_NAMES[pair.family]),
        "word": gettext(VERDICTS[pair.word]),
        "against_control": "–"
        if beats is None or competitor.kind == "control"
        else gettext(VERDICTS[beats.word]),
    }


def _mistakes(found: Evidence, competitor: Competitor) -> dict[str, Any]:
    category, f1, support = evidence.weakest(found, competitor)
    return {
        "competitor": competitor,
        "category": category,
        "f1": f1,
        "support": support,
        "confused": evidence.confused(found, competitor),
    }
