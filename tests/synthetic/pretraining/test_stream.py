"""The stream does not depend on the number of processes, and can start at any image."""

import numpy as np
import psutil
import pytest

from aisle.errors import AisleError
from synthetic.pretraining import formulas, stream

ASKED = [(0, 32), (6, 32), (12, 40), (18, 40)]


def read(asked: list[tuple[int, int]], *, workers: int) -> list[stream.Batch]:
    return list(stream.batches(asked, size=6, seed=2, classes=30, workers=workers))


@pytest.mark.parametrize("workers", [1, 3])
def test_any_number_of_processes_draws_the_same(workers: int) -> None:
    here = read(ASKED, workers=0)
    there = read(ASKED, workers=workers)
    assert [images.shape for images, *_ in there] == [(6, side, side, 3) for _, side in ASKED]
    for drawn, same in zip(here, there, strict=True):
        assert all((one == other).all() for one, other in zip(drawn, same, strict=True))


def test_it_continues_from_any_image() -> None:
    (images, labels, _), *_ = read(ASKED[2:], workers=0)
    for image, label, number in zip(images, labels, range(12, 18), strict=True):
        wanted, also = formulas.labelled(number, seed=2, classes=30, side=40)
        assert label == also and (image == wanted).all()


def test_all_classes_are_about_equally_frequent() -> None:
    _, labels, _ = stream.draw_batch(0, 32, size=200, seed=0, classes=4)
    assert np.bincount(labels, minlength=4) == pytest.approx(np.full(4, 50), abs=22)


def test_a_killed_process_is_reported_in_one_line() -> None:
    batches = stream.batches([(0, 32)] * 60, size=20, seed=0, classes=9, workers=1)
    next(batches)
    own = psutil.Process().children()
    (worker,) = [child for child in own if "spawn_main" in " ".join(child.cmdline())]
    worker.kill()
    with pytest.raises(AisleError, match="one of 1 drawing processes was killed"):
        list(batches)
