"""Goal 1: time and accuracy of a fit of B0 by recipe `staged` and by recipe `full`.

`staged` is the pipeline's candidate. `full`, the recipe of the original study, differs only in the
recipe, and gets the best of six settings by the validation loss of the first fold. Test is opened
for `staged` and for that setting only.
"""

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import chdir
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

from aisle import files, paths
from aisle.backbones import architecture
from aisle.errors import AisleError
from aisle.inputs import rows
from aisle.methods import efficientnetv2
from aisle.methods.common import fitting, registry
from aisle.settings import params
from aisle.settings.editing import merge
from aisle.settings.sections import Compare
from aisle.statistics.paired import Verdict, verdict
from aisle.training.epoch import Epoch
from benchmarks import workspace
from benchmarks.goals import Given, Result

LEARNING_RATES = (1e-3, 1e-4, 1e-5)
BATCH_NORMALISATION = ("training", "inference")
NAME = "efficientnetv2_b0"
MOST = 0.1
"""Largest share of `full`'s time that `staged` may take."""


@dataclass(frozen=True)
class Fit:
    """A fitted candidate: its entry in params.yaml, the folder of its model, epochs, seconds."""

    entry: Mapping[str, Any]
    folder: Path
    epochs: list[Epoch]
    seconds: float

    @property
    def kept(self) -> Epoch:
        """The epoch whose weights were kept."""
        return min(self.epochs, key=lambda epoch: epoch.val_loss)


def measure(given: Given, *, changes: Mapping[str, Any] | None = None) -> Result:
    """Fit both recipes in the first fold, then the chosen settings in the others; compare on test.

    `changes` override the candidate's entry in params.yaml.
    """
    given.check_real()
    staged = workspace.candidate(NAME) | {"views": "original", "photos": workspace.SIDE}
    staged = merge(staged, changes or {})
    ready = workspace.embedded(NAME, staged, scheme="cross_test", given=given)
    with ready as (folder, on), chdir(folder):
        return compare(staged, folds=rows.folds()[: given.folds], on=on)


def compare(staged: Mapping[str, Any], *, folds: list[int], on: str) -> Result:
    """Return times and accuracies of both recipes in these folds of the current workspace."""
    first, *others = folds
    architecture.start_keras(seed=params.seed())  # or its import would count in the first fit
    of_staged = [fit(staged, fold=first)]
    trials, lost = [], []
    for entry in opponents(staged):
        try:
            trials.append(fit(entry, fold=first))
        except AisleError as error:  # learning rate too high: the loss becomes NaN or infinite
            lost.append(f"{setting(entry)}: {error}")
    again = fit(staged, fold=first)  # measured again, because the machine's speed may have changed
    chosen = min(trials, key=lambda trial: trial.kept.val_loss)
    of_full = [chosen]
    for fold in others:
        of_staged.append(fit(staged, fold=fold))
        of_full.append(fit(chosen.entry, fold=fold))
    frozen, share = embedding(folds)
    heads_and_tails = sum(one.seconds for one in of_staged[1:])
    heads_and_tails += (of_staged[0].seconds + again.seconds) / 2
    seconds = {
        "staged": heads_and_tails + frozen * share,
        "full": sum(one.seconds for one in of_full),
    }
    ratio = seconds["staged"] / seconds["full"]
    right = {"staged": answers(of_staged, folds=folds), "full": answers(of_full, folds=folds)}
    found = judged(right["staged"], right["full"], folds=folds)
    accuracy = {
        recipe: f"{int(one.sum())}/{len(one)} = {one.mean():.3f}" for recipe, one in right.items()
    }
    return Result(
        measured=f"{ratio:.2f} of the time ({seconds['staged']:.0f} s, {seconds['full']:.0f} s); "
        f"verdict {found.word} ({accuracy['staged']}, {accuracy['full']})",
        met=ratio <= MOST and found.word in ("better", "tie"),
        on=f"{on}; photos of {staged['photos']} px, original views, {len(folds)} of the folds",
        table=[
            row("`staged`", of_staged[0], seconds=seconds["staged"], accuracy=accuracy["staged"]),
            row(
                f"`full`: {setting(chosen.entry)}",
                chosen,
                seconds=seconds["full"],
                accuracy=accuracy["full"],
            ),
            *(
                row(f"`full`, not chosen: {setting(trial.entry)}", trial, seconds=trial.seconds)
                for trial in trials
                if trial is not chosen
            ),
        ],
        remarks=(
            f"Seconds of `staged`: {heads_and_tails:.0f} for the fits (the first fold was measured "
            f"twice, before and after `full`: {of_staged[0].seconds:.0f} and {again.seconds:.0f}) "
            f"and {frozen * share:.0f} for the frozen pass, which took {frozen:.0f} for all "
            f"products; the fits read {share:.0%} of them. The {len(trials)} trials of `full` took "
            f"{sum(trial.seconds for trial in trials):.0f} s together; only the chosen one counts "
            "above. Validation scores are from the first fold.",
            summary(found, n=len(right["full"])),
            *(f"No result: {one}" for one in lost),
        ),
    )


