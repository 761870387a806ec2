"""Style, colours, photos and saving, shared by all figures."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.ticker import ScalarFormatter
from PIL import Image

from aisle.catalogue import photos
from aisle.report.evidence import Evidence
from aisle.report.figure_texts import FigureText
from aisle.report.translation import gettext
from aisle.report.wording import local, shortened
from aisle.standings.competitors import Competitor, Kind

MAX_BYTES = 150_000
WIDTH = 8.0  # inches; GitHub shows a note about 8.5 inches wide
DPI = 144
INK, FAINT, GRID = "#1f2328", "#59636e", "#e4e7eb"
KIND_COLOURS: dict[Kind, str] = {
    "control": "#59636e",
    "classical": "#b45309",
    "neural": "#1f7a4a",
    "transfer": "#1668c7",
    "ensemble": "#7b4bc4",
    "text": "#8a6100",
    "both": "#c2255c",
}
KIND_MARKERS: dict[Kind, str] = {
    "control": "o",
    "classical": "s",
    "neural": "^",
    "transfer": "o",
    "ensemble": "D",
    "text": "v",
    "both": "P",
}
"""Shapes, for readers who cannot tell the colours apart."""

STYLE: dict[Any, Any] = {
    "font.family": "DejaVu Sans",  # ships with matplotlib: the same picture on every machine
    "font.size": 8.5,
    "text.parse_math": False,  # a category may be called "$5 & less"
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": FAINT,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": 9,
    "axes.titlelocation": "left",
    "axes.titleweight": "bold",
    "axes.grid": False,
    "xtick.color": INK,
    "ytick.color": INK,
    "legend.frameon": False,
    "figure.facecolor": "white",  # opaque, so that it reads on GitHub's dark page too
    "savefig.facecolor": "white",
}
THUMBNAIL_SIDES = (96, 80, 64, 48, 32)  # pixels


class Ticks(ScalarFormatter):
    """Numbers along an axis, as the language of the note writes them."""

    def __call__(self, value: float, position: int | None = None) -> str:
        """Return matplotlib's own choice of digits."""
        return local(super().__call__(value, position))


class CannotDraw(Exception):
    """Why there is nothing to draw; the note prints it."""


def attempt(
    draw: Callable[[Evidence, Path], FigureText], evidence: Evidence, path: Path
) -> FigureText:
    """Return the text of the figure that `draw` makes, or the reason it was not drawn."""
    with mpl.rc_context(STYLE):
        try:
            return draw(evidence, path)
        except CannotDraw as why:
            return FigureText(path.name, "", "", reason=str(why))


def one_axes(*, height: float) -> tuple[Figure, Axes]:
    """Return a figure of the note's width, `height` in inches, with one pair of axes."""
    figure = new_figure(height=height)
    return figure, figure.subplots()


def new_figure(*, height: float, between: float = 0.06) -> Figure:
    """Return an empty figure of the note's width that leaves room for its texts.

    `between` is what stays free above and below each pair of axes, in inches like `height`.
    """
    margin = ConstrainedLayoutEngine(w_pad=0.08, h_pad=between)
    return Figure(figsize=(WIDTH, height), dpi=DPI, layout=margin)


def panel_grid(number: int, *, columns: int, height: float) -> tuple[Figure, list[Axes]]:
    """Return a figure with `number` pairs of axes, row by row; `height` of a row in inches."""
    rows = -(-number // columns)
    figure = new_figure(height=rows * height + 0.4)
    grid = figure.subplots(rows, columns, squeeze=False)
    for axes in grid.flat[number:]:
        axes.remove()
    return figure, list(grid.flat[:number])


def labelled(candidate: Competitor, *, length: int = 28, separator: str = " ") -> str:
    """Return a competitor's name, shortened, and what kind of weights it started from."""
    suffix = f"{separator}({gettext(candidate.label)})" if candidate.label else ""
    return shortened(candidate.name, length=length) + suffix


def save(figure: Figure, path: Path) -> None:
    """Write the figure with as many colours as MAX_BYTES allow."""
    picture = drawn(figure)
    for colours in (256, 64, 16):
        content = png(picture, colours=colours)
        if len(content) <= MAX_BYTES:
            break
    path.write_bytes(content)


def drawn(figure: Figure) -> Image.Image:
    """Return the figure as an opaque picture at its own resolution."""
    for axis in (axis for axes in figure.axes for axis in (axes.xaxis, axes.yaxis)):
        if type(axis.get_major_formatter()) is ScalarFormatter:
            axis.set_major_formatter(Ticks())
    canvas: Any = FigureCanvasAgg(figure)
    canvas.draw()
    return Image.fromarray(np.asarray(canvas.buffer_rgba())).convert("RGB")


def png(picture: Image.Image, *, colours: int) -> bytes:
    """Return an opaque picture as a PNG of few colours and no metadata: small, always the same."""
    packed = io.BytesIO()
    flat = picture.quantize(colours, dither=Image.Dither.NONE)
    flat.save(packed, format="png", optimize=True)
    return packed.getvalue()


def thumbnail(file: Path, *, side: int) -> np.ndarray:
    """Return the photo padded with white to uint8 [side, side, 3]."""
    try:
        return photos.square(file, side=side, fit="pad")
    except (OSError, photos.UnusablePhoto) as error:
        raise CannotDraw(
            gettext("the photo '{name}' cannot be read: {error}", name=file.name, error=error)
        ) from None


def canvas(*, width: int, height: int) -> Figure:
    """Return an empty figure of this size in pixels, on which photos are drawn unscaled."""
    return Figure(figsize=(width / 100, height / 100), dpi=100)


def save_photos(draw: Callable[[int], Figure], path: Path) -> None:
    """Write what `draw` makes with the largest side of a thumbnail that MAX_BYTES allow."""
    for side in THUMBNAIL_SIDES:
        content = png(drawn(draw(side)), colours=256)
        if len(content) <= MAX_BYTES:
            break
    path.write_bytes(content)
