"""A stream of formula images with their targets, drawn in parallel to the training.

Image i of a seed is the same for any number of processes and any starting point.
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
"""Images uint8 [k, side, side, 3], class numbers int [k], descriptors [k, 688]."""

AHEAD = 3
"""Batches per process that are drawn ahead."""


def draw_batch(first: int, side: int, *, size: int, seed: int, classes: int) -> Batch:
    """Return `size` images from number `first` on."""
    pairs = [
        formulas.labelled(number, seed=seed, classes=classes, side=side)
        for number in range(first, first + size)
    ]
    images, labels = zip(*pairs, strict=True)
    return np.stack(images), np.array(labels), np.stack([descriptors(image) for image in images])


def batches(
    requests: Iterable[tuple[int, int]], *, size: int, seed: int, classes: int, workers: int
) -> Generator[Batch, None, None]:
    """Yield the batch for each (first image, side) of `requests`, in order.

    With 0 workers the calling process draws. Close the generator to end the worker processes; they
    also end when the calling process does. Raises AisleError if a worker is killed.
    """
    draw = partial(draw_batch, size=size, seed=seed, classes=classes)
    if not workers:
        for first, side in requests:
            yield draw(first, side)
        return
    # spawn, because a fork would copy locks held by TensorFlow's threads
    pool = ProcessPoolExecutor(
        workers, mp_context=multiprocessing.get_context("spawn"), initializer=_begin
    )
    waiting: deque[Future[Batch]] = deque()
    try:
        for first, side in requests:
            waiting.append(pool.submit(draw, first, side))
            if len(waiting) > AHEAD * workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    except BrokenProcessPool:
        raise AisleError(
            f"one of {workers} drawing processes was killed, usually for lack of memory. Run the "
            "same command again with fewer --workers: it resumes."
        ) from None
    finally:
        pool.shutdown(cancel_futures=True)


def _begin() -> None:
    """Limit this process to one thread, so that the workers share the cores."""
    from threadpoolctl import threadpool_limits

    begin_worker()
    threadpool_limits(1)
