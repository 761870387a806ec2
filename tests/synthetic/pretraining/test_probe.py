"""The probe finds what is linear, never fits on what it scores, and opens test only if asked."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from conftest import NETWORK, write_params

from aisle import paths
from aisle.errors import AisleError
from aisle.settings import params
from synthetic.pretraining import probe as probing

CLASSES, WIDTH = 3, 6


def problem(rows: int = 240) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return embeddings that show their label, labels, and two folds."""
    generator = np.random.default_rng(0)
    labels = generator.integers(CLASSES, size=rows)
    embeddings = generator.normal(size=(rows, WIDTH)) + 3 * np.eye(WIDTH)[labels]
    partition = np.array(["train", "val", "test"])[np.arange(rows) % 3]
    return embeddings, labels, np.stack([partition, np.roll(partition, 1)])


def test_what_is_linear_is_found_and_what_is_noise_is_not() -> None:
    embeddings, labels, partitions = problem()
    found = probing.probe(embeddings, labels=labels, partitions=partitions)
    assert found.answered == 160 and found.accuracy > 0.9 and found.log_loss < 0.4
    assert len(found.chosen) == 2 and set(found.chosen) <= set(probing.STRENGTHS)
    noise = np.random.default_rng(1).normal(size=embeddings.shape)
    assert probing.probe(noise, labels=labels, partitions=partitions).accuracy < 0.5


def test_test_products_change_nothing_unless_they_are_asked_for() -> None:
    embeddings, labels, partitions = problem()
    one = partitions[:1]
    before = probing.probe(embeddings, labels=labels, partitions=one)
    broken = embeddings.copy()
    broken[one[0] == "test"] = np.nan
    assert probing.probe(broken, labels=labels, partitions=one) == before
    asked = probing.probe(embeddings, labels=labels, partitions=one, scored="test")
    assert asked.chosen == before.chosen and asked.answered == 80


def test_a_category_that_train_lacks_is_answered_wrong() -> None:
    embeddings, labels, partitions = problem()
    labels[:] = np.where((partitions[0] == "train") & (labels == 2), 0, labels)
    found = probing.probe(embeddings, labels=labels, partitions=partitions[:1])
    assert found.accuracy < 0.75 and np.isfinite(found.log_loss)


def test_the_catalogue_of_the_pipeline_is_read(
    workspace: Path, until: Callable[[str], None]
) -> None:
    write_params(workspace, candidates={"network": NETWORK})
    until("resize")
    found = probing.catalogue("b0")
    assert found.photos.shape == (42, 32, 32, 3) and found.labels.shape == (42,)
    assert set(found.partitions.ravel()) == {"train", "val", "test"}
    np.save("fewer.npy", found.photos[1:])
    Path("fewer.npy").replace(paths.resized(32))
    with pytest.raises(AisleError, match="are of different runs"):
        probing.catalogue("b0")


def test_the_embedded_sample_and_a_missing_catalogue_are_no_ground_for_choices(
    workspace: Path,
) -> None:
    with pytest.raises(AisleError, match=f"there is no photo in '{paths.resized(32)}'"):
        probing.catalogue("b0")
    write_params(workspace, {"catalogue": {"source": "sample"}})
    assert params.read("catalogue", params.Catalogue).source == "sample"
    with pytest.raises(AisleError, match="the embedded sample"):
        probing.catalogue("b0")
