"""Alt text and caption of each figure, which the stage `figures` writes for `report`."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from aisle import files, paths


@dataclass(frozen=True)
class FigureText:
    """A figure's file, alt text and caption, or the reason it was not drawn."""

    file: str
    alternative: str
    caption: str
    reason: str | None = None


def write(texts: Mapping[str, FigureText]) -> None:
    """Write data/figures.json: the texts of each figure, by its name."""
    content = {name: asdict(text) for name, text in texts.items()}
    files.write_json(content, paths.DRAWINGS)


def read() -> dict[str, FigureText]:
    """Return what `write` wrote."""
    return {name: FigureText(**text) for name, text in files.read_json(paths.DRAWINGS).items()}
