"""Competitors in words: what they are, what they read, how they are fitted.

A method describes itself; its words are translated and put into sentences here.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from aisle.methods.common import registry
from aisle.methods.common.contract import Description
from aisle.methods.common.phrases import All, Code, Count, Either, Phrase, Value
from aisle.report.wording import code, counted, listed, local, say
from aisle.standings.competitors import Competitor

Settings = Mapping[str, Any]

OPTIMIZERS = {"adam": "Adam", "adamw": "AdamW", "sgd": "SGD", "rmsprop": "RMSprop"}
HOW = {
    "late_fusion": "late fusion",
    "hard_vote": "hard vote",
    "soft_vote": "soft vote",
}


def what(competitor: Competitor) -> str:
    """Return what it is in a few words, as Markdown: "SVC on the embeddings of `b0`"."""
    if competitor.members:
        return say(
            "{how} of {number}", how=say(HOW[competitor.method]), number=len(competitor.members)
        )
    return said(description(competitor).what)


def reads(candidate: Competitor) -> str:
    """Return what a candidate reads, in words."""
    return listed([said(one) for one in description(candidate).inputs]) or say("nothing")


def fitted(candidate: Competitor) -> str:
    """Return how a candidate is fitted, in words: its model's settings, its views, its steps."""
    parts = [said(one) for one in description(candidate).fitting]
    settings = candidate.settings
    if "training" in settings:
        parts.append(_steps(settings["training"], stages=settings.get("progressive") or []))
    return say("; ").join(parts)


def description(candidate: Competitor) -> Description:
    """Return how the method of a candidate describes it."""
    method = registry.method(candidate.method)
    return method.describe(method.settings.model_validate(dict(candidate.settings)))


def said(value: Value) -> str:
    """Return what a method says in the language that is spoken, as Markdown."""
    match value:
        case Phrase():
            found = say(value.text, **{key: said(one) for key, one in value.values.items()})
        case Code():
            found = code(value.name)
        case Count():
            found = counted(value.number, value.noun)
        case All():
            found = listed([said(one) for one in value.values])
        case Either():
            *most, last = [said(one) for one in value.values]
            found = f"{', '.join(most)} {say('or')} {last}" if most else last
        case float():
            found = _plain(value)
        case _:
            found = str(value)
    return found


def grows(competitor: Competitor) -> bool:
    """Whether its parameters are nodes of trees and not weights."""
    return bool(competitor.settings.get("trees"))


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
    return [say("cross-entropy") if name.endswith(ENTROPY) else code(name) for name in used]


def stops(networks: Iterable[Competitor]) -> list[str]:
    """Return after what training stops early: "2 or 8 epochs without a better `val_loss`"."""
    patience: dict[str, set[int]] = {}
    for c in networks:
        block = c.settings["training"]
        if block["patience"]:
            patience.setdefault(str(block["monitor"]), set()).add(int(block["patience"]))
    return [
        say(
            "{epochs} epochs without a better {monitor}",
            epochs=said(Either(sorted(epochs))),
            monitor=code(monitor),
        )
        for monitor, epochs in patience.items()
    ]


def extras(networks: Iterable[Competitor]) -> list[str]:
    """Return what else is in a training block than the plain loss, and in which networks."""
    found: dict[str, list[str]] = {}
    for c in networks:
        block = c.settings["training"]
        for key, name in EXTRAS.items():
            if block[key]:
                found.setdefault(f"{say(name)} {_plain(block[key])}", []).append(code(c.name))
        if c.settings.get("progressive"):
            found.setdefault(say(GROWING), []).append(code(c.name))
        if block["precision"] not in ("auto", "float32"):
            precision = f"{say('precision')} {code(block['precision'])}"
            found.setdefault(precision, []).append(code(c.name))
    return [f"{what} ({listed(names)})" for what, names in found.items()]


GROWING = "photos that grow from stage to stage, and dropout, MixUp and augmentation with them"
ENTROPY = "categorical_crossentropy"
EXTRAS = {
    "label_smoothing": "label smoothing",
    "mixup": "MixUp",
    "l1": "L1 penalty",
    "l2": "L2 penalty",
    "activity_l1": "L1 penalty on activities",
    "activity_l2": "L2 penalty on activities",
    "max_norm": "largest norm",
    "weight_decay": "weight decay",
}


def _steps(training: Settings, *, stages: Sequence[Settings]) -> str:
    """Return optimizer, step, epochs, dropout; with stages, theirs and the sizes of the photos."""
    optimizer = OPTIMIZERS.get(str(training["optimizer"]), training["optimizer"])
    schedule = training["schedule"]
    falling = "" if schedule == "constant" else f" ({say(str(schedule).replace('_', ' '))})"
    shares = _dropouts(training, stages=stages)
    epochs = [stage["epochs"] for stage in stages] or [training["epochs"]]
    sizes = [str(stage["size"]) for stage in stages]
    parts = [
        f"{optimizer} {_plain(float(training['learning_rate']))}{falling}",
        say("at most {epochs} epochs", epochs=listed([str(number) for number in epochs])),
        say("dropout {shares}", shares=listed([_plain(share) for share in shares])),
        say("photos of {sizes} pixels", sizes=listed(sizes)) if sizes else "",
    ]
    return ", ".join(part for part in parts if part)


def _dropouts(training: Settings, *, stages: Sequence[Settings]) -> list[float]:
    return [stage["dropout"] for stage in stages] or [training["dropout"]]


def _plain(value: float) -> str:
    """Return "0.001" or "1e-5"."""
    return local(f"{value:g}".replace("e-0", "e-"))
