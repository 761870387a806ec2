"""Text features: TF-IDF with a vocabulary fitted on train only."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field, field_validator

from aisle.errors import AisleError, LeftOut
from aisle.inputs.rows import TEXTS, Rows
from aisle.settings import params

if TYPE_CHECKING:
    from scipy.sparse import csr_array
    from sklearn.feature_extraction.text import TfidfVectorizer

WORD = r"(?u)\b\w+\b"
"""Any run of letters and digits. scikit-learn's default drops single characters, but a size (L) or
a count (2) is informative."""


class TextSettings(params.Candidate):
    """Which texts are read, which words of them count, and what to do when there are none."""

    texts: Annotated[
        tuple[params.TextColumn, ...], Field(description="Columns of text that are read.")
    ] = TEXTS
    ngrams: Annotated[
        int,
        Field(
            ge=1,
            le=5,
            description="Longest run of words that counts as one term; 1 = single words.",
        ),
    ] = 2
    min_documents: Annotated[
        params.Positive,
        Field(description="Training products that must contain a term for it to count."),
    ] = 2
    without_text: Annotated[
        Literal["stop", "leave_out"],
        Field(
            description="When these texts are empty for all products: stop the run, or leave_out "
            "this candidate and go on."
        ),
    ] = "stop"

    @field_validator("texts")
    @classmethod
    def _each_text_once(cls, texts: tuple[str, ...]) -> tuple[str, ...]:
        if not texts or len(set(texts)) < len(texts):
            got = ", ".join(texts) or "none"
            raise ValueError(f"expected at least one of {', '.join(TEXTS)}, each once; got {got}")
        return texts


def vectorizer(train: Rows, *, settings: TextSettings) -> "TfidfVectorizer":
    """Return TF-IDF fitted on the products of train; each product counts once, whatever its views.

    Counts are logarithmic, so that repeating a word ten times does not weigh ten times as much.
    Raises AisleError if the vocabulary is empty, or LeftOut if the settings allow it.
    """
    from sklearn.feature_extraction.text import TfidfVectorizer

    texts = train.only_originals().texts(settings.texts)
    model = TfidfVectorizer(
        token_pattern=WORD,
        ngram_range=(1, settings.ngrams),
        min_df=settings.min_documents,
        sublinear_tf=True,
    )
    try:
        model.fit(texts)
    except ValueError:  # scikit-learn raises it for an empty vocabulary
        reason = _no_words(texts, settings=settings)
        raise (LeftOut if settings.without_text == "leave_out" else AisleError)(reason) from None
    return model


def features(
    rows: Rows, *, words: "TfidfVectorizer", columns: Sequence[params.TextColumn]
) -> "csr_array":
    """Return the TF-IDF weights, float [rows, words]; words outside the vocabulary are ignored."""
    return words.transform(rows.texts(columns))


def _no_words(texts: list[str], *, settings: TextSettings) -> str:
    columns = ", ".join(settings.texts)
    if not any(text.strip() for text in texts):
        return (
            f"the texts it reads ({columns}) are empty for all {len(texts)} train products. Name "
            "their columns in catalogue.columns, choose other 'texts', or set "
            "'without_text: leave_out' to run without this candidate."
        )
    return (
        f"no word of the texts it reads ({columns}) is in {settings.min_documents} or more of the "
        f"{len(texts)} train products. Lower 'min_documents', choose more 'texts', or set "
        "'without_text: leave_out' to run without this candidate."
    )
