"""The sections of params.yaml, and the shapes of those that training does not use."""

from typing import Annotated, Any, Literal

from pydantic import Field, field_validator

from aisle.settings import params
from aisle.settings.params import Section


class Ablation(Section):
    """A network, an entry as in competitors.yaml, and changes to it by name."""

    network: dict[str, Any]
    changes: dict[str, dict[str, Any]]


class Compare(Section):
    """Which two are the contest, when two competitors differ, and which one wins.

    `ties` holds costs that are the same on every run. Times are not. Multiply-additions are no
    choice: a forest does none, and what HOG or a word count computes is not counted in them.
    """

    contest: Literal["validation"] | tuple[str, str]
    metric: Literal["accuracy"]
    margin: Annotated[float, Field(gt=0, lt=1)]
    confidence: Annotated[float, Field(ge=0.5, lt=1)]
    resamples: Annotated[int, Field(ge=100, le=1_000_000)]
    more_products: params.Positive
    ties: tuple[Literal["parameters", "bytes"], ...]

    @field_validator("ties")
    @classmethod
    def _each_once(cls, ties: tuple[str, ...]) -> tuple[str, ...]:
        if not ties or len(set(ties)) < len(ties):
            got = ", ".join(ties) or "none"
            raise ValueError(f"expected parameters, bytes or both, each once; got {got}")
        return ties

    @field_validator("contest", mode="before")
    @classmethod
    def _validation_or_two(cls, contest: object) -> object:
        if contest == "validation":
            return contest
        if isinstance(contest, list | tuple) and len(contest) == len(set(map(str, contest))) == 2:
            return tuple(map(str, contest))
        raise ValueError(f"expected validation, or a list of two competitors; got {contest!r}")


class Explain(Section):
    """How many products are explained, and how many words are named for each."""

    per_category: Annotated[int, Field(ge=0, le=50)]
    words: Annotated[int, Field(ge=1, le=20)]


class Report(Section):
    """What the note shows."""

    examples: Annotated[int, Field(ge=0, le=12)]
    language: Literal["en", "fr"]
    published: Literal["none", "flipkart"]
    weights: Annotated[str, Field(min_length=1)]


class Leaks(Section):
    """Splits and candidates, entries as in competitors.yaml, on which leaks are measured."""

    repetitions: Annotated[int, Field(ge=2, le=100)]
    pictured: Annotated[int, Field(ge=0, le=24)]
    candidates: Annotated[dict[str, dict[str, Any]], Field(min_length=1)]


SECTIONS: dict[str, type[Section]] = {
    "catalogue": params.Catalogue,
    "extract": params.Extract,
    "split": params.Split,
    "augment": params.Augment,
    "resize": params.Resize,
    "weights": params.Weights,
    "embed": params.Embed,
    "compare": Compare,
    "explain": Explain,
    "ablation": Ablation,
    "leaks": Leaks,
    "report": Report,
}
"""The top-level keys of params.yaml with one shape each."""

KEYS = ("seed", *SECTIONS, "variants")
"""All top-level keys of params.yaml; those of competitors.yaml are `params.COMPETITOR_KEYS`."""
