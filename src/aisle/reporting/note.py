"""Renders reports/note.md from the standings, the evidence and the drawn figures."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jinja2

from aisle import paths
from aisle.reporting import evidence as tables
from aisle.reporting import facts
from aisle.reporting.evidence import Evidence
from aisle.reporting.facts import Candidate, Standings, Weights
from aisle.reporting.figures import Drawing
from aisle.reporting.wording import (
    code,
    counted,
    duration,
    listed,
    markdown,
    milliseconds,
    scaled,
    share,
    shortened,
    size,
    times,
)

TEMPLATES = Path(__file__).parent / "templates"
MAX_REJECTS = 10
HASH_DIGITS = 12
LONG_TABLE = 12
"""Rows from which a table is folded away."""

METHODS = {
    "majority": "always the most frequent training category",
    "random_forest": "random forest on the pixels",
    "efficientnetv2": "EfficientNetV2 with a new head",
    "control": "control: a forest that sees next to nothing",
    "classical": "a scikit-learn model on described photos",
    "tfidf": "a scikit-learn model on the words of the texts",
    "photo_and_text": "random forest on pixels and words",
}
TRAINED = {
    "majority": "a count per category",
    "random_forest": "{trees} trees on {views}",
    "efficientnetv2/staged": "head, then from {trainable_from} on; on {views}",
    "efficientnetv2/full": "every layer; on {views}",
    "control": "{trees} trees on {sees}",
    "classical": "{model} on {features}; on {views}",
    "tfidf": "{model} on {texts}",
    "photo_and_text": "{trees} trees on pixels and {texts}; on {views}",
}
FEATURES = {"pixels": "pixels", "hog_hsv": "edges and colours", "embedding": "embeddings"}
VIEWS = {"original": "original photos", "all": "all views"}
UNITS = {facts.FOREST: " nodes"}
SOURCES = {
    "imagenet": "the published ImageNet weights",
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


@dataclass(frozen=True)
class Row:
    """A candidate as the note's tables show it."""

    candidate: Candidate
    title: str
    method: str
    input: str
    trained: str
    parameters: str
    cost: dict[str, Any]
    best: bool


