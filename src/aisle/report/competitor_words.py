"""Competitors in words: model, input, how they are fitted.

A method describes itself; its words are translated and put into sentences here.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from aisle.methods.common import registry
from aisle.methods.common.contract import Description
from aisle.methods.common.phrases import All, Code, Count, Either, Phrase, Value
from aisle.report.translation import N_, gettext
from aisle.report.wording import code, counted, listed, listed_or, local
from aisle.standings.competitors import Competitor

Settings = Mapping[str, Any]

OPTIMIZERS = {"adam": "Adam", "adamw": "AdamW", "sgd": "SGD", "rmsprop": "RMSprop"}
HOW = {
    "late_fusion": N_("late fusion"),
    "hard_vote": N_("hard vote"),
    "soft_vote": N_("soft vote"),
}


def model(competitor: Competitor) -> str:
    """Return the model in a few words, as Markdown: "SVC on the embeddings of `b0`".

    A fine-tuning that was rolled back is not called one: "EfficientNetV2-B0, head only".
    """
    if competitor.members:
        how, number = gettext(HOW[competitor.method]), len(competitor.members)
        return gettext("{how} of {number}", how=how, number=number)
    found, undone, folds = description(competitor), competitor.undone, len(competitor.fits)
    if not undone or found.undone is None:
        return translated(found.what)
    if undone == folds:
        return translated(found.undone)
    return gettext(
        "{model}, head only in {number} of {folds} folds",
        model=translated(found.what),
        number=undone,
        folds=folds,
    )


def inputs(candidate: Competitor) -> str:
    """Return what a candidate reads, in words."""
    return listed([translated(one) for one in description(candidate).inputs]) or gettext("nothing")


def fitting(candidate: Competitor) -> str:
    """Return how a candidate is fitted, in words: its model's settings, its views, its steps."""
    parts = [translated(one) for one in description(candidate).fitting]
    settings = candidate.settings
    if "training" in settings:
        parts.append(_steps(settings["training"], stages=settings.get("progressive") or []))
    return gettext("; ").join(parts)


def description(candidate: Competitor) -> Description:
    """Return how the method of a candidate describes it."""
    method = registry.method(candidate.method)
    return method.describe(method.settings.model_validate(dict(candidate.settings)))


def translated(value: Value) -> str:
    """Return a method's own words in the language in use, as Markdown."""
    match value:
        case Phrase():
            found = gettext(
                value.text, **{key: translated(one) for key, one in value.values.items()}
            )
        case Code():
            found = code(value.name)
        case Count():
            found = counted(value.number, value.one, value.several)
        case All():
            found = listed([translated(one) for one in value.values])
        case Either():
            found = listed_or([translated(one) for one in value.values])
        case float():
            found = _plain(value)
        case _:
            found = str(value)
    return found


def counts_nodes(competitor: Competitor) -> bool:
    """Whether its parameters are nodes of trees and not weights."""
    return bool(competitor.settings.get("trees"))


def tails(networks: Iterable[Competitor]) -> list[tuple[str, int, str, float, float]]:
    """Return a row per network and fold whose last blocks were trained after the head.

    Name, fold (from 1), what was kept, the loss on val of the head and the best of the last blocks.
    """
    rows = []
    for c in networks:
        for fit in c.fits:
            losses = {**fit.val_loss, **fit.rolled_back}
            if "tail" in losses:
                undone = "tail" in fit.rolled_back
                kept = gettext("the head only") if undone else gettext("head and last blocks")
                rows.append((c.name, fit.fold + 1, kept, losses["head"], losses["tail"]))
    return rows


def optimizers(networks: Iterable[Competitor]) -> list[str]:
    """Return the optimizers that the networks use, by their usual names."""
    used = dict.fromkeys(str(c.settings["training"]["optimizer"]) for c in networks)
    return [OPTIMIZERS.get(name, name) for name in used]


