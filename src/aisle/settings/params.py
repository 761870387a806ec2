"""params.yaml and competitors.yaml as typed objects; every mistake in them is named."""

import copy
import math
import re
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from aisle.errors import AisleError, did_you_mean
from aisle.paths import COMPETITORS_FILE, NOTHING, PARAMS

Share = Annotated[float, Field(gt=0, lt=1)]
Positive = Annotated[int, Field(ge=1)]
Side = Annotated[int, Field(ge=8, le=2048)]
Variant = Literal["b0", "b1", "b2", "b3", "s", "m", "l"]
Transform = Literal["horizontal_flip", "vertical_flip", "rotate_90"]
TextColumn = Literal["name", "description", "specifications"]
Layer = Literal["block1", "block2", "block3", "block4", "block5", "block6", "top"]
Engine = Literal["keras", "openvino"]
Source = Literal["formula", "imagenet", "file", "random"]

TOP: Layer = "top"
"""The last layer: its average over the photo is what a backbone without its top answers."""


def _each_once(layers: tuple[Layer, ...]) -> tuple[Layer, ...]:
    if not layers or len(set(layers)) < len(layers):
        got = ", ".join(layers) or "none"
        raise ValueError(
            f"expected at least one of {', '.join(get_args(Layer))}, each once; got {got}"
        )
    return layers


Layers = Annotated[tuple[Layer, ...], AfterValidator(_each_once)]


def _a_block(name: str) -> str:
    if not re.fullmatch("block[2-6][a-z]?", name):
        raise ValueError(
            f"expected block2 … block6, or one of those that it repeats, as block6e; got '{name}'"
        )
    return name


Block = Annotated[str, AfterValidator(_a_block)]


class Section(BaseModel):
    """A part of a settings file: unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Columns(Section):
    """Names of the table's columns; `none` for a column that the table lacks."""

    id: str
    category_tree: str
    image: str
    name: str
    description: str
    specifications: str
    group: str = "none"


class Sample(Section):
    """Size and seed of the embedded catalogue."""

    products_per_category: Annotated[int, Field(ge=3, le=5000)]
    seed: Annotated[int, Field(ge=0)]


class Archive(Section):
    """Where a zip comes from and what it may hold."""

    url: str
    sha256: Annotated[str, Field(pattern=r"^(none|[0-9a-fA-F]{64})$")]
    layout: Literal["table", "folder"]
    max_gigabytes: Annotated[float, Field(gt=0)]
    max_files: Positive


class Catalogue(Section):
    """Where the products come from."""

    source: Literal["sample", "table", "folder", "archive"]
    path: Path
    table: str
    images: str
    columns: Columns
    sample: Sample
    archive: Archive


class Extract(Section):
    """What counts as a category, a usable row, a duplicate."""

    level: Positive
    max_megapixels: Annotated[float, Field(gt=0)]
    near_duplicate_bits: Annotated[int, Field(ge=0, le=16)]
    duplicate_texts: tuple[TextColumn, ...]


class Look(Section):
    """When two products look alike: how similar their embeddings by this backbone are."""

    backbone: Variant | Literal["none"]
    similarity: Share


class Split(Section):
    """Shares and folds of the partitions, and what stays on one side."""

    scheme: Literal["holdout", "cross_test"]
    train: Share
    val: Share
    test: Share
    folds: Annotated[int, Field(ge=2)]
    keep_together: Literal["duplicates", "look"]
    look: Look

    @model_validator(mode="after")
    def _a_backbone_looks(self) -> "Split":
        if self.keep_together == "look" and self.look.backbone == "none":
            raise ValueError(
                "keep_together is look, and look.backbone is none; expected the variant whose "
                "embeddings say what looks alike. Set it, or keep_together to duplicates"
            )
        return self

    @model_validator(mode="after")
    def _shares_sum_to_one(self) -> "Split":
        total = self.train + self.val + self.test
        if not math.isclose(total, 1.0, abs_tol=1e-6):
            raise ValueError(
                f"train + val + test are {total:g}; expected 1. Change one of the three shares"
            )
        return self


