"""How long one answer takes, measured the same way for backbones and candidates."""

import statistics
import time
from collections.abc import Callable, Sequence
from typing import TypeVar

Argument = TypeVar("Argument")

REPEATS = 15
"""Products that are timed, one at a time; their median is not moved by a busy moment."""


def milliseconds(call: Callable[[Argument], object], arguments: Sequence[Argument]) -> float:
    """Return the median time of `call` over its arguments, to three decimals."""
    call(arguments[0])  # the first call traces the graph
    times = []
    for argument in arguments:
        started = time.perf_counter()
        call(argument)
        times.append(1000 * (time.perf_counter() - started))
    return round(statistics.median(times), 3)