def dropouts(networks: Iterable[Competitor]) -> list[float]:
    """Return the shares of features that the networks drop, each once, the smallest first."""
    used = (
        _dropouts(c.settings["training"], stages=c.settings.get("progressive") or [])
        for c in networks
    )
    return sorted({share for shares in used for share in shares})


def losses(networks: Iterable[Competitor]) -> list[str]:
    """Return the losses that the networks minimise, the cross-entropy by its usual name."""
    used = dict.fromkeys(str(c.settings["training"]["loss"]) for c in networks)
    return [gettext("cross-entropy") if name.endswith(ENTROPY) else code(name) for name in used]


def stops(networks: Iterable[Competitor]) -> list[str]:
    """Return when training stops early: "2 or 8 epochs without a better `val_loss`"."""
    patience: dict[str, set[int]] = {}
    for c in networks:
        block = c.settings["training"]
        if block["patience"]:
            patience.setdefault(str(block["monitor"]), set()).add(int(block["patience"]))
    return [
        gettext(
            "{epochs} epochs without a better {monitor}",
            epochs=translated(Either(sorted(epochs))),
            monitor=code(monitor),
        )
        for monitor, epochs in patience.items()
    ]


def extras(networks: Iterable[Competitor]) -> list[str]:
    """Return what training blocks add to the plain loss, and in which networks."""
    found: dict[str, list[str]] = {}
    for c in networks:
        block = c.settings["training"]
        for key, name in EXTRAS.items():
            if block[key]:
                found.setdefault(f"{gettext(name)} {_plain(block[key])}", []).append(code(c.name))
        if c.settings.get("progressive"):
            found.setdefault(gettext(GROWING), []).append(code(c.name))
        if block["precision"] not in ("auto", "float32"):
            precision = gettext("precision {name}", name=code(block["precision"]))
            found.setdefault(precision, []).append(code(c.name))
    return [f"{what} ({listed(names)})" for what, names in found.items()]


GROWING = N_("photos that grow from stage to stage, and dropout, MixUp and augmentation with them")
SCHEDULES = {
    "cosine": N_("cosine"),
    "exponential": N_("exponential"),
    "inverse_time": N_("inverse time"),
}
ENTROPY = "categorical_crossentropy"
EXTRAS = {
    "label_smoothing": N_("label smoothing"),
    "mixup": N_("MixUp"),
    "l1": N_("L1 penalty"),
    "l2": N_("L2 penalty"),
    "activity_l1": N_("L1 penalty on activities"),
    "activity_l2": N_("L2 penalty on activities"),
    "max_norm": N_("largest norm"),
    "weight_decay": N_("weight decay"),
}


def _steps(training: Settings, *, stages: Sequence[Settings]) -> str:
    """Return optimizer, step, epochs, dropout; with stages, theirs and the sizes of the photos."""
    optimizer = OPTIMIZERS.get(str(training["optimizer"]), training["optimizer"])
    schedule = training["schedule"]
    falling = "" if schedule == "constant" else f" ({gettext(SCHEDULES[schedule])})"
    shares = _dropouts(training, stages=stages)
    epochs = [stage["epochs"] for stage in stages] or [training["epochs"]]
    sizes = [str(stage["size"]) for stage in stages]
    parts = [
        f"{optimizer} {_plain(float(training['learning_rate']))}{falling}",
        gettext("at most {epochs} epochs", epochs=listed([str(number) for number in epochs])),
        gettext("dropout {shares}", shares=listed([_plain(share) for share in shares])),
        gettext("photos of {sizes} pixels", sizes=listed(sizes)) if sizes else "",
    ]
    return ", ".join(part for part in parts if part)


def _dropouts(training: Settings, *, stages: Sequence[Settings]) -> list[float]:
    return [stage["dropout"] for stage in stages] or [training["dropout"]]


def _plain(value: float) -> str:
    """Return "0.001" or "1e-5"."""
    return local(f"{value:g}".replace("e-0", "e-"))
