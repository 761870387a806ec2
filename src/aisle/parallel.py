"""Applies one function to many items on all cores, in order, with a progress bar."""

import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

from tqdm import tqdm

INTERRUPTIONS = {signal.SIGINT, signal.SIGTERM}
Item = TypeVar("Item")
Result = TypeVar("Result")


def cores() -> int:
    """Return how many cores this process may use (a container may allow fewer than there are)."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def ordered(
    function: Callable[[Item], Result], items: Sequence[Item], *, what: str
) -> list[Result]:
    """Return `function(item)` for each item, in the items' order, computed in parallel.

    The bar shows only in a terminal. An error in one item, or Ctrl-C, drops the items not begun
    and is raised here.
    """
    pool = ProcessPoolExecutor(max_workers=cores(), initializer=_leave_interruptions)
    try:
        with _interruptions_later():
            chunk = max(1, min(32, len(items) // (16 * cores())))
            results = pool.map(function, items, chunksize=chunk)
        silent = not sys.stderr.isatty()
        return list(tqdm(results, total=len(items), desc=what, unit="photo", disable=silent))
    finally:
        pool.shutdown(cancel_futures=True)


@contextmanager
def _interruptions_later() -> Iterator[None]:
    """Hold interruptions back while workers are forked: Python drops what a fork hook raises."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, INTERRUPTIONS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _leave_interruptions() -> None:
    """Leave Ctrl-C to the parent (or each worker prints a traceback); end quietly when told to."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, INTERRUPTIONS)
