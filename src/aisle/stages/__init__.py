"""One module per stage: load params, call pure functions, write. Nothing else."""

import errno
import os
import re
import resource
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

from aisle import paths
from aisle.errors import AisleError
from aisle.files import write_json

STARTED = time.perf_counter()
"""Read before a stage's own module is, whose imports (pandas, …) therefore count."""


def run(
    main: Callable[[], None], *, workers: int = 0, recorded: bool = True, leave: bool = True
) -> None:
    """Call a stage's `main`, record what it took, with its worker processes; then `leave`.

    A user's mistake becomes one message on stderr and exit code 1; a stage that fails records
    nothing.
    """
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        main()
        if recorded:
            name = "@".join([Path(sys.argv[0]).stem, *sys.argv[1:]])
            write_json(took(workers=workers), paths.stage_record(name))
        sys.stdout.flush()
        sys.stderr.flush()
        if leave:
            # all is written, and the interpreter takes long to take TensorFlow apart
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


def took(*, workers: int = 0) -> dict[str, float]:
    """Return what this process has taken so far: `seconds` and `peak_megabytes` (10^6 bytes).

    The seconds are those on the wall, without the interpreter's own start. The memory is the
    largest resident set, files mapped into it included. Each of the workers counts as the largest
    of them, with what it shares with this process: at most so much was needed, never more.
    """
    peak = _own_peak() + workers * _peak(resource.RUSAGE_CHILDREN)
    return {
        "seconds": round(time.perf_counter() - STARTED, 2),
        "peak_megabytes": round(peak / 1e6, 1),
    }


def _own_peak() -> int:
    """Return bytes; Linux's own count, as getrusage's begins with the size of who started us."""
    status = Path("/proc/self/status")
    found = re.search(r"VmHWM:\s*(\d+) kB", status.read_text()) if status.exists() else None
    return 1024 * int(found[1]) if found else _peak(resource.RUSAGE_SELF)


def _peak(who: int) -> int:
    """Return bytes; of the largest where `who` are several."""
    return resource.getrusage(who).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