def opponents(staged: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Return `full` in each of its settings."""
    common = {key: staged[key] for key in staged if key not in efficientnetv2.BY_RECIPE["staged"]}
    for rate, mode in product(LEARNING_RATES, BATCH_NORMALISATION):
        yield {
            **common,
            "recipe": "full",
            "batch_normalisation": mode,
            "training": common.get("training", {}) | {"learning_rate": rate},
        }


def fit(entry: Mapping[str, Any], *, fold: int) -> Fit:
    """Fit an entry in one fold, as the stage `train` does."""
    method, settings = registry.parse(dict(entry), where=f"candidates.{NAME}")
    fitted, watched = rows.fitting_rows(settings=settings, fold=fold)
    folder = Path(tempfile.mkdtemp(dir=".")) / "model"
    epochs, seconds = fitting.fit(
        method,
        settings=settings,
        train=fitted,
        val=watched,
        classes=len(rows.categories()),
        folder=folder,
        seed=params.seed() + fold,
    )
    found = Fit(entry, folder, epochs, seconds)
    print(f"{settings.recipe}, fold {fold}: {setting(entry)}: {found.kept} in {seconds:.0f} s")
    return found


def answers(fits: list[Fit], *, folds: list[int]) -> np.ndarray:
    """Return which test products are answered right, bool [n], fold by fold."""
    right = []
    for one, fold in zip(fits, folds, strict=True):
        method, settings = registry.parse(dict(one.entry), where=f"candidates.{NAME}")
        test = rows.test_rows(settings=settings, fold=fold)
        probabilities = method.load(folder=one.folder).probabilities(test)
        right.append(probabilities.argmax(axis=1) == test.labels)
    return np.concatenate(right)


def judged(staged: np.ndarray, full: np.ndarray, *, folds: list[int]) -> Verdict:
    """Return the verdict on the two recipes, with the settings of params.yaml."""
    rule = params.read("compare", Compare)
    products = files.read_table(paths.PRODUCTS, text=("product_id",))
    parted = files.read_table(paths.SPLIT, text=("product_id",))
    tested = [
        products["product_id"].isin(
            parted.loc[(parted["fold"] == fold) & (parted["partition"] == "test"), "product_id"]
        )
        for fold in folds
    ]
    return verdict(
        staged,
        full,
        margin=rule.margin,
        confidence=rule.confidence,
        folds=np.repeat(folds, [one.sum() for one in tested]),
        groups=np.concatenate([products.loc[one, "group"] for one in tested]),
    )


def embedding(folds: list[int]) -> tuple[float, float]:
    """Return the seconds of the frozen pass, and the share of products that the fits read."""
    parted = files.read_table(paths.SPLIT, text=("product_id",))
    read = parted[parted["fold"].isin(folds) & (parted["partition"] != "test")]
    share = read["product_id"].nunique() / parted["product_id"].nunique()
    return files.read_json(paths.timings(f"embed@{workspace.VARIANT}"))["embed_seconds"], share


def setting(entry: Mapping[str, Any]) -> str:
    """Return the step, and for `full` what BatchNorm does, in words."""
    settings = registry.parse(dict(entry), where=f"candidates.{NAME}")[1]
    rate = f"step {settings.training.learning_rate:g}"
    if settings.recipe == "staged":
        return rate
    return f"{rate}, BatchNorm in {settings.batch_normalisation} mode"


def row(name: str, fitted: Fit, *, seconds: float, accuracy: str = "not opened") -> dict[str, str]:
    """Return one row of the table; epochs and validation scores are from the first fold."""
    return {
        "recipe": name,
        "seconds": f"{seconds:.0f}",
        "epochs": str(len(fitted.epochs)),
        "validation loss": f"{fitted.kept.val_loss:.3f}",
        "validation accuracy": f"{fitted.kept.val_accuracy:.3f}",
        "test": accuracy,
    }


def summary(found: Verdict, *, n: int) -> str:
    """Return the verdict and its evidence as a sentence."""
    return (
        f"`staged` against `full` on {n} test products: difference {found.difference:+.3f} "
        f"({found.low:+.3f} to {found.high:+.3f}), only `staged` right on {found.only_first}, only "
        f"`full` on {found.only_second}, p {found.p:.3f}: {found.word}."
    )
