"""Tiny real catalogues: 42 products, photos of 40 to 64 pixels, settings that fit them."""

import importlib
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from PIL import Image, ImageDraw
from ruamel.yaml import YAML

from aisle.settings import params
from aisle.settings.editing import merge
from aisle.stages import write_timings

# pytest-xdist gives each core its own worker; threads beside them only get in their way. Read
# when TensorFlow and NumPy's libraries start, which is after this.
if "PYTEST_XDIST_WORKER" in os.environ:
    for threads in ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OMP_NUM_THREADS"):
        os.environ.setdefault(threads, "1")

ROOT = Path(__file__).parents[1]
CATEGORIES = ("Boxes", "Rings", "Stripes")
PER_CATEGORY = 14

LONGEST = ("test_end_to_end", "test_train", "test_networks", "test_embed", "test_network")
"""Modules of a minute and more."""

TINY: dict[str, Any] = {
    "split": {"train": 0.7, "val": 0.15, "test": 0.15},
    "catalogue": {"source": "table", "path": "shop", "table": "shop.csv", "images": "photos"},
    "extract": {"near_duplicate_bits": 0},
    "resize": {"sizes": [16, 32]},
    "variants": {"b0": {"size": 32}},
    "weights": {"source": "random"},
    "embed": {"trainable_from": "block6"},
    "compare": {"resamples": 200},
}
"""What a tiny catalogue changes in the committed params.yaml."""


def draw(category: str, *, generator: np.random.Generator) -> Image.Image:
    """Return a photo that shows its category, in any colour, size and place."""
    width, height = generator.integers(40, 65, size=2).tolist()
    back = tuple(generator.integers(170, 256, size=3).tolist())
    front = tuple(generator.integers(0, 120, size=3).tolist())
    photo = Image.new("RGB", (width, height), back)
    pen = ImageDraw.Draw(photo)
    left, top = generator.integers(2, 12, size=2).tolist()
    right, bottom = width - generator.integers(2, 12), height - generator.integers(2, 12)
    if category == "Boxes":
        pen.rectangle((left, top, right, bottom), fill=front)
    elif category == "Rings":
        pen.ellipse((left, top, right, bottom), outline=front, width=5)
    else:
        for x in range(left, int(right), 9):
            pen.rectangle((x, top, x + 3, bottom), fill=front)
    return photo


def write_shop(folder: Path, *, per_category: int = PER_CATEGORY, seed: int = 0) -> pd.DataFrame:
    """Write folder/shop.csv and folder/photos/ in the Flipkart schema; return the table."""
    generator = np.random.default_rng(seed)
    (folder / "photos").mkdir(parents=True)
    rows = []
    for category in CATEGORIES:
        for number in range(per_category):
            name = f"{category.lower()}{number}"
            draw(category, generator=generator).save(folder / "photos" / f"{name}.png")
            rows.append(
                {
                    "uniq_id": name,
                    "product_category_tree": f'["{category} >> Kind >> {name}"]',
                    "image": f"{name}.png",
                    "product_name": f"{name} by maker {number}",
                    "description": f"A thing, number {name}, to look at",
                    "product_specifications": "",
                }
            )
    table = pd.DataFrame(rows)
    table.to_csv(folder / "shop.csv", index=False)
    return table


CLASSICAL: dict[str, Any] = {
    "majority": {"method": "majority", "photos": "none", "backbone": "none"},
    "random_forest": {
        "method": "classical",
        "features": "pixels",
        "model": "forest",
        "photos": 16,
        "backbone": "none",
        "views": "original",
        "trees": 20,
    },
    "random_forest_augmented": {
        "method": "classical",
        "features": "pixels",
        "model": "forest",
        "photos": 16,
        "backbone": "none",
        "views": "all",
        "trees": 20,
    },
}
SILENT: dict[str, Any] = {
    "method": "tfidf",
    "photos": "none",
    "backbone": "none",
    "texts": ["specifications"],
    "ngrams": 1,
    "min_documents": 1,
    "without_text": "leave_out",
    "model": "logistic",
    "C": [1],
}
"""Reads texts that the tiny shop lacks."""

