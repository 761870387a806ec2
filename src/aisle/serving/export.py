"""Export for other programs: photos as one directory per category, a fitted model with a card."""

import re
import shutil
from dataclasses import asdict
from pathlib import Path
from typing import Any

from PIL import Image

from aisle import files, paths
from aisle.catalogue import photos
from aisle.errors import AisleError, did_you_mean
from aisle.inputs import rows
from aisle.methods.common import registry
from aisle.settings import params
from aisle.standings import costs, records, scores
from aisle.statistics import log_loss

CARD = "card.json"
COMBINED = {
    "late_fusion": (
        f"each member's p is raised to at least {log_loss.FLOOR:g}; exp(sum of weight * log p "
        "over the members / temperature), divided by its sum over the labels; the weights are in "
        "the order of `members`"
    ),
    "hard_vote": "(votes for a label + mean of the members' p) / (members + 1)",
    "soft_vote": "mean of the members' p",
}
"""How an ensemble combines its members' probabilities p, by its method."""

UNSAFE = re.compile(r'[\x00-\x1f<>:"/\\|?*]')
"""Characters that some systems do not allow in a file name."""


def photo_tree(folder: Path, *, partition: str, side: int, fold: int) -> int:
    """Write the square photos of one partition as folder/CATEGORY/PRODUCT.png; return how many.

    This is the layout of `keras.utils.image_dataset_from_directory`. Photos only, no other views.
    Raises AisleError if the folder is not empty or there is no such fold.
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
            "two categories would share a directory: their names differ only in capitals or in "
            "characters that a directory name cannot have. Rename one in the catalogue."
        )
    fit = params.read("resize", params.Resize).fit
    _require_new(folder)
    with files.replacing(folder) as temporary:
        for name in names.values():
            (temporary / name).mkdir(parents=True)  # empty ones too, as labels are positions
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
        "kept": _kept(name, fold=fold),
        "weights": _weights(settings.backbone),
    }
    _require_new(folder)
    with files.replacing(folder) as temporary:
        shutil.copytree(source, temporary)
        if to_answer:  # the saved model needs the backbone and does not contain it
            shutil.copy(paths.weights(settings.backbone), temporary)
        files.write_json(card, temporary / CARD)
    return card


def competitor(folder: Path, *, name: str, fold: int) -> dict[str, Any]:
    """Write a candidate's model, or an ensemble: one folder per member, and how to combine them.

    Returns the card. Raises AisleError if a model was not fitted or the folder is not empty.
    """
    if name not in params.ensemble_names():
        return model(folder, name=name, fold=fold)
    ensemble, facts = params.ensemble(name), files.read_json(paths.facts("combine", name))
    if "left_out" in facts:
        raise AisleError(f"'{name}' cannot be exported, it was left out: {facts['left_out']}")
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
    """Return the entries that the cards of candidates and ensembles share."""
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
        "made_with": costs.versions(),
    }


def _input(settings: params.Candidate, *, to_answer: bool) -> dict[str, Any]:
    """Describe the model's input, exactly as it was when the model was fitted."""
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
            f"of the frozen backbone {settings.backbone}, as the stage embed writes it"
        )
    texts = getattr(settings, "texts", ())
    if texts:
        given["text"] = f"{', '.join(texts)}, joined by line breaks"
    return given


def _kept(name: str, *, fold: int) -> dict[str, Any] | None:
    """Return what this fold's fit kept; of a network whose tail was rolled back, only the head."""
    found = next((asdict(fit) for fit in records.fits(name) if fit.fold == fold), None)
    return found and {key: value for key, value in found.items() if key != "fold"}


def _weights(variant: str) -> dict[str, Any] | None:
    return None if variant == paths.NONE else files.read_json(paths.facts("weights", variant))


def _safe(name: str) -> str:
    """Return a file name that is valid on every system."""
    return UNSAFE.sub("_", name).strip(" .") or "_"


def _require_new(folder: Path) -> None:
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise AisleError(f"'{folder}' exists and is not empty. Choose a new folder.")
