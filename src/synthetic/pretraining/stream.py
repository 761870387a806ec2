"""An endless stream of formula images and what to learn of them, drawn beside the training.

Image i of a seed is the same whatever the number of processes, and wherever one begins.
"""

import multiprocessing
from collections import deque
from collections.abc import Generator, Iterable
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import partial

import numpy as np

from aisle.errors import AisleError
from aisle.parallel import begin_worker
from synthetic.pretraining import formulas
from synthetic.pretraining.descriptors import descriptors

Batch = tuple[np.ndarray, np.ndarray, np.ndarray]
"""Images uint8 [k, side, side, 3], the numbers of their classes, int [k], descriptors [k, 688]."""

AHEAD = 3
"""Batches per process that are drawn before they are asked for."""


def drawn(first: int, side: int, *, size: int, seed: int, classes: int) -> Batch:
    """Return images `first`, `first` + 1, … `size` of them."""
    pairs = [
        formulas.labelled(number, seed=seed, classes=classes, side=side)
        for number in range(first, first + size)
    ]
    images, labels = zip(*pairs, strict=True)
    return np.stack(images), np.array(labels), np.stack([descriptors(image) for image in images])


def batches(
    asked: Iterable[tuple[int, int]], *, size: int, seed: int, classes: int, workers: int
) -> Generator[Batch, None, None]:
    """Yield the batch for each (first image, side) that is asked for, in order.

    With 0 workers this process draws. Close it to end the processes; they end by themselves when
    this process does, however that ends. Raises AisleError where one of them was ended.
    """
    draw = partial(drawn, size=size, seed=seed, classes=classes)
    if not workers:
        for first, side in asked:
            yield draw(first, side)
        return
    # spawned: a fork would copy locks that TensorFlow's threads hold
    pool = ProcessPoolExecutor(
        workers, mp_context=multiprocessing.get_context("spawn"), initializer=_begin
    )
    waiting: deque[Future[Batch]] = deque()
    try:
        for first, side in asked:
            waiting.append(pool.submit(draw, first, side))
            if len(waiting) > AHEAD * workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    except BrokenProcessPool:
        raise AisleError(
            f"one of {workers} drawing processes was ended from outside; too little memory is the "
            "usual reason. Run the same command again with fewer --workers: it goes on."
        ) from None
    finally:
        pool.shutdown(cancel_futures=True)


def _begin() -> None:
    """Leave the other cores to the other processes."""
    from threadpoolctl import threadpool_limits

    begin_worker()
    threadpool_limits(1)
