import numpy as np
import pytest

from aisle.inputs.views import ORIGINAL, TRANSFORMS, apply

PHOTO = np.arange(5 * 5 * 3, dtype=np.uint8).reshape(5, 5, 3)


def test_flips_and_rotation_move_the_corner_as_named() -> None:
    corner = PHOTO[0, 0]
    assert (apply(PHOTO, view="horizontal_flip")[0, -1] == corner).all()
    assert (apply(PHOTO, view="vertical_flip")[-1, 0] == corner).all()
    assert (apply(PHOTO, view="rotate_90")[-1, 0] == corner).all()
    assert (apply(PHOTO, view="rotate_90")[0, 0] == PHOTO[0, -1]).all()


@pytest.mark.parametrize("view", TRANSFORMS)
def test_a_view_keeps_shape_and_pixels_and_does_not_change_the_photo(view: str) -> None:
    before = PHOTO.copy()
    seen = apply(PHOTO, view=view)
    assert seen.shape == PHOTO.shape
    assert sorted(seen.reshape(-1, 3).tolist()) == sorted(PHOTO.reshape(-1, 3).tolist())
    assert (before == PHOTO).all()


def test_the_original_is_the_photo_itself() -> None:
    assert (apply(PHOTO, view=ORIGINAL) == PHOTO).all()