class Augment(Section):
    """Extra views, and the partitions that get them."""

    transforms: tuple[Transform, ...]
    partitions: tuple[Literal["train", "val"], ...]


class Resize(Section):
    """How photos become squares, and which sides are made."""

    fit: Literal["pad", "stretch"]
    sizes: tuple[Side, ...]


class Backbone(Section):
    """One EfficientNetV2 variant: its input size and, with `weights.source: file`, its weights."""

    size: Side
    file: Path = NOTHING


KERAS_HUB = "https://storage.googleapis.com/tensorflow/keras-applications/efficientnet_v2/"
"""Where Keras publishes its ImageNet weights."""


class Weights(Section):
    """Where the weights of all variants come from, and how published ones are fetched."""

    source: Source
    hub: Annotated[str, Field(pattern=r"^(keras|https?://.*/)$")]
    timeout: Annotated[float, Field(gt=0)]

    @property
    def address(self) -> str:
        """The folder of the published files, ending in a slash."""
        return KERAS_HUB if self.hub == "keras" else self.hub


class Embed(Section):
    """Where the frozen part of a backbone ends, which of its layers are kept, what runs it."""

    trainable_from: Block
    layers: Layers
    batch_size: Positive
    engine: Engine

    @field_validator("layers")
    @classmethod
    def _with_top(cls, layers: Layers) -> Layers:
        if TOP not in layers:
            got = ", ".join(layers)
            raise ValueError(f"expected '{TOP}' among them, which the networks read; got {got}")
        return layers


class Candidate(Section):
    """The settings that every candidate has; methods add their own."""

    method: str
    photos: Side | Literal["none"]
    backbone: Variant | Literal["none"]


class Ensemble(Section):
    """Several candidates' answers made one."""

    method: Literal["late_fusion", "hard_vote", "soft_vote"]
    members: tuple[str, ...]

    @field_validator("members")
    @classmethod
    def _two_or_more(cls, members: tuple[str, ...]) -> tuple[str, ...]:
        if len(set(members)) < max(2, len(members)):
            got = ", ".join(members) or "none"
            raise ValueError(f"expected two candidates or more, each once; got {got}")
        return members


COMPETITOR_KEYS = ("candidates", "ensembles", "refits")
"""The top-level keys of competitors.yaml; each holds entries by name."""

KEY = re.compile(r"\w+")
"""Of a settings file; pydantic adds the members of a union, such as `constrained-int`, to a place.
"""

SomeSection = TypeVar("SomeSection", bound=Section)


