"""Draw photos with the importance of each part laid over them."""

from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl
import numpy as np

from aisle.files import replacing
from aisle.report.figure_style import STYLE, drawn, panel_grid, png
from aisle.report.wording import shortened

COLUMNS = 4
STRENGTH = 0.55
"""Opacity of the strongest colour, so that the photo stays visible below."""


def draw(
    photos: Sequence[np.ndarray],
    worth: Sequence[np.ndarray],
    titles: Sequence[str],
    *,
    path: Path,
) -> None:
    """Write a PNG: each photo, and beside it the photo with parts that support the answer in red.

    `photos` are uint8 [side, side, 3], `worth` float [cells, cells]; blue parts speak against it.
    Each photo has its own scale.
    """
    columns = min(COLUMNS, 2 * len(photos))
    with mpl.rc_context(STYLE):
        figure, axes = panel_grid(2 * len(photos), columns=columns, height=2.2)
        for at, (photo, cells, title) in enumerate(zip(photos, worth, titles, strict=True)):
            plain, laid = axes[2 * at], axes[2 * at + 1]
            plain.imshow(photo)
            plain.set_title(shortened(title, length=30))
            laid.imshow(overlaid(photo, worth=cells))
            strongest = float(np.abs(cells).max())
            laid.set_title(f"a cell at most {strongest:.2f}", fontweight="normal")
        for each in axes:
            each.set_axis_off()
        picture = drawn(figure)
    with replacing(path) as temporary:
        temporary.write_bytes(png(picture, colours=256))


def overlaid(photo: np.ndarray, *, worth: np.ndarray) -> np.ndarray:
    """Return uint8 [side, side, 3]: the photo in grey, red where `worth` is high, blue if low."""
    from PIL import Image

    side = len(photo)
    scale = max(float(np.abs(worth).max()), 1e-9)
    smooth = Image.fromarray((worth / scale).astype(np.float32)).resize((side, side))
    signed = np.asarray(smooth).clip(-1, 1)[..., None]
    grey = photo.mean(axis=2, keepdims=True).repeat(3, axis=2)
    colour = np.where(signed > 0, np.array([204.0, 32, 32]), np.array([32.0, 80, 204]))
    opacity = STRENGTH * np.abs(signed)
    return np.asarray((grey * (1 - opacity) + colour * opacity).round().astype(np.uint8))
