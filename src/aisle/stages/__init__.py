"""One module per stage: load params, call pure functions, write. Nothing else."""

import errno
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from aisle.errors import AisleError


def run(main: Callable[[], None]) -> None:
    """Call a stage's `main`; a user's mistake becomes one message on stderr and exit code 1."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        main()
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
