"""A forest on pixels and words, on the tiny shop: photos and descriptions both tell something."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import write_params

from aisle import files, paths
from aisle.errors import AisleError
from aisle.inputs.rows import Rows, fitting_rows
from aisle.methods.common import registry
from aisle.methods.common.contract import Predictor

Stage = Callable[..., None]
Until = Callable[[str], None]

BOTH: dict[str, Any] = {
    "method": "photo_and_text",
    "photos": 16,
    "backbone": "none",
    "texts": ["name", "description"],
    "ngrams": 1,
    "min_documents": 1,
    "without_text": "stop",
    "views": "original",
    "trees": 20,
}


SAYS = {"Boxes": "sturdy carton", "Rings": "silver jewellery", "Stripes": "cotton curtain"}


@pytest.fixture
def shop(workspace: Path, until: Until) -> Path:
    until("resize")
    table = products()
    told = [f"{SAYS[name]} {row}" for name, row in table[["category", "row"]].to_numpy()]
    files.write_table(table.assign(description=told), paths.PRODUCTS)
    return workspace


def products() -> Any:
    return files.read_table(paths.PRODUCTS, text=("name", "description", "specifications"))


def parts(shop: Path, candidate: dict[str, Any]) -> tuple[Any, Rows, Rows]:
    write_params(shop, candidates={"both": candidate})
    settings = registry.candidate("both")[1]
    return settings, *fitting_rows(settings=settings, fold=0)


def fitted(settings: Any, *, train: Rows, val: Rows, seed: int = 0) -> Predictor:
    method = registry.method("photo_and_text")
    folder = Path(f"fitted{seed}")
    folder.mkdir(exist_ok=True)
    method.fit(settings=settings, train=train, val=val, classes=3, folder=folder, seed=seed)
    return method.load(folder=folder)


def test_the_answer_depends_on_the_photo_and_on_the_text(shop: Path) -> None:
    settings, train, val = parts(shop, BOTH)
    predictor = fitted(settings, train=train, val=val)
    before = predictor.probabilities(train)
    table = products()
    files.write_table(table.assign(name="", description=""), paths.PRODUCTS)
    assert (predictor.probabilities(parts(shop, BOTH)[1]) != before).any()
    files.write_table(table, paths.PRODUCTS)
    assert (predictor.probabilities(parts(shop, BOTH)[1]) == before).all()
    np.save(paths.resized(16), 255 - np.load(paths.resized(16)))
    assert (predictor.probabilities(parts(shop, BOTH)[1]) != before).any()


def test_all_views_are_trained_on_with_the_text_of_their_product(shop: Path) -> None:
    """A forest fitted on a view knows it by heart; on one it never saw it must guess."""
    sure = {}
    for views in ("original", "all"):
        settings, train, val = parts(shop, BOTH | {"views": views})
        flipped = train.take(np.flatnonzero(train.views == "vertical_flip"))
        answers = fitted(settings, train=train, val=val).probabilities(flipped)
        sure[views] = answers[np.arange(len(flipped)), flipped.labels].mean()
    assert sure["all"] > sure["original"]


def test_it_is_trained_and_evaluated_like_any_candidate(shop: Path, stage: Stage) -> None:
    write_params(shop, candidates={"both": BOTH})
    stage("train", "both")
    stage("evaluate", "both")
    table = files.read_table(paths.predictions("both"))
    assert len(table) == 6
    shares = table[["p_Boxes", "p_Rings", "p_Stripes"]].sum(axis=1)
    assert shares.to_numpy() == pytest.approx(1, abs=1e-5)


def test_the_same_seed_gives_the_same_answers_and_another_does_not(shop: Path) -> None:
    settings, train, val = parts(shop, BOTH)
    first, again, other = (
        fitted(settings, train=train, val=val, seed=seed).probabilities(val) for seed in (0, 0, 1)
    )
    assert (first == again).all()
    assert (first != other).any()


def test_texts_that_are_all_empty_are_named(shop: Path) -> None:
    settings, train, val = parts(shop, BOTH | {"texts": ["specifications"]})
    with pytest.raises(AisleError, match=r"^the texts it reads \(specifications\)"):
        fitted(settings, train=train, val=val)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"photos": "none"}, "photos is 'none'"),
        ({"backbone": "b0"}, "backbone is 'b0', which is not known. Valid: none"),
        ({"views": "every"}, "views is 'every', which is not known. Valid: original, all"),
        ({"texts": []}, "expected at least one of name, description, specifications"),
        ({"trees": 0}, "trees is 0"),
        ({"regularisation": [1]}, "regularisation' is not a setting"),
    ],
)
def test_a_setting_that_does_not_fit_is_named(
    workspace: Path, change: dict[str, Any], message: str
) -> None:
    write_params(workspace, candidates={"both": BOTH | change})
    with pytest.raises(AisleError) as caught:
        registry.candidate("both")
    assert "candidates.both" in str(caught.value)
    assert message in str(caught.value)
