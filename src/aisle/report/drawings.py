"""What the note says of each figure, which the stage `figures` writes down for `report`."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from aisle import files, paths


@dataclass(frozen=True)
class Drawing:
    """One figure of the note: a file with a text for who cannot see it, or the reason for none."""

    file: str
    alternative: str
    caption: str
    reason: str | None = None


def write(drawings: Mapping[str, Drawing]) -> None:
    """Write data/figures.json: each drawing by its name."""
    content = {name: asdict(drawing) for name, drawing in drawings.items()}
    files.write_json(content, paths.DRAWINGS)


def read() -> dict[str, Drawing]:
    """Return what `write` wrote."""
    return {name: Drawing(**drawing) for name, drawing in files.read_json(paths.DRAWINGS).items()}