TRAINING: dict[str, Any] = {
    "optimizer": "adam",
    "learning_rate": 1e-3,
    "schedule": "constant",
    "decay": 0.0,
    "momentum": 0.0,
    "nesterov": False,
    "weight_decay": 0.0,
    "loss": "categorical_crossentropy",
    "label_smoothing": 0.0,
    "mixup": 0.0,
    "dropout": 0.2,
    "l1": 0.0,
    "l2": 0.0,
    "activity_l1": 0.0,
    "activity_l2": 0.0,
    "max_norm": 0.0,
    "batch_size": 16,
    "epochs": 1,
    "monitor": "val_loss",
    "mode": "auto",
    "patience": 1,
    "precision": "float32",
}
"""A network's block with everything that can be off, off."""

NETWORK: dict[str, Any] = {
    "method": "efficientnetv2",
    "photos": 32,
    "backbone": "b0",
    "recipe": "staged",
    "views": "all",
    "head_learning_rate": 1e-3,
    "head_epochs": 3,
    "training": TRAINING | {"learning_rate": 1e-4},
}
OF_STAGED = ("head_learning_rate", "head_epochs")
FULL: dict[str, Any] = {key: value for key, value in NETWORK.items() if key not in OF_STAGED}
FULL["recipe"] = "full"


def write_params(
    folder: Path,
    changes: Mapping[str, Any] | None = None,
    *,
    candidates: Mapping[str, Any] | None = None,
    ensembles: Mapping[str, Any] | None = None,
    refits: Mapping[str, Any] | None = None,
) -> None:
    """Write the committed params.yaml made tiny, with changes, and these competitors alone."""
    content = params.load(ROOT / "params.yaml")
    content["variants"] = {"b0": content["variants"]["b0"]}
    for change in (TINY, changes or {}):
        content = merge(content, change)
    competitors = {
        "candidates": dict(CLASSICAL if candidates is None else candidates),
        "ensembles": dict(ensembles or {}),
        "refits": dict(refits or {}),
    }
    yaml = YAML(typ="safe")
    yaml.default_flow_style = False
    yaml.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
    for name, written in (("params.yaml", content), ("competitors.yaml", competitors)):
        with (folder / name).open("w", encoding="utf-8") as file:
            yaml.dump(written, file)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the longest modules, so that no worker is left alone with one at the end."""
    items.sort(key=lambda item: item.path.stem not in LONGEST)


def run_stages(folder: Path, *stages: str) -> None:
    """Run stages, such as `resize 32`, one after the other in `folder`, in this process."""
    (folder / "data").mkdir(exist_ok=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for one in stages:
            if one == "compare":
                run_stages(folder, "check", "finalists", "reach")
            patch.setattr(sys, "argv", one.split())
            write_timings(importlib.import_module(f"aisle.stages.{one.split()[0]}").main())


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty repository root with a tiny shop, and settings for it without networks."""
    write_shop(tmp_path / "shop")
    write_params(tmp_path)
    (tmp_path / "data").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Call a stage's `main` as DVC's command does, in this process."""

    def call(name: str, *arguments: str) -> None:
        if name == "compare":
            call("check")  # says which competitors are controls
            call("finalists")
            call("reach")
        monkeypatch.setattr(sys, "argv", [name, *arguments])
        write_timings(importlib.import_module(f"aisle.stages.{name}").main())

    return call


@pytest.fixture
def until(stage: Callable[..., None]) -> Callable[[str], None]:
    """Run the stages from `catalogue` up to and including the named one."""

    def call(last: str) -> None:
        order: list[tuple[str, ...]] = [("check",), ("catalogue",), ("extract",), ("split",)]
        order += [("augment",)]
        order += [("resize", "16"), ("resize", "32")]
        for name, *arguments in order:
            stage(name, *arguments)
            if name == last and arguments != ["16"]:
                return

    return call