def render(evidence: Evidence, drawings: dict[str, Drawing]) -> str:
    """Return the whole note; every number in it comes from `evidence`."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # the output is Markdown: names go through the `markdown` filter
    )
    environment.filters |= {
        "code": code,
        "counted": counted,
        "duration": duration,
        "listed": listed,
        "markdown": markdown,
        "milliseconds": milliseconds,
        "share": share,
        "shortened": shortened,
        "size": size,
        "fingerprint": lambda digest: f"`{digest[:HASH_DIGITS]}…`" if digest else "–",
    }
    return environment.get_template("note.md.j2").render(_context(evidence, drawings))


def _context(evidence: Evidence, drawings: dict[str, Drawing]) -> dict[str, Any]:
    standings = evidence.standings
    candidates, leader = standings.candidates, standings.leaders[0]
    networks = [c for c in candidates if c.kind == "network"]
    category_shares = tables.shares(evidence)
    smallest = tables.smallest(evidence)
    return {
        "title": _title(standings),
        "warnings": _warnings(evidence),
        "answer": _answer(standings),
        "price": _price(evidence),
        "figures": drawings,
        "figure_folder": paths.FIGURES.relative_to(paths.NOTE.parent).as_posix(),
        "settings": evidence.settings,
        "catalogue": CATALOGUES[evidence.settings.catalogue.source],
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
        "rows": [_row(evidence, c) for c in candidates],
        "leader": leader,
        "leaders": standings.leaders,
        "control": standings.control,
        "networks": networks,
        "recipes": sorted({str(c.settings["recipe"]) for c in networks if "recipe" in c.settings}),
        "dropouts": sorted({c.settings["dropout"] for c in networks if "dropout" in c.settings}),
        "patience": sorted({c.settings["patience"] for c in networks if "patience" in c.settings}),
        "weights": [(w, _source(w)) for w in standings.weights],
        "paper": PAPER,
        "verdicts": [_verdict(evidence, c) for c in candidates if c not in standings.leaders],
        "mistakes": [_mistakes(evidence, c) for c in candidates if c.kind != "control"],
        "smallest": smallest,
        "smallest_step": 1 / smallest[1],
        "conclusion": _conclusion(standings),
        "short_warnings": _short_warnings(evidence),
        "blind": _blind(standings),
        "machine": evidence.cost["machine"],
    }


def _title(standings: Standings) -> str:
    kinds = {c.kind for c in standings.candidates}
    if {"network", "classical"} <= kinds:
        return "Does transfer learning with EfficientNetV2 beat the classical baseline?"
    return "Which candidate recognises the categories best?"


def _warnings(evidence: Evidence) -> list[str]:
    """Return what must be read before any number."""
    weights = evidence.standings.weights
    random = [w for w in weights if w.source == "random"]
    warnings = []
    if random:
        names = listed([code(w.variant) for w in random])
        where = "" if len(random) == len(weights) else f" for {names}"
        plural = "backbones" if len(random) > 1 else "backbone"
        tried = dict.fromkeys(markdown(w.tried) for w in random if w.tried)
        warnings.append(
            f"**No transfer learning was measured{where}.** The {plural} {names} had random "
            f"weights, so nothing was pretrained. {' '.join(tried)}".rstrip()
        )
    given = [f"{code(w.variant)} (file {code(w.file)})" for w in weights if w.source == "file"]
    if given:
        warnings.append(f"The weights of {listed(given)} are not the official ImageNet ones.")
    if evidence.settings.catalogue.source == "sample":
        warnings.append(
            "The catalogue is **synthetic**: its photos are drawings made by this repository. "
            "The scores show that the pipeline works, not how well it does on real photos."
        )
    return warnings


def _answer(standings: Standings) -> list[str]:
    """Return the headline: who won, by how much, how sure."""
    leaders, rivals = standings.leaders, standings.rivals
    first = leaders[0]
    names = listed([code(c.name) for c in leaders])
    score = first.score
    right = f"{score.correct:,} of {counted(score.products, 'test product')} right"
    low, high = share(score.accuracy_low), share(score.accuracy_high)
    result = f"{right} ({share(score.accuracy)}, 95 % interval {low}–{high})"
    if len(standings.candidates) == 1:
        return [f"**{names} is the only candidate: {result}.**"]
    sure = all(facts.separated(first, rival) for rival in rivals)
    verb = ("wins" if sure else "leads") if len(leaders) == 1 else "are level"
    sentences = [f"**{_reply(standings)}{names} {verb}: {result}.**"]
    for rival in rivals:
        sentences.append(
            f"That is {facts.gap(first, rival)} more than {_role(rival, standings)}; "
            f"{facts.verdict(first, [rival])}."
        )
    if first.kind == "control":
        sentences.append("No candidate beats the control: nothing was learnt.")
    return sentences


def _reply(standings: Standings) -> str:
    """Return the one-word answer to the title, from the best pretrained network and baseline."""
    networks = [c for c in standings.candidates if c.kind == "network"]
    baselines = [c for c in standings.candidates if c.kind == "classical"]
    if not networks or not baselines:
        return ""
    pretrained = [c for c in networks if not c.untrained]
    if not pretrained:
        return "Not measured. "
    network = max(pretrained, key=lambda c: c.score.correct)
    baseline = max(baselines, key=lambda c: c.score.correct)
    if not facts.separated(network, baseline):
        return "This test cannot tell. "
    return "Yes. " if network.score.correct > baseline.score.correct else "No. "


def _role(rival: Candidate, standings: Standings) -> str:
    """Return the rival's name with what it stands for: "`b1`, the best network"."""
    forest = rival.method == facts.FOREST
    alike = [
        c
        for c in standings.candidates
        if (c.method == facts.FOREST if forest else c.kind == rival.kind)
    ]
    if any(c in standings.leaders for c in alike):
        return f"{code(rival.name)}, the runner-up"
    what = {"network": "network", "classical": "classical candidate", "control": "control"}
    article = "the best" if len(alike) > 1 else "the"
    return f"{code(rival.name)}, {article} {'forest' if forest else what[rival.kind]}"


def _price(evidence: Evidence) -> str:
    """Return what the first leader and its rivals cost in time."""
    standings = evidence.standings
    first = standings.leaders[0]
    fit, ms = _spent(evidence, first)
    fold = " per fold" if int(standings.split["folds"]) > 1 else ""
    price = (
        f"{code(first.name)} took {duration(fit)}{fold} to train and {milliseconds(ms)} "
        "per product to predict"
    )
    others = []
    for rival in [*standings.leaders[1:], *standings.rivals]:
        rival_fit, rival_ms = _spent(evidence, rival)
        others.append(
            f"{code(rival.name)} {duration(rival_fit)}{_ratio(fit, rival_fit)} "
            f"and {milliseconds(rival_ms)}"
        )
    return f"{price}; {'; '.join(others)}." if others else f"{price}."


def _ratio(first: float, other: float) -> str:
    """Return " (61 times as long)" or " (61 times faster)"; nothing where there is no telling."""
    if min(first, other) <= 0 or duration(first) == duration(other):
        return ""
    if other > first:
        return f" ({times(other / first)} as long)"
    return f" ({times(first / other)} faster)"


def _spent(evidence: Evidence, candidate: Candidate) -> tuple[float, float]:
    """Return the seconds to train, with the frozen pass, and the milliseconds per product."""
    cost = evidence.cost["candidates"][candidate.name]
    return float(cost["fit_seconds"]) + float(cost["embed_seconds"]), float(
        cost["predict_milliseconds"]
    )


