"""Errors a user can fix, in one line: what happened, what was expected, what to do next."""

import difflib
from collections.abc import Iterable


class AisleError(Exception):
    """A mistake the user can fix. Its text is the whole message; no traceback is shown."""


class LeftOut(Exception):
    """Why a candidate is left out, where the settings allow the run to continue without it."""


def did_you_mean(name: str, valid: Iterable[str]) -> str:
    """Return "Did you mean 'x'? Valid: …", or only the valid names if none is near."""
    names = [str(candidate) for candidate in valid]
    near = difflib.get_close_matches(str(name), names, n=1, cutoff=0.6)
    if near:
        return f"Did you mean '{near[0]}'? Valid: {', '.join(names)}."
    return f"Valid: {', '.join(names)}."
