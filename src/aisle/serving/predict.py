"""Answers for photos that are in no catalogue, by what was fitted here.

A photo goes the way of a product's, through the code of the stages: read and checked as in
`extract`, made a square as in `resize`, run through a frozen backbone as in `embed`, answered as
in `evaluate`, and combined as in `combine`.
"""

import tempfile
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
from aisle.answers.table import DIGITS
from aisle.backbones import architecture, engines
from aisle.catalogue import photos
from aisle.errors import AisleError, did_you_mean
from aisle.inputs import rows
from aisle.inputs.views import ORIGINAL
from aisle.methods.common import registry
from aisle.methods.common.contract import Predictor
from aisle.parallel import ordered
from aisle.settings import params
from aisle.stages import embed
from aisle.standings import records

LIKELIEST = 3
"""Categories named of each photo where not all are."""


@dataclass(frozen=True)
class Shown:
    """Photos to answer: a row of facts each, and squares of each side that is read.

    `facts` has width, height, bytes, and `text` or the columns of texts of products.csv; `squares`
    maps a side to uint8 [n, side, side, 3].
    """

    facts: pd.DataFrame
    squares: Mapping[int, np.ndarray]


class Answerer(Protocol):
    """A competitor as fitted on one fold."""

    @property
    def sides(self) -> AbstractSet[int]:
        """Sides of the squares that it reads; none where it reads no photo."""
        ...

    @property
    def texts(self) -> tuple[str, ...]:
        """Columns of texts that it reads."""
        ...

    def probabilities(self, shown: Shown) -> np.ndarray:
        """Return float [photos, categories], rows summing to 1."""
        ...


@dataclass(frozen=True)
class _Given(rows.Inputs):
    """What a candidate may read of photos that no stage has seen."""

    shown: Shown

    @cached_property
    def photos(self) -> np.ndarray:
        return self.shown.squares[int(self.settings.photos)]

    @cached_property
    def embeddings(self) -> np.ndarray:
        variant = self.settings.backbone
        return _embedded(self.shown.squares[params.backbone(variant).size], variant=variant)


@dataclass(frozen=True)
class Candidate:
    """One candidate of params.yaml."""

    settings: params.Candidate
    predictor: Predictor
    needs_pass: bool

    @property
    def sides(self) -> set[int]:
        """That of its photos, or of its backbone's."""
        if self.needs_pass:
            return {params.backbone(self.settings.backbone).size}
        return set() if self.settings.photos == paths.NONE else {int(self.settings.photos)}

    @property
    def texts(self) -> tuple[str, ...]:
        """The columns its settings name."""
        return tuple(getattr(self.settings, "texts", ()))

    def probabilities(self, shown: Shown) -> np.ndarray:
        """Return what it answers to photos as they are, without any other view."""
        number = len(shown.facts)
        table = shown.facts
        if "text" in table and self.texts:
            # it reads its columns one after another: the whole text may stand in the first
            table = table.assign(**dict.fromkeys(self.texts, ""))
            table[self.texts[0]] = table["text"]
        given = rows.Rows(
            products=np.arange(number),
            views=np.full(number, ORIGINAL, dtype=object),
            labels=np.zeros(number, dtype=int),
            inputs=_Given(self.settings, table, shown),
        )
        return self.predictor.probabilities(given)


@dataclass(frozen=True)
class Ensemble:
    """Several candidates' answers made one; a late fusion's pool is that of the fold."""

    method: str
    members: Sequence[Answerer]
    pool: combining.Pool | None

    @property
    def sides(self) -> set[int]:
        """Those of all members."""
        return set().union(*(member.sides for member in self.members))

    @property
    def texts(self) -> tuple[str, ...]:
        """Those of all members, each once."""
        return tuple(dict.fromkeys(column for one in self.members for column in one.texts))

    def probabilities(self, shown: Shown) -> np.ndarray:
        """Return the members' answers made one."""
        # as `combine` reads them in the members' tables
        found = np.stack([member.probabilities(shown).round(DIGITS) for member in self.members])
        found /= found.sum(axis=2, keepdims=True)
        if self.pool is not None:
            return combining.late_fusion(found, pool=self.pool)
        if self.method == "hard_vote":
            return combining.hard_vote(found, answers=found.argmax(axis=2))
        return combining.soft_vote(found)


def load(name: str, *, fold: int, candidate: Callable[[str], Answerer] | None = None) -> Answerer:
    """Return a candidate or an ensemble of params.yaml as `dvc repro` fitted it on one fold.

    `candidate` loads a candidate by its name, those of an ensemble too; `load_candidate` if None.
    AisleError where there is none of that name, or it was not fitted, or left out.
    """
    known = [*params.candidate_names(), *params.ensemble_names()]
    if name not in known:
        raise AisleError(f"params.yaml: no competitor '{name}'. {did_you_mean(name, known)}")
    if name not in params.ensemble_names():
        return candidate(name) if candidate else load_candidate(name, fold=fold)
    settings = params.ensemble(name)
    pool = _pool(name, fold=fold) if settings.method == "late_fusion" else None
    members = [load(member, fold=fold, candidate=candidate) for member in settings.members]
    return Ensemble(settings.method, members, pool)


def load_candidate(name: str, *, fold: int) -> Candidate:
    """Return a candidate of params.yaml; AisleError where it was not fitted, or left out."""
    found, settings = registry.candidate(name)
    folder = paths.model(name, fold)
    if (reason := records.left_out(name)) is not None:
        raise AisleError(f"'{name}' cannot answer, it was left out: {reason}")
    if not folder.is_dir():
        raise AisleError(
            f"'{folder}' is missing: '{name}' was not fitted here on fold {fold}. Run 'dvc repro', "
            "or give a fold that split.csv has."
        )
    needs_pass = found.frozen_pass(settings) == "to_answer"
    return Candidate(settings, found.load(folder=folder), needs_pass)