def _row(evidence: Evidence, candidate: Candidate) -> Row:
    settings, cost = candidate.settings, evidence.cost["candidates"][candidate.name]
    return Row(
        candidate=candidate,
        title=code(candidate.name) + (" (random weights)" if candidate.untrained else ""),
        method=METHODS.get(candidate.method, markdown(candidate.method)),
        input=_input(settings),
        trained=_trained(evidence, settings),
        parameters=scaled(cost["parameters"]) + UNITS.get(candidate.method, ""),
        cost=cost,
        best=candidate in evidence.standings.leaders,
    )


def _input(settings: dict[str, Any]) -> str:
    """Return what a candidate reads, in words."""
    photos, backbone = settings["photos"], settings["backbone"]
    read = []
    if photos != paths.NONE:
        read.append(f"photo, {photos} × {photos} pixels")
    elif backbone != paths.NONE:
        read.append(f"photo, embedded by {code(backbone)}")
    if "texts" in settings:
        read.append("text")
    if settings.get("sees") == "file_facts":
        read.append("file facts")
    return " and ".join(read) or "none"


def _trained(evidence: Evidence, settings: dict[str, Any]) -> str:
    key = "/".join(str(settings[k]) for k in ("method", "recipe") if k in settings)
    words = settings | {
        "views": VIEWS.get(str(settings.get("views")), settings.get("views")),
        "trainable_from": evidence.settings.embed.trainable_from,
        "texts": listed([str(text) for text in settings.get("texts", [])]),
        "sees": str(settings.get("sees")).replace("_", " "),
        "features": FEATURES.get(str(settings.get("features"))),
    }
    return TRAINED.get(key, "see params.yaml").format_map(words)


def _source(weights: Weights) -> str:
    return SOURCES[weights.source].format(file=code(weights.file), seed=weights.seed)


def _verdict(evidence: Evidence, candidate: Candidate) -> dict[str, Any]:
    """Return how a candidate stands to the leader and to the control."""
    standings = evidence.standings
    leader, control = standings.leaders[0], standings.control
    only_leader, only_other = tables.paired(evidence, leader, candidate)
    return {
        "candidate": candidate,
        "gap": facts.gap(leader, candidate),
        "only_leader": only_leader,
        "only_other": only_other,
        "separated": facts.separated(leader, candidate),
        "beats_control": _beats(candidate, control),
    }


def _beats(candidate: Candidate, control: Candidate | None) -> str:
    if control is None or candidate is control:
        return "–"
    if candidate.score.correct <= control.score.correct:
        return "no"
    return "yes" if facts.separated(candidate, control) else "ahead, intervals overlap"


def _conclusion(standings: Standings) -> list[str]:
    """Return who leads, from whom the test separates it, and whether it beats the control."""
    leaders, control = standings.leaders, standings.control
    leader, names = leaders[0], listed([code(c.name) for c in standings.leaders])
    verb = "has" if len(leaders) == 1 else "share"
    sentences = [
        f"{names} {verb} the most correct answers, {leader.score.correct:,} of "
        f"{leader.score.products:,}."
    ]
    others = [c for c in standings.candidates if c not in leaders]
    apart = [code(c.name) for c in others if facts.separated(leader, c)]
    near = [code(c.name) for c in others if not facts.separated(leader, c)]
    if apart:
        sentences.append(f"The intervals separate {code(leader.name)} from {listed(apart)}.")
    if near:
        sentences.append(
            f"They do not separate it from {listed(near)}."
            if apart
            else f"The intervals do not separate {code(leader.name)} from {listed(near)}."
        )
    if control is not None and control not in leaders:
        sentences.append(
            f"It beats the control {code(control.name)} ({share(control.score.accuracy)}) by "
            f"{facts.gap(leader, control)}."
        )
    return sentences


def _short_warnings(evidence: Evidence) -> list[str]:
    sentences = [markdown(s) for s in facts.weights_sentences(evidence.standings.weights)]
    if evidence.settings.catalogue.source == "sample":
        sentences.append("The photos are synthetic.")
    return sentences


def _mistakes(evidence: Evidence, candidate: Candidate) -> dict[str, Any]:
    category, f1, support = tables.weakest(evidence, candidate)
    return {
        "candidate": candidate,
        "category": category,
        "f1": f1,
        "support": support,
        "confused": tables.confused(evidence, candidate),
    }


def _blind(standings: Standings) -> float | None:
    """Return below which difference to the first rival the two intervals would still overlap."""
    rivals: Sequence[Candidate] = standings.rivals or standings.leaders[1:]
    if not rivals:
        return None
    first, second = standings.leaders[0].score, rivals[0].score
    return first.accuracy - first.accuracy_low + second.accuracy_high - second.accuracy