def load(path: Path = PARAMS) -> dict[str, Any]:
    """Return a whole settings file as plain values; AisleError if it is missing or not YAML."""
    try:
        content = copy.deepcopy(_parsed(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        raise AisleError(
            f"'{path}' is missing in '{Path.cwd()}'. Run from the repository's root."
        ) from None
    except (YAMLError, UnicodeDecodeError) as error:
        detail = " ".join(str(error).split())
        raise AisleError(f"'{path}' is not valid YAML: {detail}") from None
    if not isinstance(content, dict):
        raise AisleError(f"'{path}' should hold keys and values; it holds {content!r}.")
    return content


@lru_cache(maxsize=4)
def _parsed(text: str) -> Any:
    """Return YAML as plain values. Cached, because a stage asks for one setting at a time."""
    return YAML(typ="safe").load(text)


def file_of(where: str) -> Path:
    """Return the settings file that holds a key, such as `split.scheme` or `candidates.NAME`."""
    return COMPETITORS_FILE if where.partition(".")[0] in COMPETITOR_KEYS else PARAMS


def read(name: str, shape: type[SomeSection]) -> SomeSection:
    """Return one top-level section of params.yaml, checked."""
    return parse(_get(name), shape=shape, where=name)


def seed() -> int:
    """Return the pipeline's random seed."""
    value = _get("seed")
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 2**31:
        raise AisleError(f"params.yaml: seed is {value!r}; expected a whole number from 0 to 2^31.")
    return value


def backbone(variant: str) -> Backbone:
    """Return the settings of one variant, by its name."""
    return parse(_entry("variants", variant), shape=Backbone, where=f"variants.{variant}")


def variant_names() -> list[str]:
    """Return the variants in the order of params.yaml."""
    return list(entries("variants"))


def candidate(name: str) -> dict[str, Any]:
    """Return the raw settings of one candidate; its method knows their shape."""
    return dict(_mapping(_entry("candidates", name), where=f"candidates.{name}"))


def candidate_names() -> list[str]:
    """Return the candidates in the order of competitors.yaml."""
    return list(entries("candidates"))


def ensemble(name: str) -> Ensemble:
    """Return the settings of one ensemble, by its name."""
    return parse(_entry("ensembles", name), shape=Ensemble, where=f"ensembles.{name}")


def ensemble_names() -> list[str]:
    """Return the ensembles in the order of competitors.yaml."""
    return list(entries("ensembles"))


def entries(section: str) -> dict[str, Any]:
    """Return what a top-level section holds by name, such as `variants` or `refits`."""
    return _mapping(_get(section), where=section)


def parse(content: object, *, shape: type[SomeSection], where: str) -> SomeSection:
    """Return `content` as `shape`; AisleError names each wrong key and the nearest right one."""
    try:
        return shape.model_validate(_mapping(content, where=where))
    except ValidationError as error:
        first: dict[tuple[str, ...], str] = {}  # one message a key: a union complains per member
        for detail in error.errors():
            keys = tuple(str(part) for part in detail["loc"] if KEY.fullmatch(str(part)))
            first.setdefault(keys, _explain(dict(detail), keys=keys, shape=shape, where=where))
        raise AisleError("\n".join(first.values())) from None


def _explain(
    detail: dict[str, Any], *, keys: tuple[str, ...], shape: type[BaseModel], where: str
) -> str:
    """Return pydantic's finding as one sentence: where, what, expected, got."""
    key = ".".join([where, *keys])
    file, kind, got = file_of(where), detail["type"], detail.get("input")
    if kind == "extra_forbidden":
        valid = list(_shape_at(shape, keys[:-1]).model_fields)
        return f"{file}: '{key}' is not a setting. {did_you_mean(keys[-1], valid)}"
    if kind == "missing":
        return f"{file}: '{key}' is missing. The committed {file} says what it means."
    if kind == "literal_error":
        valid = [
            name.strip(" '") for name in detail["ctx"]["expected"].replace(" or ", ",").split(",")
        ]
        return f"{file}: {key} is {got!r}, which is not known. {did_you_mean(str(got), valid)}"
    if kind == "value_error":
        return f"{file}: {key}: {detail['ctx']['error']}."
    return f"{file}: {key} is {got!r}. {detail['msg']}."


def _shape_at(shape: type[BaseModel], location: tuple[str, ...]) -> type[BaseModel]:
    for part in location:
        if part.isdigit():  # a place in a list
            continue
        inner = _model_in(shape.model_fields[part].annotation)
        if inner is None:
            return shape
        shape = inner
    return shape


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """Return the first model in an annotation such as `tuple[Stage, ...] | None`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next(filter(None, map(_model_in, get_args(annotation))), None)


def _get(name: str) -> Any:
    content, file = load(file_of(name)), file_of(name)
    if name not in content:
        raise AisleError(f"{file}: '{name}' is missing. It holds: {', '.join(map(str, content))}.")
    return content[name]


def _entry(section: str, name: str) -> Any:
    found = entries(section)
    if name not in found:
        raise AisleError(
            f"{file_of(section)}: no '{name}' in {section}. {did_you_mean(name, found)}"
        )
    return found[name]


def _mapping(content: object, *, where: str) -> dict[str, Any]:
    if not isinstance(content, dict):
        raise AisleError(
            f"{file_of(where)}: {where} is {content!r}; expected keys and values below it."
        )
    return content
