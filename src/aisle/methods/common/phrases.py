"""The English words by which methods describe themselves; the report translates and joins them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True)
class Phrase:
    """An English text, the key of its translation, and the values of its {places}."""

    text: str
    values: Mapping[str, "Value"]


@dataclass(frozen=True)
class Code:
    """A name from the settings, which no language translates: `b0`."""

    name: str


@dataclass(frozen=True)
class Count:
    """A number of things, such as 300 trees; `noun` is the singular."""

    number: int
    noun: str


@dataclass(frozen=True)
class All:
    """Several values: "a, b and c"."""

    values: Sequence["Value"]


@dataclass(frozen=True)
class Either:
    """Several values: "1, 10 or 100"."""

    values: Sequence["Value"]


Value: TypeAlias = Phrase | Code | Count | All | Either | str | int | float
"""What stands in a place. A text that is no Phrase is written as it is, a number as the language
writes it."""


def phrase(text: str, **values: Value) -> Phrase:
    """Return an English text with its values."""
    return Phrase(text, values)


MODELS = {
    "forest": phrase("forest"),
    "logistic": phrase("logistic regression"),
    "svc": phrase("SVC"),
    "knn": phrase("k-NN"),
}

VIEWS = {
    "original": phrase("original photos"),
    "all": phrase("all views"),
    "mean": phrase("the mean over the views"),
}

TEXTS = {
    "name": phrase("name"),
    "description": phrase("description"),
    "specifications": phrase("specifications"),
}


def photo(side: int | str) -> Phrase:
    """Return what a method that reads photos of this side reads."""
    return phrase("photo, {side} × {side} pixels", side=side)


def texts(columns: Sequence[str]) -> Phrase:
    """Return what a method that reads these columns of text reads."""
    return phrase("text ({columns})", columns=All([TEXTS[column] for column in columns]))


def trees(number: int) -> Count:
    """Return the size of a forest."""
    return Count(number, "tree")


def strengths(values: Sequence[float]) -> Phrase:
    """Return the values of scikit-learn's C that are tried."""
    return phrase("C {values}", values=Either(values))


def on_views(views: str) -> Phrase:
    """Return the views on which a candidate is fitted."""
    return phrase("on {views}", views=VIEWS[views])
