"""Find the weights from which a backbone starts: formula weights, ImageNet's, or a file."""

import os
from pathlib import Path

from aisle import files, paths
from aisle.backbones import architecture
from aisle.catalogue.fetch import Unreachable, fetch
from aisle.errors import AisleError
from aisle.settings import params

MD5 = {
    "b0": "893217f2bb855e2983157299931e43ff",
    "b1": "0e80663031ca32d657f9caa404b6ec37",
    "b2": "1dfe2e7a5d45b6632553a8961ea609eb",
    "b3": "f6abf7b5849ac99a89b50dd3fd532856",
    "s": "af0682fb74e8c54910f2d4393339c070",
    "m": "1b8dc055df72dde80d614482840fe342",
    "l": "b0b66b5c863aef5b46e8608fe1711615",
}
"""Of the published files without top, as keras/src/applications/efficientnet_v2.py lists them."""

STARTS = ("random", "formula", "food101")
"""The weights that a card compares: untrained, its own, and trained on photos of food."""


def find(
    variant: str, *, backbone: params.Backbone, settings: params.Weights, md5: str
) -> Path | None:
    """Return the file of the chosen source, or None for random weights."""
    if settings.source == "random":
        return None
    if settings.source == "file":
        if backbone.file == paths.NOTHING or not backbone.file.is_file():
            raise AisleError(
                f"no weights file '{backbone.file}' (params.yaml, variants.{variant}.file). Give "
                "its path, or set weights.source to formula."
            )
        return backbone.file
    if settings.source == "formula":
        return formula(variant)
    try:
        return imagenet(variant, settings=settings, md5=md5)
    except Unreachable as error:
        raise AisleError(
            f"{error} weights.source is imagenet: connect, name a mirror in weights.hub, put the "
            f"file into '{cache_folder()}', or set weights.source to formula, which needs no "
            "network."
        ) from None


def imagenet(variant: str, *, settings: params.Weights, md5: str) -> Path:
    """Return the published weights, from Keras's cache or fetched into it.

    Raises Unreachable when they are not in the cache and the hub does not answer.
    """
    name = f"efficientnetv2-{variant}_notop.h5"
    path = cache_folder() / name
    fetch(url=settings.address + name, path=path, md5=md5, timeout=settings.timeout)
    return path


def cache_folder() -> Path:
    """Return the folder in which Keras itself keeps downloaded weights."""
    return Path(os.environ.get("KERAS_HOME", Path.home() / ".keras")) / "models"


def formula(variant: str) -> Path:
    """Return the formula weights of the repository.

    Raises AisleError when it has none for this variant, or when the file is not the one that its
    card describes.
    """
    path, card = paths.pretrained(variant), paths.pretrained_card(variant)
    if not path.is_file():
        others = [name for name in architecture.CLASSES if paths.pretrained(name).is_file()]
        raise AisleError(
            f"no formula weights for {variant}: expected '{path}', found those of "
            f"{', '.join(others) or 'no variant'}. Make them with 'synthetic pretrain {variant} "
            f"--into {paths.PRETRAINED}', or set weights.source to imagenet, file or random."
        )
    restore = f"Run 'git checkout {paths.PRETRAINED}'."
    try:
        expected = files.read_json(card)["sha256"]
    except (AisleError, OSError, ValueError, KeyError, TypeError):
        raise AisleError(
            f"'{card}', the card of '{path.name}', is missing or unreadable; expected JSON with "
            f"the file's sha256. {restore}"
        ) from None
    found = files.sha256(path)
    if found != expected:
        raise AisleError(
            f"'{path}' is not the file of its card: expected sha256 {expected}, got {found}. "
            f"{restore}"
        )
    return path


def probe(variant: str) -> dict[str, float] | None:
    """Return what the card of a variant's formula weights says about their quality, if anything.

    Of `products` real products, the share that a linear model classifies correctly from frozen
    features with `random` weights, with these (`formula`), and with weights trained on photos
    (`food101`). Raises AisleError when the card has something else there.
    """
    card = paths.pretrained_card(variant)
    found = files.read_json(card).get("probe")
    if found is None:
        return None
    try:
        starts = {name: found["starts"][name]["test_accuracy"] for name in STARTS}
        return {"products": found["products"], **starts}
    except (KeyError, TypeError):
        raise AisleError(
            f"'{card}' does not say what its weights are worth: expected under 'probe' the keys "
            f"products and starts ({', '.join(STARTS)}), each start with its test_accuracy. Run "
            f"'git checkout {paths.PRETRAINED}', or remove 'probe'."
        ) from None
