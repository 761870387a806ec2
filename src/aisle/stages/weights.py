"""Obtains one backbone's weights, and writes down where they came from: data/facts/.

A file is loaded here, so that one of another architecture is refused before anything is run. The
bundled weights need not be: they are the file that their card describes, and are copied as they
are, so that Keras need not start.
"""

import argparse
import hashlib
import os
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from aisle import files, paths
from aisle.backbones import architecture
from aisle.catalogue.fetch import Unreachable, fetch
from aisle.errors import AisleError
from aisle.settings import params
from aisle.stages import run

if TYPE_CHECKING:
    import keras

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
"""What a card compares: untrained weights, its own, and some that learnt from photos."""


@dataclass(frozen=True)
class Provenance:
    """Where a backbone's weights came from; holds no date and no folder.

    `probe` is what the card of bundled weights says of them; see `probe`.
    """

    variant: str
    source: str
    file: str | None
    sha256: str | None
    seed: int | None
    probe: dict[str, float] | None


def cache_folder() -> Path:
    """Return the folder in which Keras itself keeps downloaded weights."""
    return Path(os.environ.get("KERAS_HOME", Path.home() / ".keras")) / "models"


def imagenet(variant: str, *, settings: params.Weights, md5: str) -> Path:
    """Return the published weights, from Keras's cache or fetched into it; Unreachable if not."""
    name = f"efficientnetv2-{variant}_notop.h5"
    path = cache_folder() / name
    fetch(url=settings.address + name, path=path, md5=md5, timeout=settings.timeout)
    return path


def bundled(variant: str) -> Path:
    """Return the weights learnt from formulas that come with the repository.

    Raises AisleError where it has none for this variant, or where the file is not the one that its
    card describes.
    """
    path, card = paths.pretrained(variant), paths.pretrained_card(variant)
    if not path.is_file():
        others = [name for name in architecture.CLASSES if paths.pretrained(name).is_file()]
        raise AisleError(
            f"no weights learnt from formulas for {variant}: expected '{path}', found those of "
            f"{', '.join(others) or 'no variant'}. Make them with 'synthetic pretrain {variant} "
            f"--into {paths.PRETRAINED}', or set weights.source to imagenet, file or random."
        )
    mend = f"Run 'git checkout {paths.PRETRAINED}'."
    try:
        expected = files.read_json(card)["sha256"]
    except (AisleError, OSError, ValueError, KeyError, TypeError):
        raise AisleError(
            f"'{card}', the card of '{path.name}', is missing or unreadable; expected JSON with "
            f"the file's sha256. {mend}"
        ) from None
    found = _sha256(path)
    if found != expected:
        raise AisleError(
            f"'{path}' is not the file of its card: expected sha256 {expected}, got {found}. {mend}"
        )
    return path


def probe(variant: str) -> dict[str, float] | None:
    """Return what the card of a variant's bundled weights says that they are worth, if it does.

    Of so many real `products`, the share that a linear model gets right from frozen features: with
    `random` weights, these (`formula`), and weights that learnt from photos (`food101`). Raises
    AisleError where the card has something else there.
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
        return bundled(variant)
    try:
        return imagenet(variant, settings=settings, md5=md5)
    except Unreachable as error:
        raise AisleError(
            f"{error} weights.source is imagenet: connect, name a mirror in weights.hub, put the "
            f"file into '{cache_folder()}', or set weights.source to formula, which needs no "
            "network."
        ) from None


def main() -> None:
    """Write one variant's weights, given on the command line, and their provenance."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("variant", choices=architecture.CLASSES)
    variant = parser.parse_args().variant
    backbone, seed = params.backbone(variant), params.seed()
    settings = params.read("weights", params.Weights)
    source = settings.source
    path = find(variant, backbone=backbone, settings=settings, md5=MD5[variant])
    provenance = Provenance(
        variant=variant,
        source=source,
        file=path.name if path else None,
        sha256=_sha256(path) if path else None,
        seed=None if path else seed,
        probe=probe(variant) if source == "formula" else None,
    )
    with files.replacing(paths.weights(variant)) as temporary:
        if path and source == "formula":
            shutil.copyfile(path, temporary)
        else:
            _model(variant, side=backbone.size, path=path, seed=seed).save_weights(temporary)
    files.write_json(asdict(provenance), paths.facts("weights", variant))
    print(f"{variant}: {source}")


def _model(variant: str, *, side: int, path: Path | None, seed: int) -> "keras.Model":
    """Return the backbone with the weights in `path`, or random ones of this seed."""
    architecture.start_keras(seed=seed)
    if path is None:
        return architecture.build(variant, side=side)
    return architecture.load(variant, side=side, path=path)


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


if __name__ == "__main__":
    run(main)
