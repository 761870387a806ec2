from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from aisle import files, paths
from aisle.errors import AisleError
from aisle.inputs import rows
from aisle.inputs.views import TRANSFORMS, apply
from aisle.methods.common import registry
from aisle.settings.params import Candidate

Until = Callable[[str], None]


@pytest.fixture
def forest(workspace: Path, until: Until) -> Candidate:
    until("resize")
    settings: Candidate = registry.candidate("random_forest")[1]
    return settings


def test_train_and_val_hold_their_own_rows_and_no_test_product(forest: Candidate) -> None:
    train, val = rows.fitting_rows(settings=forest, fold=0)
    test = rows.test_rows(settings=forest, fold=0)
    sides = [set(part.products.tolist()) for part in (train, val, test)]
    assert [len(side) for side in sides] == [30, 6, 6]
    assert not sides[0] & sides[1] and not sides[2] & (sides[0] | sides[1])
    assert len(train) == 4 * 30 and len(val) == 4 * 6 and len(test) == 6


def test_a_row_shows_the_pixels_of_its_product_and_view(forest: Candidate) -> None:
    train, _ = rows.fitting_rows(settings=forest, fold=0)
    array = np.load(paths.resized(16))
    seen = train.photos(np.array([5, 2]))
    assert seen.dtype == np.uint8
    for photo, at in zip(seen, (5, 2), strict=True):
        expected = apply(array[train.products[at]], view=train.views[at])
        assert (photo == expected).all()


def test_labels_are_those_of_products_csv(forest: Candidate) -> None:
    test = rows.test_rows(settings=forest, fold=0)
    table = files.read_table(paths.PRODUCTS)
    assert test.labels.tolist() == table["category_id"][test.products].tolist()
    assert rows.categories() == ["Boxes", "Rings", "Stripes"]


def test_texts_and_file_facts_are_those_of_the_product_for_every_view(forest: Candidate) -> None:
    train, _ = rows.fitting_rows(settings=forest, fold=0)
    table = files.read_table(paths.PRODUCTS)
    texts, facts = train.texts(["name", "specifications"]), train.file_facts()
    for at in (0, 1, 17):
        product = table.iloc[train.products[at]]
        assert texts[at] == f"{product['name']}\n"
        assert facts[at].tolist() == [product["width"], product["height"], product["bytes"]]


def test_category_tree_urls_and_file_names_are_not_texts() -> None:
    assert set(rows.TEXTS) == {"name", "description", "specifications"}


@pytest.fixture
def embedded(forest: Candidate) -> np.ndarray:
    """Two layers of every view of every product: 2 and 3 numbers wide."""
    array = np.random.default_rng(0).normal(size=(42, 4, 5)).astype(np.float32)
    folder = paths.embeddings("none")
    files.remove(folder)  # the placeholder that check writes
    folder.mkdir(parents=True)
    np.save(folder / paths.EMBEDDINGS, array)
    card = {"views": list(TRANSFORMS), "layers": {"block4": 2, "top": 3}}
    files.write_json(card, folder / paths.EMBEDDING_CARD)
    return array


def test_an_embedding_is_that_of_the_rows_own_product_view_and_layers(
    forest: Candidate, embedded: np.ndarray
) -> None:
    train, _ = rows.fitting_rows(settings=forest, fold=0)
    at = [list(TRANSFORMS).index(view) for view in train.views]
    own = embedded[train.products, at]
    assert (train.embeddings() == own[:, 2:]).all()
    assert (train.embeddings(layers=["block4"]) == own[:, :2]).all()
    assert (train.embeddings(layers=["top", "block4"]) == own[:, [2, 3, 4, 0, 1]]).all()


def test_the_mean_embedding_is_that_of_all_stored_views(
    forest: Candidate, embedded: np.ndarray
) -> None:
    test = rows.test_rows(settings=forest, fold=0)
    means = embedded.astype(float).mean(axis=1)[test.products]
    found = test.embeddings(layers=["block4", "top"], mean=True)
    assert found.dtype == np.float32
    assert found == pytest.approx(means, abs=1e-6)
    assert test.embeddings(mean=True) == pytest.approx(means[:, 2:], abs=1e-6)


def test_a_layer_that_was_not_kept_is_named(forest: Candidate, embedded: np.ndarray) -> None:
    test = rows.test_rows(settings=forest, fold=0)
    message = "'block5' of none was not kept; block4, top are. Add it to embed.layers"
    with pytest.raises(AisleError, match=message):
        test.embeddings(layers=["top", "block5"])


def test_test_rows_come_in_catalogue_order(forest: Candidate) -> None:
    test = rows.test_rows(settings=forest, fold=0)
    assert test.products.tolist() == sorted(test.products.tolist())
    assert len(test.only_originals()) == len(test)
