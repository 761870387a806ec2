"""The text baseline: TF-IDF of the product's texts, and a logistic regression or a forest on it."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import numpy as np
from pydantic import Field, model_validator

from aisle import files
from aisle.candidates import classical, texts
from aisle.candidates.contract import Epoch
from aisle.candidates.rows import Rows

if TYPE_CHECKING:
    from sklearn.linear_model import LogisticRegression

STEPS = 1000
"""Most steps of the solver; it takes about 30, so the limit only ends what would not end."""

CHOICE = "choice.json"

DIGITS = 6
"""Decimals kept of a loss in the file above."""

BELONGS_TO = {"trees": "forest", "C": "logistic"}
"""Setting → the only model that has it, and that needs it."""

Strength = Annotated[float, Field(gt=0, allow_inf_nan=False)]


class Settings(texts.TextSettings):
    """Which model reads the words, and the one setting that it alone has.

    `C` holds values of scikit-learn's setting of that name: the larger, the freer the coefficients.
    """

    photos: Literal["none"]
    backbone: Literal["none"]
    model: Literal["logistic", "forest"]
    trees: classical.Trees = 0
    C: tuple[Strength, ...] = ()

    @model_validator(mode="after")
    def _each_model_has_its_own_setting(self) -> "Settings":
        for key, model in BELONGS_TO.items():
            given = bool(getattr(self, key))
            if given and self.model != model:
                raise ValueError(
                    f"'{key}' belongs to 'model: {model}', and model is {self.model}; remove it"
                )
            if not given and self.model == model:
                raise ValueError(f"'{key}' is missing or empty; 'model: {model}' needs it")
        return self


def fit(
    *, settings: Settings, train: Rows, val: Rows, classes: int, folder: Path, seed: int
) -> list[Epoch]:
    """Fit on the words of train and save; val only chooses one of several values of `C`.

    A product counts once: its text is the same in every view. `choice.json` has the loss on val
    of each `C`; the most cautious wins a tie.
    """
    train, val = train.only_originals(), val.only_originals()
    words = texts.vectorizer(train, settings=settings)
    read = partial(texts.features, words=words, columns=settings.texts)
    features = read(train)
    if settings.model == "forest":
        model = classical.forest(features, labels=train.labels, trees=settings.trees, seed=seed)
    else:
        fitted = {
            strength: _logistic(features, labels=train.labels, strength=strength)
            for strength in sorted(settings.C)
        }
        losses = {
            strength: _log_loss(classical.Classical(tried, read, classes), val=val)
            for strength, tried in fitted.items()
        }
        chosen = min(losses, key=losses.__getitem__)
        model = fitted[chosen]
        rounded = {f"{strength:g}": round(loss, DIGITS) for strength, loss in losses.items()}
        files.write_json({"C": chosen, "val_loss": rounded}, folder / CHOICE)
    classical.save(folder, model=model, classes=classes, words=words, texts=list(settings.texts))
    return []


def load(*, folder: Path) -> classical.Classical:
    """Return the fitted model with its vocabulary."""
    stored = classical.load(folder)
    read = partial(texts.features, words=stored["words"], columns=stored["texts"])
    return classical.Classical(stored["model"], read, stored["classes"])


def reads_embeddings(settings: Settings) -> bool:
    """Return False: it reads texts."""
    return False


def _logistic(
    features: classical.Features, *, labels: np.ndarray, strength: float
) -> "LogisticRegression":
    from sklearn.linear_model import LogisticRegression
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):  # its arrays are small: two threads wait longer than one works
        return LogisticRegression(C=strength, max_iter=STEPS).fit(features, labels)


def _log_loss(predictor: classical.Classical, *, val: Rows) -> float:
    from sklearn.metrics import log_loss

    probabilities = predictor.probabilities(val)
    return float(log_loss(val.labels, probabilities, labels=np.arange(predictor.classes)))
