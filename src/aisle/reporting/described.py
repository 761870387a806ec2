"""Competitors in words: what they are, what they read, how they are fitted. From params.yaml.

A method without an entry here is called by its name.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from aisle import paths
from aisle.reporting.competitors import Competitor
from aisle.reporting.wording import code, counted, listed, markdown

Settings = Mapping[str, Any]

MODELS = {"forest": "forest", "logistic": "logistic regression", "svc": "SVC", "knn": "k-NN"}
FEATURES = {"pixels": "pixels", "hog_hsv": "edges and colours"}
SEEN = {"shuffled_labels": "shuffled labels", "mean_colour": "the mean colour"}
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
        return f"{HOW[competitor.method]} of {len(competitor.members)}"
    found = WHAT.get(competitor.method)
    if found is None:
        return markdown(competitor.method)
    return found(settings)


def reads(settings: Settings) -> str:
    """Return what a candidate reads, in words."""
    photos, backbone = settings["photos"], settings["backbone"]
    read = []
    if photos != paths.NONE:
        read.append(f"photo, {photos} × {photos} pixels")
    elif backbone != paths.NONE:
        layers = [str(layer) for layer in settings.get("layers", [])]
        kept = f" ({listed(layers)})" if layers else ""
        read.append(f"photo, embedded by {code(backbone)}{kept}")
    if "texts" in settings:
        read.append(f"text ({listed([str(text) for text in settings['texts']])})")
    if settings.get("sees") == "file_facts":
        read.append("file facts")
    return " and ".join(read) or "nothing"


def fitted(settings: Settings, *, trainable_from: str) -> str:
    """Return how a candidate is fitted, in words: its model's settings, its views, its steps."""
    parts = []
    recipe = settings.get("recipe")
    if recipe is not None:
        parts.append(
            f"head, then from {trainable_from} on" if recipe == "staged" else "every layer"
        )
        if recipe == "full" and settings.get("batch_normalisation") == "inference":
            parts.append("BatchNorm frozen")
    if settings.get("trees"):
        parts.append(counted(int(settings["trees"]), "tree"))
    for key, word in (("C", "C"), ("neighbours", "neighbours")):
        if settings.get(key):
            parts.append(f"{word} {_either(settings[key])}")
    if "hidden" in settings:
        parts.append(f"hidden layers of {listed([str(units) for units in settings['hidden']])}")
    if "views" in settings:
        parts.append(f"on {VIEWS.get(str(settings['views']), settings['views'])}")
    if "training" in settings:
        parts.append(_steps(settings["training"], stages=settings.get("progressive", [])))
    return "; ".join(parts)


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
    return ["cross-entropy" if name.endswith(ENTROPY) else code(name) for name in used]


def stops(networks: Iterable[Competitor]) -> list[str]:
    """Return after what training stops early: "2 or 8 epochs without a better `val_loss`"."""
    patience: dict[str, set[int]] = {}
    for c in networks:
        block = c.settings["training"]
        if block["patience"]:
            patience.setdefault(str(block["monitor"]), set()).add(int(block["patience"]))
    return [
        f"{_either(sorted(epochs))} epochs without a better {code(monitor)}"
        for monitor, epochs in patience.items()
    ]


def extras(networks: Iterable[Competitor]) -> list[str]:
    """Return what else is in a training block than the plain loss, each with who has it."""
    found: dict[str, list[str]] = {}
    for c in networks:
        block = c.settings["training"]
        for key, name in EXTRAS.items():
            if block[key]:
                found.setdefault(f"{name} {_plain(block[key])}", []).append(code(c.name))
        if c.settings.get("progressive"):
            found.setdefault(GROWING, []).append(code(c.name))
        if block["precision"] not in ("auto", "float32"):
            found.setdefault(f"precision {code(block['precision'])}", []).append(code(c.name))
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
    model = MODELS.get(str(settings["model"]), str(settings["model"]))
    if settings["features"] != "embedding":
        return f"{model} on {FEATURES.get(str(settings['features']), settings['features'])}"
    layers = len(settings.get("layers", []))
    kept = f"{layers} layers" if layers > 1 else "the embeddings"
    return f"{model} on {kept} of {code(settings['backbone'])}"


def _efficientnet(settings: Settings) -> str:
    part = "last blocks" if settings["recipe"] == "staged" else "whole"
    return f"EfficientNetV2-{str(settings['backbone']).upper()}, fine-tuned ({part})"


def _control(settings: Settings) -> str:
    sees = str(settings["sees"])
    return f"control: forest on {SEEN.get(sees, sees.replace('_', ' '))}"


def _cnn_sequential(settings: Settings) -> str:
    with_norm = " with BatchNorm" if settings.get("batch_normalisation") else ""
    return f"CNN in blocks{with_norm}"


WHAT: dict[str, Callable[[Settings], str]] = {
    "majority": lambda settings: "control: always the most frequent category",
    "control": _control,
    "random_forest": lambda settings: "forest on pixels",
    "classical": _classical,
    "linear": lambda settings: "softmax on pixels",
    "mlp": lambda settings: "MLP on pixels",
    "cnn": lambda settings: "CNN with one convolution",
    "cnn_sequential": _cnn_sequential,
    "efficientnetv2": _efficientnet,
    "tfidf": lambda settings: f"{MODELS.get(settings['model'], settings['model'])} on words",
    "photo_and_text": lambda settings: "forest on pixels and words",
}


def _steps(training: Settings, *, stages: Sequence[Settings]) -> str:
    """Return optimizer, step, epochs, dropout; with stages, theirs and the sizes of the photos."""
    optimizer = OPTIMIZERS.get(str(training["optimizer"]), training["optimizer"])
    schedule = training["schedule"]
    falling = "" if schedule == "constant" else f" ({str(schedule).replace('_', ' ')})"
    shares = _dropouts(training, stages=stages)
    epochs = [stage["epochs"] for stage in stages] or [training["epochs"]]
    sizes = [str(stage["size"]) for stage in stages]
    parts = [
        f"{optimizer} {_plain(float(training['learning_rate']))}{falling}",
        f"at most {listed([str(number) for number in epochs])} epochs",
        f"dropout {listed([_plain(share) for share in shares])}",
        f"photos of {listed(sizes)} pixels" if sizes else "",
    ]
    return ", ".join(part for part in parts if part)


def _dropouts(training: Settings, *, stages: Sequence[Settings]) -> list[float]:
    return [stage["dropout"] for stage in stages] or [training["dropout"]]


def _plain(value: float) -> str:
    """Return "0.001" or "1e-5"."""
    return f"{value:g}".replace("e-0", "e-")


def _either(values: Iterable[float]) -> str:
    """Return "1, 10 or 100"."""
    *most, last = [_plain(value) for value in values]
    return f"{', '.join(most)} or {last}" if most else last
