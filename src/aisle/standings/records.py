"""What earlier stages wrote of each competitor: whether it was left out, whether it learns."""

from collections.abc import Iterable

from aisle import files, paths


def left_out(name: str, *, ensemble: bool = False) -> str | None:
    """Return why a candidate or ensemble took no part; None where it did, or has not run yet."""
    path = paths.facts("combine" if ensemble else "evaluate", name)
    reason = files.read_json(path).get("left_out") if path.exists() else None
    return None if reason is None else str(reason)


def learners(candidates: Iterable[str]) -> list[str]:
    """Return those of these candidates that are not controls."""
    kinds = files.read_json(paths.COMPETITORS)["candidates"]
    return [name for name in candidates if kinds[name]["kind"] != "control"]
