"""Stage `weights`: obtain one backbone's weights and record where they come from.

A file is loaded here, so that one of another architecture is refused before anything runs. Formula
weights are copied without loading them, so that Keras need not start: their card has their hash.
"""

import argparse
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from aisle import files, paths
from aisle.backbones import architecture, pretrained
from aisle.settings import params
from aisle.stages import run

if TYPE_CHECKING:
    import keras


def main() -> None:
    """Write the weights of the variant given on the command line, and where they come from."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("variant", choices=architecture.CLASSES)
    variant = parser.parse_args().variant
    backbone, seed = params.backbone(variant), params.seed()
    settings = params.read("weights", params.Weights)
    path = pretrained.find(
        variant, backbone=backbone, settings=settings, md5=pretrained.MD5[variant]
    )
    is_formula = settings.source == "formula"
    facts = {
        "variant": variant,
        "source": settings.source,
        "file": path.name if path else None,
        "sha256": files.sha256(path) if path else None,
        "seed": None if path else seed,
        "probe": pretrained.probe(variant) if is_formula else None,
    }
    with files.replacing(paths.weights(variant)) as temporary:
        if path and is_formula:
            shutil.copyfile(path, temporary)
        else:
            model(variant, side=backbone.size, path=path, seed=seed).save_weights(temporary)
    files.write_json(facts, paths.facts("weights", variant))
    print(f"{variant}: {settings.source}")


def model(variant: str, *, side: int, path: Path | None, seed: int) -> "keras.Model":
    """Return the backbone with the weights in `path`, or with random ones of this seed."""
    architecture.start_keras(seed=seed)
    if path is None:
        return architecture.build(variant, side=side)
    return architecture.load(variant, side=side, path=path)


if __name__ == "__main__":
    run(main)
