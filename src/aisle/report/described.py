"""Competitors in words: what they are, what they read, how they are fitted. From params.yaml.

A method without an entry here is called by its name.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from aisle import paths
from aisle.report.wording import code, counted, listed, local, markdown, say
from aisle.standings.competitors import Competitor

Settings = Mapping[str, Any]

MODELS = {"forest": "forest", "logistic": "logistic regression", "svc": "SVC", "knn": "k-NN"}
FEATURES = {"pixels": "pixels", "hog_hsv": "edges and colours"}
SEEN = {
    "shuffled_labels": "shuffled labels",
    "mean_colour": "the mean colour",
    "file_facts": "file facts",
}
VIEWS = {"original": "original photos", "all": "all views", "mean": "the mean over the views"}
OPTIMIZERS = {"adam": "Adam", "adamw": "AdamW", "sgd": "SGD", "rmsprop": "RMSprop"}
HOW = {
    "late_fusion": "late fusion",
    "hard_vote": "hard vote",
    "soft_vote": "soft vote",
}


def what(competitor: Competitor) -> str:
    """Return what it is in a few words, as Markdown: "SVC on the embeddings of `b0`"."""
    settings = competitor.settings
    if competitor.members:
        return say(
            "{how} of {number}", how=say(HOW[competitor.method]), number=len(competitor.members)
        )
    found = WHAT.get(competitor.method)
    if found is None:
        return markdown(competitor.method)
    return found(settings)


def reads(settings: Settings) -> str:
    """Return what a candidate reads, in words."""
    photos, backbone = settings["photos"], settings["backbone"]
    read = []
    if photos != paths.NONE:
        read.append(say("photo, {side} × {side} pixels", side=photos))
    elif backbone != paths.NONE:
        layers = [str(layer) for layer in settings.get("layers", [])]
        kept = f" ({listed(layers)})" if layers else ""
        read.append(say("photo, embedded by {name}", name=code(backbone)) + kept)
    if "texts" in settings:
        read.append(f"{say('text')} ({listed([say(str(text)) for text in settings['texts']])})")
    if settings.get("sees") == "file_facts":
        read.append(say("file facts"))
    return listed(read) or say("nothing")


def fitted(settings: Settings, *, trainable_from: str) -> str:
    """Return how a candidate is fitted, in words: its model's settings, its views, its steps."""
    parts = []
    recipe = settings.get("recipe")
    if recipe is not None:
        parts.append(
            say("head, then from {block} on", block=trainable_from)
            if recipe == "staged"
            else say("every layer")
        )
        if recipe == "full" and settings.get("batch_normalisation") == "inference":
            parts.append(say("BatchNorm frozen"))
    if settings.get("trees"):
        parts.append(counted(int(settings["trees"]), "tree"))
    for key, word in (("C", "C"), ("neighbours", "neighbours")):
        if settings.get(key):
            parts.append(f"{say(word)} {_either(settings[key])}")
    if "hidden" in settings:
        units = listed([str(units) for units in settings["hidden"]])
        parts.append(say("hidden layers of {units}", units=units))
    if "views" in settings:
        parts.append(say("on {views}", views=say(VIEWS[str(settings["views"])])))
    if "training" in settings:
        parts.append(_steps(settings["training"], stages=settings.get("progressive", [])))
    return say("; ").join(parts)


def grows(competitor: Competitor) -> bool:
    """Whether its fitted numbers are nodes of trees, which are no weights."""
    return bool(competitor.settings.get("trees"))


def optimizers(networks: Iterable[Competitor]) -> list[str]:
    """Return the optimizers that the networks use, by their usual names."""
    used = dict.fromkeys(str(c.settings["training"]["optimizer"]) for c in networks)
    return [OPTIMIZERS.get(name, name) for name in used]


def dropouts(networks: Iterable[Competitor]) -> list[float]:
    """Return the shares of features that the networks drop, each once, the smallest first."""
    used = (
        _dropouts(c.settings["training"], stages=c.settings.get("progressive", []))
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
            epochs=_either(sorted(epochs)),
            monitor=code(monitor),
        )
        for monitor, epochs in patience.items()
    ]


def extras(networks: Iterable[Competitor]) -> list[str]:
    """Return what else is in a training block than the plain loss, each with who has it."""
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


def _classical(settings: Settings) -> str:
    model = say(MODELS[str(settings["model"])])
    if settings["features"] != "embedding":
        return say("{model} on {what}", model=model, what=say(FEATURES[str(settings["features"])]))
    layers = len(settings.get("layers", []))
    return say(
        "{model} on {layers} layers of {name}"
        if layers > 1
        else "{model} on the embeddings of {name}",
        model=model,
        layers=layers,
        name=code(settings["backbone"]),
    )


def _efficientnet(settings: Settings) -> str:
    return say(
        "EfficientNetV2-{variant}, fine-tuned (last blocks)"
        if settings["recipe"] == "staged"
        else "EfficientNetV2-{variant}, fine-tuned (whole)",
        variant=str(settings["backbone"]).upper(),
    )


def _control(settings: Settings) -> str:
    return say("control: forest on {what}", what=say(SEEN[str(settings["sees"])]))


def _cnn_sequential(settings: Settings) -> str:
    with_norm = settings.get("batch_normalisation")
    return say("CNN in blocks with BatchNorm" if with_norm else "CNN in blocks")


WHAT: dict[str, Callable[[Settings], str]] = {
    "majority": lambda settings: say("control: always the most frequent category"),
    "control": _control,
    "random_forest": lambda settings: say("forest on pixels"),
    "classical": _classical,
    "linear": lambda settings: say("softmax on pixels"),
    "mlp": lambda settings: say("MLP on pixels"),
    "cnn": lambda settings: say("CNN with one convolution"),
    "cnn_sequential": _cnn_sequential,
    "efficientnetv2": _efficientnet,
    "tfidf": lambda settings: say("{model} on words", model=say(MODELS[settings["model"]])),
    "photo_and_text": lambda settings: say("forest on pixels and words"),
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


def _either(values: Iterable[float]) -> str:
    """Return "1, 10 or 100"."""
    *most, last = [_plain(value) for value in values]
    return f"{', '.join(most)} {say('or')} {last}" if most else last
