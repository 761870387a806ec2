"""One module per stage: load settings, call pure functions, write."""

import errno
import os
import re
import resource
import signal
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from aisle import paths
from aisle.errors import AisleError
from aisle.files import write_json

STARTED = time.perf_counter()
"""Set before a stage's own module is imported, so that its imports (pandas, …) count."""

REPEATS = 15
"""Number of products timed, one at a time; the median ignores a busy moment."""

Timings = dict[str, float]
Argument = TypeVar("Argument")


def run(
    main: Callable[[], Timings | None],
    *,
    workers: int = 0,
    recorded: bool = True,
    leave: bool = True,
) -> None:
    """Call a stage's `main`, write its timings and those it returned, and exit if `leave`.

    A user's mistake becomes one message on stderr and exit code 1; a stage that fails writes no
    timings.
    """
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        measured = main()
        if recorded:
            write_timings(measured, workers=workers)
        sys.stdout.flush()
        sys.stderr.flush()
        if leave:
            # everything is written, and Python takes long to tear TensorFlow down
            os._exit(0)
    except AisleError as error:
        sys.exit(f"aisle: {error}")
    except KeyboardInterrupt:
        print("aisle: interrupted. 'dvc checkout' restores earlier results.", file=sys.stderr)
        sys.exit(128 + signal.SIGINT)
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        sys.exit(
            f"aisle: no space left on the disk that holds '{Path.cwd()}'; nothing was overwritten. "
            "Free some space ('dvc gc --workspace' drops unused results), then 'dvc repro' again."
        )


def write_timings(measured: Timings | None, *, workers: int = 0) -> None:
    """Write what the stage of this process used, with the timings that its `main` returned."""
    name = "@".join([Path(sys.argv[0]).stem, *sys.argv[1:]])
    write_json({**resources_used(workers=workers), **(measured or {})}, paths.timings(name))


def resources_used(*, workers: int = 0) -> dict[str, float]:
    """Return what this process has used so far: `seconds` and `peak_megabytes` (10^6 bytes).

    Seconds are wall time, without the interpreter's own start. Memory is the largest resident
    set, mapped files included. Each worker counts as the largest of them, with what it shares
    with this process, so the sum is an upper bound.
    """
    peak = _own_peak() + workers * _peak(resource.RUSAGE_CHILDREN)
    return {
        "seconds": round(time.perf_counter() - STARTED, 2),
        "peak_megabytes": round(peak / 1e6, 1),
    }


def milliseconds(call: Callable[[Argument], object], arguments: Sequence[Argument]) -> float:
    """Return the median time of `call` over its arguments, to three decimals."""
    call(arguments[0])  # the first call traces the graph
    times = []
    for argument in arguments:
        started = time.perf_counter()
        call(argument)
        times.append(1000 * (time.perf_counter() - started))
    return round(statistics.median(times), 3)


def _own_peak() -> int:
    """Return the peak in bytes; by Linux, as getrusage starts with the size of the parent."""
    status = Path("/proc/self/status")
    found = re.search(r"VmHWM:\s*(\d+) kB", status.read_text()) if status.exists() else None
    return 1024 * int(found[1]) if found else _peak(resource.RUSAGE_SELF)


def _peak(who: int) -> int:
    """Return the peak in bytes; of several processes, that of the largest."""
    return resource.getrusage(who).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
