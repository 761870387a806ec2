"""A user's mistake, told in one line: what happened, what was expected, what to do next."""

import difflib
from collections.abc import Iterable


class AisleError(Exception):
    """A mistake the user can mend. Its text is the whole message; no traceback is shown."""


class LeftOut(Exception):
    """Why a candidate cannot take part, where params.yaml allows the run to go on without it."""


def did_you_mean(name: str, valid: Iterable[str]) -> str:
    """Return " Did you mean 'x'?" for the nearest valid name, else the list of valid names."""
    names = [str(candidate) for candidate in valid]
    near = difflib.get_close_matches(str(name), names, n=1, cutoff=0.6)
    if near:
        return f"Did you mean '{near[0]}'? Valid: {', '.join(names)}."
    return f"Valid: {', '.join(names)}."
