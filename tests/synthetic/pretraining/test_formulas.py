"""Formula images: reproducible, varied within a class, distinguishable between classes."""

import numpy as np
import pytest
from modules import all_imports, source

from synthetic.pretraining import canvas, colours, formulas, fractals
from synthetic.pretraining.colours import Colouring

FAMILIES = range(len(formulas.FAMILIES))


def drawn(label: int, *, instance: int, side: int = 48, seed: int = 3) -> np.ndarray:
    generator = np.random.default_rng(instance)
    return formulas.image(formulas.formula(seed, label), side=side, generator=generator)


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others() -> None:
    for number in range(8):
        first, label = formulas.labelled(number, seed=7, classes=50, side=40)
        formulas.formula.cache_clear()
        again, same = formulas.labelled(number, seed=7, classes=50, side=40)
        assert label == same and first.tobytes() == again.tobytes()
        other, _ = formulas.labelled(number, seed=8, classes=50, side=40)
        assert (first != other).mean() > 0.5


def test_a_class_depends_on_its_seed_and_number_only() -> None:
    formulas.formula.cache_clear()
    wanted = drawn(9, instance=0)
    formulas.formula.cache_clear()
    for label in (1, 5, 12):
        formulas.formula(3, label)
    assert (drawn(9, instance=0) == wanted).all()
    assert (drawn(9, instance=0, seed=4) != wanted).any()


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("side", [32, 57, 96])
def test_images_are_of_any_side_well_exposed_and_no_two_alike(family: int, side: int) -> None:
    images = np.stack([drawn(family + 4 * k, instance=k, side=side) for k in range(12)])
    assert images.shape == (12, side, side, 3) and images.dtype == np.uint8
    contrast = images.astype(float).std(axis=(1, 2))
    assert np.median(contrast) > 15
    assert 60 < images.mean() < 220
    assert len({image.tobytes() for image in images}) == 12


@pytest.mark.parametrize("family", FAMILIES)
def test_instances_of_a_class_differ_in_place_and_colour(family: int) -> None:
    images = np.stack([drawn(family, instance=k) for k in range(8)]).astype(float)
    assert images.std(axis=0).mean() > 20


def test_many_images_are_on_white_and_many_are_not() -> None:
    corners = np.array([drawn(label, instance=label)[:3, :3].mean() for label in range(120)])
    assert 0.15 < (corners > 215).mean() < 0.6
    assert (corners < 128).mean() > 0.15


def test_colour_hardly_distinguishes_classes() -> None:
    """By the nearest mean colour; a grey thumbnail does better, and both are above chance."""
    classes, shown = 12, 24
    images = np.stack(
        [[drawn(k, instance=100 * k + i, side=24) for i in range(shown)] for k in range(classes)]
    ).astype(float)
    mean_colours = images.mean(axis=(2, 3))
    half = shown // 2
    centres = mean_colours[:, :half].mean(axis=1)
    distances = np.linalg.norm(mean_colours[:, half:, None] - centres, axis=-1)
    right = (distances.argmin(axis=-1) == np.arange(classes)[:, None]).mean()
    assert right < 0.35


def test_a_related_colouring_keeps_its_differences_and_a_fixed_one_its_hue() -> None:
    hsv = np.array([[0.1, 0.9, 0.9], [0.6, 0.9, 0.5]])

    def seen(rule: colours.Rule) -> np.ndarray:
        drawn_colours = [
            Colouring(rule, hsv).draw(np.random.default_rng(number)) for number in range(40)
        ]
        return np.asarray(np.stack(drawn_colours).std(axis=0))

    assert seen("fixed").max() < 0.15 < seen("related").min()
    each = [Colouring("related", hsv).draw(np.random.default_rng(number)) for number in range(40)]
    largest = np.stack(each).max(axis=2)  # the value of HSV: no turn of the wheel changes it
    assert (largest[:, 0] > largest[:, 1]).all()


@pytest.mark.parametrize(
    ("hsv", "rgb"),
    [((0, 1, 1), (1, 0, 0)), ((1 / 3, 1, 0.5), (0, 0.5, 0)), ((0.5, 0, 0.7), (0.7, 0.7, 0.7))],
)
def test_colours_are_those_of_the_hexcone(hsv: tuple[float, ...], rgb: tuple[float, ...]) -> None:
    assert colours.rgb(np.array(hsv)) == pytest.approx(np.array(rgb), abs=1e-6)


def test_outlines_are_the_curves_they_are_named_after() -> None:
    circle = canvas.outline()
    assert circle == pytest.approx(np.ones(canvas.ANGLES), abs=1e-5)
    square = canvas.outline(corners=4)
    assert square.max() / square.min() == pytest.approx(np.sqrt(2), rel=1e-3)
    share, _ = canvas.reach(
        np.array([[0.5, 0, -2]], dtype=np.float32),
        np.array([[0, 1, 0]], dtype=np.float32),
        radii=circle,
    )
    assert share == pytest.approx(np.array([[0.5, 1, 2]]), abs=1e-4)


def test_the_chaos_game_stays_on_its_fractal() -> None:
    """Sierpinski's triangle: three maps that halve; no point lies in the middle hole."""
    corners = np.array([[0, 0], [1, 0], [0, 1]])
    x, y, last = fractals.orbit(
        np.stack([np.eye(2) / 2] * 3),
        corners / 2,
        chances=np.full(3, 1 / 3),
        chains=500,
        generator=np.random.default_rng(0),
    )
    assert len(x) == len(last) == 500 * fractals.KEPT
    assert min(x.min(), y.min()) >= 0 and (x + y).max() <= 1 + 1e-5
    assert not ((x < 0.499) & (y < 0.499) & (x + y > 0.501)).any()
    assert np.bincount(last) == pytest.approx(np.full(3, len(x) / 3), rel=0.1)


def test_nothing_of_the_embedded_sample_is_used() -> None:
    """Pretraining must not see the sample's drawings, or results on the sample are worthless."""
    room = source("synthetic.pretraining")
    assert room is not None
    modules = [f"synthetic.pretraining.{path.stem}" for path in room.parent.glob("*.py")]
    imported = all_imports(*(name.removesuffix(".__init__") for name in modules))
    assert "synthetic.pretraining.formulas" in imported
    assert not [name for name in imported if name.startswith("synthetic.catalogue")]
