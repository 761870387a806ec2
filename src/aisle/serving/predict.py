"""Predict the categories of photos outside the catalogue, with a competitor fitted here.

A photo is treated like a product's: read and checked as in `extract`, made square as in `resize`,
run through the frozen backbone as in `embed`, predicted as in `evaluate` and combined as in
`combine`.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import asdict, dataclass
from functools import cached_property, lru_cache, partial
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pandas as pd

from aisle import files, paths
from aisle.answers import combining
from aisle.answers.table import DIGITS, PROBABILITY, columns, rounded
from aisle.backbones import embedding, engines, frozen_pass
from aisle.catalogue import photos
from aisle.errors import AisleError, did_you_mean
from aisle.inputs import rows, views
from aisle.methods.common import registry
from aisle.methods.common.contract import Predictor
from aisle.parallel import ordered
from aisle.settings import params
from aisle.standings import records

LIKELIEST = 3
"""Categories printed per photo, unless all are asked for."""


@dataclass(frozen=True)
class Products:
    """Products to predict: a row of facts each, and square photos in each size that is read.

    `facts` has width, height, bytes, and `text` or the text columns of products.csv; `squares` maps
    a side in pixels to uint8 [n, side, side, 3].
    """

    facts: pd.DataFrame
    squares: Mapping[int, np.ndarray]


class Model(Protocol):
    """A competitor fitted on one fold."""

    @property
    def sides(self) -> AbstractSet[int]:
        """Sides of the squares that it reads; empty if it reads no photo."""
        ...

    @property
    def texts(self) -> tuple[str, ...]:
        """Text columns that it reads."""
        ...

    def probabilities(self, products: Products, /) -> np.ndarray:
        """Return float [photos, categories], rows summing to 1."""
        ...


@dataclass(frozen=True)
class _PhotoInputs(rows.Inputs):
    """Inputs of a candidate for photos outside the catalogue."""

    products: Products

    @cached_property
    def photos(self) -> np.ndarray:
        return self.products.squares[int(self.settings.photos)]

    @cached_property
    def embeddings(self) -> np.ndarray:
        variant = self.settings.backbone
        return _embedded(self.products.squares[params.backbone(variant).size], variant=variant)


@dataclass(frozen=True)
class Candidate:
    """One candidate of params.yaml."""

    settings: params.Candidate
    predictor: Predictor
    needs_pass: bool

    @property
    def sides(self) -> set[int]:
        """The side of its photos, or of its backbone's photos."""
        if self.needs_pass:
            return {params.backbone(self.settings.backbone).size}
        return set() if self.settings.photos == paths.NONE else {int(self.settings.photos)}

    @property
    def texts(self) -> tuple[str, ...]:
        """The text columns named in its settings."""
        return tuple(getattr(self.settings, "texts", ()))

    def probabilities(self, products: Products) -> np.ndarray:
        """Return probabilities for the photos as they are, without any other view."""
        number = len(products.facts)
        table = products.facts
        if "text" in table and self.texts:
            # columns are read one after another, so the first can hold the whole text
            table = table.assign(**dict.fromkeys(self.texts, ""))
            table[self.texts[0]] = table["text"]
        given = rows.Rows(
            products=np.arange(number),
            views=np.full(number, views.ORIGINAL, dtype=object),
            labels=np.zeros(number, dtype=int),
            inputs=_PhotoInputs(self.settings, table, products),
        )
        return self.predictor.probabilities(given)


@dataclass(frozen=True)
class Ensemble:
    """Members whose answers are combined; a late fusion uses the pool fitted on this fold."""

    method: str
    members: Sequence[Model]
    pool: combining.Pool | None

    @property
    def sides(self) -> set[int]:
        """The sides that any member reads."""
        return set().union(*(member.sides for member in self.members))

    @property
    def texts(self) -> tuple[str, ...]:
        """The text columns that any member reads, each once."""
        return tuple(dict.fromkeys(column for one in self.members for column in one.texts))

    def probabilities(self, products: Products) -> np.ndarray:
        """Return the members' probabilities, combined."""
        # rounded as in the tables that `combine` reads
        found = np.stack([rounded(member.probabilities(products)) for member in self.members])
        found /= found.sum(axis=2, keepdims=True)
        if self.pool is not None:
            return combining.late_fusion(found, pool=self.pool)
        if self.method == "hard_vote":
            return combining.hard_vote(found, answers=found.argmax(axis=2))
        return combining.soft_vote(found)


def load(name: str, *, fold: int, candidate: Callable[[str], Model] | None = None) -> Model:
    """Return a candidate or an ensemble of params.yaml as `dvc repro` fitted it on one fold.

    `candidate` loads a candidate by its name, also an ensemble's members; None: `load_candidate`.
    Raises AisleError if the name is unknown, or the competitor was not fitted or was left out.
    """
    known = [*params.candidate_names(), *params.ensemble_names()]
    if name not in known:
        raise AisleError(f"competitors.yaml: no competitor '{name}'. {did_you_mean(name, known)}")
    if name not in params.ensemble_names():
        return candidate(name) if candidate else load_candidate(name, fold=fold)
    settings = params.ensemble(name)
    pool = _pool(name, fold=fold) if settings.method == "late_fusion" else None
    members = [load(member, fold=fold, candidate=candidate) for member in settings.members]
    return Ensemble(settings.method, members, pool)


def load_candidate(name: str, *, fold: int) -> Candidate:
    """Return a fitted candidate; AisleError if it was not fitted or was left out."""
    found, settings = registry.candidate(name)
    folder = paths.model(name, fold)
    if (reason := records.left_out(name)) is not None:
        raise AisleError(f"'{name}' cannot predict, it was left out: {reason}")
    if not folder.is_dir():
        raise AisleError(
            f"'{folder}' is missing: '{name}' was not fitted here on fold {fold}. Run 'dvc repro', "
            "or choose a fold of data/split.csv."
        )
    needs_pass = found.frozen_pass(settings) == "to_answer"
    return Candidate(settings, found.load(folder=folder), needs_pass)


