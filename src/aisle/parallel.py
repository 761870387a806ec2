"""Run work in other processes: many items on all cores, or one call that must free its memory."""

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from typing import TypeVar

from tqdm import tqdm

from aisle.errors import AisleError

INTERRUPTIONS = {signal.SIGINT, signal.SIGTERM}
Item = TypeVar("Item")
Result = TypeVar("Result")


def cores() -> int:
    """Return how many cores this process may use: a container may allow fewer than exist."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def ordered(
    function: Callable[[Item], Result], items: Sequence[Item], *, what: str
) -> list[Result]:
    """Return `function(item)` for each item, in the items' order, computed in parallel.

    Shows a progress bar in a terminal. An error in one item, or Ctrl-C, drops the items not yet
    begun and is raised here. Raises AisleError if a worker was killed from outside.
    """
    with _pool(cores()) as pool:
        with _interruptions_later():
            chunk = max(1, min(32, len(items) // (16 * cores())))
            results = pool.map(function, items, chunksize=chunk)
        # None: no bar where stderr is not a terminal
        return list(tqdm(results, total=len(items), desc=what, unit="photo", disable=None))


def in_new_process(function: Callable[[], Result]) -> Result:
    """Return `function()`, computed in a new process that frees its memory when it ends.

    An error in it is raised here; Ctrl-C ends it at once. Raises AisleError if it was killed from
    outside.
    """
    with _pool(1) as pool:
        try:
            with _interruptions_later():
                answer = pool.submit(function)
            return answer.result()
        except KeyboardInterrupt:
            for process in multiprocessing.active_children():
                process.kill()
            raise


def begin_worker() -> None:
    """Leave Ctrl-C to the parent, or each worker prints a traceback; end when the parent ends.

    A parent that was killed cannot end its workers, so a thread in each waits for that.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, INTERRUPTIONS)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


@contextmanager
def _pool(workers: int) -> Iterator[ProcessPoolExecutor]:
    pool = ProcessPoolExecutor(max_workers=workers, initializer=begin_worker)
    try:
        yield pool
    except BrokenProcessPool:
        raise AisleError(
            f"one of {workers} worker processes was killed from outside; too little memory is the "
            "usual reason. Close other programs and run the same command again."
        ) from None
    finally:
        pool.shutdown(cancel_futures=True)


@contextmanager
def _interruptions_later() -> Iterator[None]:
    """Delay interruptions while workers are forked: Python drops what a fork hook raises."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, INTERRUPTIONS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
