"""What the stages noted of each candidate and ensemble: cost, and whether it was left out."""

from aisle import files, paths


def left_out(name: str, *, ensemble: bool = False) -> str | None:
    """Return why a candidate or ensemble took no part, as its stage noted it; None if it did."""
    path = paths.ensemble("records", name) if ensemble else paths.record("train", name)
    reason = files.read_json(path).get("left_out")
    return None if reason is None else str(reason)