def winner(*, with_text: bool) -> str:
    """Return the winner of the comparison; if it needs a text and has none, the best on photos."""
    from aisle.standings import standings

    found = standings.load()
    won = str(files.read_json(paths.COMPARISON)["winner"]["winner"])
    reads = next(c.reads for c in found.competitors if c.name == won)
    return won if with_text or reads == "photo" else found.champion.name


def photo_files(given: Iterable[Path]) -> list[Path]:
    """Return the files, and all photos below each folder in the order of their names; each once.

    Raises AisleError for a path that does not exist and for a folder without photos.
    """
    from PIL import Image

    known = Image.registered_extensions()
    found: list[Path] = []
    for path in given:
        if path.is_dir():
            inside = sorted(one for one in path.rglob("*") if one.suffix.lower() in known)
            if not inside:
                raise AisleError(
                    f"no photo below '{path}'. Give a photo, or a folder that has one."
                )
            found += inside
        elif path.exists():
            found.append(path)
        else:
            raise AisleError(f"no file '{path}'. Give a photo, or a folder of photos.")
    return list(dict.fromkeys(found))


def read_photos(
    given: Sequence[Path], *, model: Model, text: str = ""
) -> tuple[Products, dict[Path, str]]:
    """Return the usable photos, and the reason why each of the others is not usable.

    `text` belongs to every photo. Raises AisleError if a text is needed and none was given.
    """
    if model.texts and not text.strip():
        raise AisleError(
            "this competitor reads text, and none was given. Add --text 'name and description', or "
            "choose one that reads only photos with --candidate."
        )
    look = partial(_facts, max_megapixels=params.read("extract", params.Extract).max_megapixels)
    found = dict(zip(given, ordered(look, given, what="checking photos"), strict=True))
    unusable = {path: str(facts["reason"]) for path, facts in found.items() if "reason" in facts}
    usable = [path for path in given if path not in unusable]
    facts = pd.DataFrame([{"photo": path, "text": text} | found[path] for path in usable])
    fit = params.read("resize", params.Resize).fit
    squares = {}
    for side in sorted(model.sides) if usable else []:
        make = partial(photos.square, side=side, fit=fit)
        squares[side] = np.stack(ordered(make, usable, what=f"resizing to {side}"))
    return Products(facts, squares), unusable


def table(model: Model, given: Products) -> pd.DataFrame:
    """Return one row per photo: photo, predicted, p_<category> …, as in data/predictions."""
    names = rows.categories()
    shares = columns(names)[-len(names) :]
    if given.facts.empty:
        return pd.DataFrame(columns=["photo", "predicted", *shares])
    found = model.probabilities(given)
    answers = {
        "photo": [str(path) for path in given.facts["photo"]],
        "predicted": np.asarray(names, dtype=object)[found.argmax(axis=1)],
    }
    return pd.DataFrame(answers | dict(zip(shares, found.T, strict=True)))


def as_list(answers: pd.DataFrame) -> list[dict[str, Any]]:
    """Return one object per photo: photo, predicted, probabilities by category."""
    return [
        {
            "photo": row["photo"],
            "predicted": row["predicted"],
            "probabilities": {
                str(key).removeprefix(PROBABILITY): round(value, DIGITS)
                for key, value in row.items()
                if str(key).startswith(PROBABILITY)
            },
        }
        for row in answers.to_dict("records")
    ]


def as_lines(answers: pd.DataFrame) -> list[str]:
    """Return one line per photo: its most likely categories with their probabilities."""
    lines = []
    for row in as_list(answers):
        likely = sorted(row["probabilities"].items(), key=lambda pair: -pair[1])[:LIKELIEST]
        shares = ", ".join(f"{name} {value:.3f}" for name, value in likely)
        lines.append(f"{row['photo']}: {shares}")
    return lines


def _pool(name: str, *, fold: int) -> combining.Pool:
    record = files.read_json(paths.facts("combine", name))
    if "left_out" in record:
        raise AisleError(f"'{name}' cannot predict, it was left out: {record['left_out']}")
    at = rows.folds().index(fold)
    return combining.Pool(np.asarray(record["weights"][at]), record["temperature"][at])


def _facts(path: Path, *, max_megapixels: float) -> dict[str, Any]:
    """Return width, height and bytes of a photo, or the reason why it cannot be used."""
    try:
        return asdict(photos.examine(path, max_megapixels=max_megapixels))
    except photos.UnusablePhoto as error:
        return {"reason": str(error)}


def _embedded(squares: np.ndarray, *, variant: str) -> np.ndarray:
    """Return float32 [n, views, widths], with the views and layers that `embed` keeps."""
    settings = params.read("embed", params.Embed)
    card = files.read_json(paths.embeddings(variant) / paths.EMBEDDING_CARD)
    if list(card["layers"]) != list(settings.layers):
        raise AisleError("params.yaml: embed.layers has changed. Run 'dvc repro' first.")
    shape = (len(squares), len(card["views"]))
    at = list(np.ndindex(shape))
    batches = views.batches(squares, at=at, views=card["views"], size=settings.batch_size)
    passed = frozen_pass.outputs(batches, forward=_backbone(variant), variant=variant)
    return np.concatenate([embeddings for _, embeddings in passed]).reshape(*shape, -1)


@lru_cache
def _backbone(variant: str) -> engines.Forward:
    """Return what runs a frozen backbone. Cached: building its graph takes seconds."""
    return embedding.load(variant, settings=params.read("embed", params.Embed)).forward
