import numpy as np
import pytest

from aisle.inputs import features


def stripes(*, side: int = 64, upright: bool = True) -> np.ndarray:
    photo = np.full((side, side, 3), 255, dtype=np.uint8)
    photo[:, np.arange(side) // 4 % 2 == 0] = (180, 40, 40)
    return photo if upright else np.transpose(photo, (1, 0, 2)).copy()


def plain(colour: tuple[int, int, int], *, side: int = 16) -> np.ndarray:
    return np.full((side, side, 3), colour, dtype=np.uint8)


def test_pixels_are_every_value_in_its_place() -> None:
    photos = np.random.default_rng(0).integers(0, 256, (3, 8, 8, 3), dtype=np.uint8)
    assert (features.pixels(photos).reshape(photos.shape) == photos).all()


@pytest.mark.parametrize("side", [16, 32, 64, 224, 260])
def test_the_number_of_edges_does_not_depend_on_the_side(side: int) -> None:
    found = features.edges(stripes(side=side))
    assert found.shape == (1764,)
    assert found.min() >= 0 and found.max() <= 1


@pytest.mark.parametrize("side", [8, 20, 33])
def test_a_side_that_does_not_divide_by_8_still_has_edges(side: int) -> None:
    assert features.edges(stripes(side=side)).max() > 0


def test_edges_distinguish_vertical_from_horizontal_stripes() -> None:
    upright, lying = (features.edges(stripes(upright=up)) for up in (True, False))
    assert np.abs(upright - lying).max() > 0.2


def test_edges_do_not_change_when_brightness_is_halved() -> None:
    photo = stripes()
    assert features.edges(photo // 2) == pytest.approx(features.edges(photo), abs=0.02)


def test_an_empty_photo_has_no_edge() -> None:
    assert (features.edges(plain((255, 255, 255))) == 0).all()


def test_each_colour_has_its_own_bin_and_bins_are_shares() -> None:
    colours = [(255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255), (0, 0, 0), (255, 0, 4)]
    found = [features.colours(plain(colour)) for colour in colours]
    assert [histogram.max() for histogram in found] == [1] * len(colours)
    bins = [int(histogram.argmax()) for histogram in found]
    assert len(set(bins)) == len(colours)  # red on the far side of hue's circle is a bin apart
    half = np.concatenate([plain((255, 0, 0)), plain((0, 0, 255))])[::2]
    shares = features.colours(half)
    assert shares[[bins[0], bins[2]]].tolist() == [0.5, 0.5]


def test_colours_ignore_position_and_edges_do_not() -> None:
    photo = stripes()
    photo[:20] = 255
    assert (features.colours(photo) == features.colours(photo[::-1])).all()
    assert (features.edges(photo) != features.edges(photo[::-1])).any()


def test_edges_and_colours_are_concatenated() -> None:
    photo = stripes()
    found = features.hog_hsv(photo)
    assert found.dtype == np.float32
    assert (found[:1764] == features.edges(photo)).all()
    assert (found[1764:] == features.colours(photo)).all()
