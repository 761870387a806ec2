"""Descriptors depend on the image's edges, their places and its colours."""

import numpy as np
import pytest

from synthetic.pretraining import stream
from synthetic.pretraining.descriptors import GRID, ORIENTATIONS, SCALES, WIDTH, WORDS, descriptors

SPOKEN = len(SCALES) * WORDS
PLACED = SPOKEN + GRID**2 * ORIENTATIONS
"""Ends of the parts with words and with edges per place."""


def stripes(side: int, *, along: int) -> np.ndarray:
    """Return black and white stripes of 4 pixels that change along an axis."""
    wave = np.where(np.arange(side) // 4 % 2, 255, 0).astype(np.uint8)
    flat = np.broadcast_to(wave[:, None] if along == 0 else wave[None, :], (side, side))
    return np.stack([flat] * 3, axis=2)


@pytest.mark.parametrize("side", [32, 50, 224])
def test_every_side_has_the_same_finite_numbers(side: int) -> None:
    images, _, described = stream.draw_batch(0, side, size=4, seed=1, classes=9)
    assert described.shape == (4, WIDTH) and described.dtype == np.float32
    assert np.isfinite(described).all()
    assert (described[2] == descriptors(images[2])).all()


def test_parts_are_square_roots_of_shares() -> None:
    image = stream.draw_batch(0, 64, size=1, seed=3, classes=9)[0][0]
    found = descriptors(image) ** 2
    for start in range(0, SPOKEN, WORDS):
        assert found[start : start + WORDS].sum() == pytest.approx(1, abs=1e-5)
    assert found[SPOKEN:PLACED].sum() == pytest.approx(1, abs=1e-5)
    assert found[PLACED + GRID**2 * 3 :].sum() == pytest.approx(1, abs=1e-5)


def test_a_turn_changes_edges_and_words_but_not_colours() -> None:
    upright, lying = (descriptors(stripes(64, along=axis)) for axis in (0, 1))
    edges = [found[SPOKEN:PLACED].reshape(-1, ORIENTATIONS) for found in (upright, lying)]
    assert (edges[0].argmax(axis=1) != edges[1].argmax(axis=1)).all()
    assert (upright[:SPOKEN] != lying[:SPOKEN]).any()
    assert (upright[PLACED:] == lying[PLACED:]).all()


def test_the_mean_colour_is_recorded_at_its_place() -> None:
    image = np.full((64, 64, 3), 255, dtype=np.uint8)
    image[:16, 48:] = (255, 0, 0)
    found = descriptors(image)[PLACED : PLACED + GRID**2 * 3].reshape(GRID, GRID, 3)
    assert found[0, 3].tolist() == [1, 0, 0]
    assert (np.delete(found.reshape(-1, 3), 3, axis=0) == 1).all()


def test_an_empty_image_has_one_word_and_no_edges() -> None:
    found = descriptors(np.full((48, 48, 3), 200, dtype=np.uint8))
    assert (found[:SPOKEN].reshape(len(SCALES), WORDS).max(axis=1) == 1).all()
    assert not found[SPOKEN:PLACED].any()
