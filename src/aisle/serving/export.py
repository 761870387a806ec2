"""What other programs read: photos as one directory per category, a fitted model with a card."""

import re
import shutil
from pathlib import Path
from typing import Any

from PIL import Image

from aisle import files, paths
from aisle.catalogue import photos
from aisle.errors import AisleError, did_you_mean
from aisle.inputs import rows
from aisle.methods.common import registry
from aisle.settings import params
from aisle.standings import records, scores

CARD = "card.json"
COMBINED = {
    "late_fusion": (
        "p is proportional to exp(sum of weight * log p over the members / temperature); the "
        "weights are in the order of `members`"
    ),
    "hard_vote": "(votes for a label + mean of the members' p) / (members + 1)",
    "soft_vote": "mean of the members' p",
}
"""How an ensemble makes one probability of its members', by its method."""

UNSAFE = re.compile(r'[\x00-\x1f<>:"/\\|?*]')
"""Characters that a file's name cannot have on one system or another."""


def photo_tree(folder: Path, *, partition: str, side: int, fold: int) -> int:
    """Write folder/CATEGORY/PRODUCT.png, squares of one partition; return how many.

    What `keras.utils.image_dataset_from_directory` reads: the photos as they are, no view of them.
    AisleError where the folder holds something, or there is no such fold or partition.
    """
    split = files.read_table(paths.SPLIT, text=("product_id",))
    here = split[split["fold"] == fold]
    if here.empty:
        raise AisleError(f"no fold {fold}. {did_you_mean(str(fold), split['fold'].unique())}")
    chosen = here[here["partition"] == partition]["product_id"]
    products = files.read_table(paths.PRODUCTS, text=("product_id", "category", "image"))
    wanted = products[products["product_id"].isin(chosen)]
    names = {category: _safe(category) for category in sorted(products["category"].unique())}
    if len({name.lower() for name in names.values()}) < len(names):
        raise AisleError(
            "two categories would share a directory: their names differ only in characters that "
            "a directory cannot have, or in capitals. Rename one in the catalogue."
        )
    fit = params.read("resize", params.Resize).fit
    _require_new(folder)
    with files.replacing(folder) as temporary:
        for name in names.values():
            (temporary / name).mkdir(parents=True)  # empty ones too: a label is a position
        for at, row in wanted.iterrows():
            square = photos.square(paths.RAW_IMAGES / row["image"], side=side, fit=fit)
            file = f"{at:06d}_{_safe(row['product_id'])[:80]}.png"
            Image.fromarray(square).save(temporary / names[row["category"]] / file)
    return len(wanted)


def model(folder: Path, *, name: str, fold: int) -> dict[str, Any]:
    """Write a candidate's model of one fold, and a card of how to use it; return the card.

    AisleError where it was not fitted, or the folder holds something.
    """
    found, settings = registry.candidate(name)
    source = paths.model(name, fold)
    if not source.is_dir() or records.left_out(name) is not None:
        raise AisleError(f"'{source}' holds no fitted '{name}'. Run 'dvc repro'.")
    to_answer = found.frozen_pass(settings) == "to_answer"
    card = {
        "candidate": name,
        "input": _input(settings, to_answer=to_answer),
        **_common(name, fold=fold),
        "settings": settings.model_dump(mode="json"),
        "weights": _weights(settings.backbone),
    }
    _require_new(folder)
    with files.replacing(folder) as temporary:
        shutil.copytree(source, temporary)
        if to_answer:  # what is saved stands on the backbone and does not hold it
            shutil.copy(paths.weights(settings.backbone), temporary)
        files.write_json(card, temporary / CARD)
    return card


def competitor(folder: Path, *, name: str, fold: int) -> dict[str, Any]:
    """Write a candidate's model, or of an ensemble each member's in a folder of its name.

    Return the card; an ensemble's says how the members' answers are combined. AisleError as from
    `model`.
    """
    if name not in params.ensemble_names():
        return model(folder, name=name, fold=fold)
    ensemble, facts = params.ensemble(name), files.read_json(paths.facts("combine", name))
    if "left_out" in facts:
        raise AisleError(f"'{name}' has no model, it was left out: {facts['left_out']}")
    card = {
        "ensemble": name,
        "method": ensemble.method,
        "members": list(ensemble.members),
        "combined": COMBINED[ensemble.method],
        **_common(name, fold=fold),
    }
    if ensemble.method == "late_fusion":
        at = rows.folds().index(fold)
        card |= {key: facts[key][at] for key in ("weights", "temperature")}
    _require_new(folder)
    with files.replacing(folder) as temporary:
        for member in ensemble.members:
            model(temporary / member, name=member, fold=fold)
        files.write_json(card, temporary / CARD)
    return card


def _common(name: str, *, fold: int) -> dict[str, Any]:
    """Return what the card of a candidate and of an ensemble both say."""
    found = scores.read().get(name)
    if found is None:
        raise AisleError(f"'{paths.METRICS}' has no scores for '{name}'. Run 'dvc repro'.")
    return {
        "labels": rows.categories(),
        "output": "one probability per label, in this order",
        "fold": fold,
        "accuracy": {
            key: getattr(found, key) for key in ("accuracy", "accuracy_low", "accuracy_high")
        },
        "test_products": found.products,
        "seed": params.seed(),
        "made_on": files.read_json(paths.COST)["machine"],
    }


def _input(settings: params.Candidate, *, to_answer: bool) -> dict[str, Any]:
    """Return what must be given to the model, exactly as it was given when it was fitted."""
    given: dict[str, Any] = {}
    if settings.photos != paths.NONE and not to_answer:
        fit = params.read("resize", params.Resize).fit
        filled = "padded with white" if fit == "pad" else "stretched"
        given["photo"] = (
            f"RGB, upright, transparency on white, {filled} to {settings.photos} x "
            f"{settings.photos} pixels (bicubic), values 0-255, channels last"
        )
    if to_answer:
        given["embedding"] = (
            f"of the frozen backbone {settings.backbone}, as the stage embed keeps it"
        )
    texts = getattr(settings, "texts", ())
    if texts:
        given["text"] = f"{', '.join(texts)}, one after another, a line each"
    return given


def _weights(variant: str) -> dict[str, Any] | None:
    return None if variant == paths.NONE else files.read_json(paths.facts("weights", variant))


def _safe(name: str) -> str:
    """Return a name that a file can have on every system."""
    return UNSAFE.sub("_", name).strip(" .") or "_"


def _require_new(folder: Path) -> None:
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise AisleError(
            f"'{folder}' exists and holds something, which would be lost. Give a new folder."
        )
