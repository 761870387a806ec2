"""Text candidates on a shop whose descriptions say what a product is."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import write_params

from aisle import files, paths
from aisle.errors import AisleError, LeftOut
from aisle.inputs import texts
from aisle.inputs.rows import Rows, fitting_rows
from aisle.methods.common import registry
from aisle.methods.common.fitted import Classical

Stage = Callable[..., None]
Until = Callable[[str], None]

WORDS: dict[str, Any] = {
    "method": "tfidf",
    "photos": "none",
    "backbone": "none",
    "texts": ["name", "description", "specifications"],
    "ngrams": 2,
    "min_documents": 1,
    "without_text": "stop",
}
LOGISTIC = WORDS | {"model": "logistic", "C": [100]}
FOREST = WORDS | {"model": "forest", "trees": 20}
MODELS = pytest.mark.parametrize("model", [LOGISTIC, FOREST], ids=["logistic", "forest"])

SAYS = {
    "Boxes": "A sturdy carton with a lid, for storage and for moving house",
    "Rings": "Fine jewellery for her finger, silver plated",
    "Stripes": "Cotton curtain for door or window, machine wash",
}


@pytest.fixture
def shop(workspace: Path, until: Until) -> Path:
    """Products with a description each; no photo is ever resized."""
    until("augment")
    table = products()
    told = [f"{SAYS[name]}. Item {row}." for name, row in table[["category", "row"]].to_numpy()]
    files.write_table(table.assign(description=told), paths.PRODUCTS)
    return workspace


def products() -> Any:
    return files.read_table(paths.PRODUCTS, text=("name", "description", "specifications"))


def parts(shop: Path, candidate: dict[str, Any]) -> tuple[Any, Rows, Rows]:
    write_params(shop, candidates={"words": candidate})
    settings = registry.candidate("words")[1]
    return settings, *fitting_rows(settings=settings, fold=0)


def fitted(settings: Any, *, train: Rows, val: Rows, seed: int = 0) -> Classical:
    method = registry.method("tfidf")
    folder = Path(f"fitted{seed}")
    folder.mkdir(exist_ok=True)
    method.fit(settings=settings, train=train, val=val, classes=3, folder=folder, seed=seed)
    predictor = method.load(folder=folder)
    assert isinstance(predictor, Classical)
    return predictor


@MODELS
def test_the_category_is_read_from_the_text(
    shop: Path, stage: Stage, model: dict[str, Any]
) -> None:
    write_params(shop, candidates={"words": model})
    stage("train", "words")
    stage("evaluate", "words")
    table = files.read_table(paths.predictions("words"))
    assert len(table) == 6
    assert (table["predicted"] == table["actual"]).all()


def test_a_word_of_val_or_test_only_never_enters_the_vocabulary(shop: Path) -> None:
    settings, train, _ = parts(shop, LOGISTIC)
    own = [name.split()[0] for name in products()["name"]]
    known = set(texts.vectorizer(train, settings=settings).vocabulary_)
    in_train = {own[at] for at in train.products}
    assert len(in_train) == 30
    assert in_train <= known
    assert not (set(own) - in_train) & known


def test_a_word_of_one_product_counts_once_however_many_views_show_it(shop: Path) -> None:
    settings, train, _ = parts(shop, LOGISTIC | {"min_documents": 2, "ngrams": 1})
    known = set(texts.vectorizer(train, settings=settings).vocabulary_)
    assert len(train) == 4 * 30
    assert "curtain" in known
    assert not known & {name.split()[0] for name in products()["name"]}


def test_single_letters_are_words_too(shop: Path) -> None:
    settings, train, _ = parts(shop, LOGISTIC)
    known = texts.vectorizer(train, settings=settings).vocabulary_
    assert {"a", "a sturdy"} <= set(known)


def test_only_the_requested_texts_are_read(shop: Path) -> None:
    settings, train, _ = parts(shop, LOGISTIC | {"texts": ["name"]})
    known = texts.vectorizer(train, settings=settings).vocabulary_
    assert "maker" in known and "curtain" not in known


def test_validation_chooses_the_regularisation(shop: Path) -> None:
    """Where val confirms train, the free model is better; where it contradicts, the cautious."""
    several, train, val = parts(shop, LOGISTIC | {"C": [1e-4, 100]})
    contradicted = replace(val, labels=(val.labels + 1) % 3)
    single = {
        strength: fitted(
            parts(shop, LOGISTIC | {"C": [strength]})[0], train=train, val=val
        ).probabilities(val)
        for strength in (1e-4, 100)
    }
    chosen = fitted(several, train=train, val=val).probabilities(val)
    assert (chosen == single[100]).all()
    choice = files.read_json(Path("fitted0") / "choice.json")
    assert choice["C"] == 100
    assert choice["val_loss"]["100"] < choice["val_loss"]["0.0001"]
    cautious = fitted(several, train=train, val=contradicted).probabilities(val)
    assert (cautious == single[1e-4]).all()


@MODELS
def test_a_category_unseen_in_train_gets_probability_zero(
    shop: Path, model: dict[str, Any]
) -> None:
    settings, train, val = parts(shop, model)
    without = train.take(np.flatnonzero(train.labels != 1))
    answers = fitted(settings, train=without, val=val).probabilities(val)
    assert answers.shape == (len(val), 3)
    assert (answers[:, 1] == 0).all()
    assert answers.sum(axis=1) == pytest.approx(1)


@MODELS
def test_products_without_any_text_are_answered_too(shop: Path, model: dict[str, Any]) -> None:
    _, train, val = parts(shop, model)
    silent = [train.products[0], val.products[0]]
    table = products()
    table.loc[silent, ["name", "description", "specifications"]] = ""
    files.write_table(table, paths.PRODUCTS)
    settings, train, val = parts(shop, model)
    assert val.texts(["name", "description"])[0].strip() == ""
    answers = fitted(settings, train=train, val=val).probabilities(val)
    assert answers.sum(axis=1) == pytest.approx(1)


def test_texts_that_are_all_empty_are_named_and_what_to_do(shop: Path) -> None:
    settings, train, val = parts(shop, LOGISTIC | {"texts": ["specifications"]})
    with pytest.raises(AisleError) as caught:
        fitted(settings, train=train, val=val)
    message = str(caught.value)
    assert "(specifications) are empty for all 30 train products" in message
    assert "catalogue.columns" in message
    assert "'without_text: leave_out'" in message


def test_without_texts_it_is_left_out_where_params_allow_it(shop: Path) -> None:
    silent = LOGISTIC | {"texts": ["specifications"], "without_text": "leave_out"}
    settings, train, val = parts(shop, silent)
    with pytest.raises(LeftOut, match=r"\(specifications\) are empty for all 30 train products"):
        fitted(settings, train=train, val=val)


@pytest.mark.parametrize("least", [30, 31])
def test_a_min_documents_that_leaves_no_word_is_named(shop: Path, least: int) -> None:
    table = products()
    table["name"] = [f"item{row}" for row in table["row"]]
    files.write_table(table, paths.PRODUCTS)
    settings, train, val = parts(shop, LOGISTIC | {"texts": ["name"], "min_documents": least})
    with pytest.raises(AisleError, match=f"is in {least} or more of the 30 .*'min_documents'"):
        fitted(settings, train=train, val=val)


def test_the_same_seed_gives_the_same_answers_and_another_a_different_forest(shop: Path) -> None:
    settings, train, val = parts(shop, FOREST)
    first, again, other = (
        fitted(settings, train=train, val=val, seed=seed).probabilities(val) for seed in (0, 0, 1)
    )
    assert (first == again).all()
    assert (first != other).any()


def test_parameters_are_coefficients_or_nodes(shop: Path) -> None:
    settings, train, val = parts(shop, LOGISTIC)
    words = len(texts.vectorizer(train, settings=settings).vocabulary_)
    assert fitted(settings, train=train, val=val).parameters == 3 * (words + 1)
    settings, train, val = parts(shop, FOREST | {"trees": 1})
    forest = fitted(settings, train=train, val=val)
    assert forest.parameters == forest.model.estimators_[0].tree_.node_count > 1


@pytest.mark.parametrize(
    ("candidate", "message"),
    [
        (FOREST | {"C": [1]}, "'C' has no effect with 'model: forest'"),
        (LOGISTIC | {"trees": 20}, "'trees' has no effect with 'model: logistic', only"),
        (FOREST | {"trees": 0}, "trees is 0. Input should be greater than or equal to 1"),
        (LOGISTIC | {"C": []}, "C is []. Tuple should have at least 1 item"),
        (LOGISTIC | {"C": [1, 0]}, "C.1 is 0. Input should be greater"),
        (LOGISTIC | {"C": [float("inf")]}, "Input should be a finite number"),
        (LOGISTIC | {"texts": []}, "texts: expected at least one of name, description, spec"),
        (LOGISTIC | {"texts": ["name", "name"]}, "each once; got name, name"),
        (LOGISTIC | {"texts": ["nmae"]}, "Did you mean 'name'?"),
        (LOGISTIC | {"photos": 16}, "photos is 16, which is not known. Valid: none"),
        (LOGISTIC | {"backbone": "b0"}, "backbone is 'b0', which is not known. Valid: none"),
        (LOGISTIC | {"model": "forrest"}, "Did you mean 'forest'?"),
        (LOGISTIC | {"ngrams": 0}, "ngrams is 0"),
    ],
)
def test_a_setting_that_does_not_fit_is_named(
    workspace: Path, candidate: dict[str, Any], message: str
) -> None:
    write_params(workspace, candidates={"words": candidate})
    with pytest.raises(AisleError) as caught:
        registry.candidate("words")
    assert "candidates.words" in str(caught.value)
    assert message in str(caught.value)
