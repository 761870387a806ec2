"""What earlier stages wrote: who was left out or learns, what fits kept, what weights are."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from aisle import files, paths
from aisle.settings.refits import ROLES


@dataclass(frozen=True)
class Fit:
    """What one fold's fit kept, as the stage `train` recorded it.

    `kept` is the last phase that improved on its start, None where none did. `val_loss` has the
    loss on val of the epoch that a phase kept, `rolled_back` the lowest of a phase that kept none.
    """

    fold: int
    kept: str | None
    val_loss: Mapping[str, float]
    rolled_back: Mapping[str, float]


def left_out(name: str, *, ensemble: bool = False) -> str | None:
    """Return why a candidate or ensemble took no part; None where it did, or has not run yet."""
    path = paths.facts("combine" if ensemble else "evaluate", name)
    reason = files.read_json(path).get("left_out") if path.exists() else None
    return None if reason is None else str(reason)


def fits(candidate: str) -> list[Fit]:
    """Return what the fit of each fold kept; nothing where it was left out or has not run yet."""
    path = paths.facts("train", candidate)
    return [Fit(**one) for one in files.read_json(path)["fits"]] if path.exists() else []


def learners(candidates: Iterable[str]) -> list[str]:
    """Return those of these candidates that are not controls."""
    kinds = files.read_json(paths.COMPETITORS)["candidates"]
    return [name for name in candidates if kinds[name]["kind"] != "control"]


def untrained(variant: str) -> bool:
    """Return whether a backbone had random weights; False for `none`."""
    if variant == paths.NONE:
        return False
    return bool(files.read_json(paths.facts("weights", variant))["source"] == "random")


def refitted(entry: str) -> str | None:
    """Return the candidate that an entry of `refits` means; None where nobody has the role."""
    if entry not in ROLES:
        return entry
    name: str | None = files.read_json(paths.refitted(entry))["name"]
    return name