def winner(*, with_text: bool) -> str:
    """Return who wins by the rule; without a text, if that needs one, the best on photos alone."""
    from aisle.standings import standings

    found = standings.load()
    won = str(files.read_json(paths.COMPARISON)["winner"]["winner"])
    reads = next(c.reads for c in found.competitors if c.name == won)
    return won if with_text or reads == "photo" else found.champion.name


def gathered(given: Iterable[Path]) -> list[Path]:
    """Return the files, and of a folder all photos below it, by name; each once.

    AisleError where there is nothing.
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


def shown(
    given: Sequence[Path], *, answerer: Answerer, text: str = ""
) -> tuple[Shown, dict[Path, str]]:
    """Return what can be answered, and why the other photos cannot; `text` is that of all.

    AisleError where a text is needed and none was given.
    """
    if answerer.texts and not text.strip():
        raise AisleError(
            "it reads the product's text, and none was given. Add --text 'name and description', "
            "or choose a competitor that reads photos alone with --candidate."
        )
    look = partial(_facts, max_megapixels=params.read("extract", params.Extract).max_megapixels)
    found = dict(zip(given, ordered(look, given, what="checking photos"), strict=True))
    unusable = {path: str(facts["reason"]) for path, facts in found.items() if "reason" in facts}
    usable = [path for path in given if path not in unusable]
    facts = pd.DataFrame([{"photo": path, "text": text} | found[path] for path in usable])
    fit = params.read("resize", params.Resize).fit
    squares = {}
    for side in sorted(answerer.sides) if usable else []:
        make = partial(photos.square, side=side, fit=fit)
        squares[side] = np.stack(ordered(make, usable, what=f"resizing to {side}"))
    return Shown(facts, squares), unusable


def table(answerer: Answerer, given: Shown) -> pd.DataFrame:
    """Return one row per photo: photo, predicted, p_<category> …, as in data/predictions."""
    names = rows.categories()
    if given.facts.empty:
        return pd.DataFrame(columns=["photo", "predicted", *(f"p_{name}" for name in names)])
    found = answerer.probabilities(given)
    answers = pd.DataFrame(
        {
            "photo": [str(path) for path in given.facts["photo"]],
            "predicted": np.asarray(names, dtype=object)[found.argmax(axis=1)],
        }
    )
    return answers.assign(**{f"p_{name}": found[:, at] for at, name in enumerate(names)})


def as_list(answers: pd.DataFrame) -> list[dict[str, Any]]:
    """Return one object per photo: photo, predicted, probabilities by category."""
    return [
        {
            "photo": row["photo"],
            "predicted": row["predicted"],
            "probabilities": {
                str(key).removeprefix("p_"): round(value, DIGITS)
                for key, value in row.items()
                if str(key).startswith("p_")
            },
        }
        for row in answers.to_dict("records")
    ]


def as_lines(answers: pd.DataFrame) -> list[str]:
    """Return a line per photo: its likeliest categories, with their probabilities."""
    lines = []
    for row in as_list(answers):
        likely = sorted(row["probabilities"].items(), key=lambda pair: -pair[1])[:LIKELIEST]
        said = ", ".join(f"{name} {value:.3f}" for name, value in likely)
        lines.append(f"{row['photo']}: {said}")
    return lines


def _pool(name: str, *, fold: int) -> combining.Pool:
    record = files.read_json(paths.facts("combine", name))
    if "left_out" in record:
        raise AisleError(f"'{name}' cannot answer, it was left out: {record['left_out']}")
    at = rows.folds().index(fold)
    return combining.Pool(np.asarray(record["weights"][at]), record["temperature"][at])


def _facts(path: Path, *, max_megapixels: float) -> dict[str, Any]:
    """Return width, height and bytes of a photo, or the reason why it cannot be used."""
    try:
        return asdict(photos.examine(path, max_megapixels=max_megapixels))
    except photos.UnusablePhoto as error:
        return {"reason": str(error)}


def _embedded(squares: np.ndarray, *, variant: str) -> np.ndarray:
    """Return float32 [n, views, widths], of the views and layers that `embed` keeps."""
    settings, card = params.read("embed", params.Embed), _card(variant)
    if list(card["layers"]) != list(settings.layers):
        raise AisleError("params.yaml: embed.layers has changed. Run 'dvc repro' first.")
    model, answer = _embedder(variant)
    with tempfile.TemporaryDirectory() as folder:
        embed.forward(
            model,
            answer,
            squares,
            names=card["views"],
            variant=variant,
            batch_size=settings.batch_size,
            folder=Path(folder),
            earlier=None,
            digests=[],
        )
        found: np.ndarray = np.load(Path(folder) / paths.EMBEDDINGS)
    return found


@lru_cache
def _embedder(variant: str) -> tuple[Any, engines.Answer]:
    """Return a frozen backbone and what runs it. Remembered: its graph takes seconds to make."""
    settings = params.read("embed", params.Embed)
    architecture.start_keras(seed=params.seed())
    backbone = architecture.load(
        variant, side=params.backbone(variant).size, path=paths.weights(variant)
    )
    model = embed.frozen(backbone, settings=settings)
    return model, engines.answering(model, engine=engines.usable(settings.engine))


def _card(variant: str) -> dict[str, Any]:
    return files.read_json(paths.embeddings(variant) / paths.EMBEDDING_CARD)
