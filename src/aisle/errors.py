"""Errors that users can fix: one line with what happened, what was expected, what to do next."""

import difflib
from collections.abc import Iterable


class AisleError(Exception):
    """An error that the user can fix. Its text is the whole message; no traceback is shown."""


class LeftOut(Exception):
    """Raised when a candidate cannot take part and params.yaml allows running without it."""


def did_you_mean(name: str, valid: Iterable[str]) -> str:
    """Return "Did you mean 'x'?" if a valid name is close, and the list of valid names."""
    names = [str(candidate) for candidate in valid]
    near = difflib.get_close_matches(str(name), names, n=1, cutoff=0.6)
    if near:
        return f"Did you mean '{near[0]}'? Valid: {', '.join(names)}."
    return f"Valid: {', '.join(names)}."
