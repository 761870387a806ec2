"""One product of the sample: its design, its look and its row of the table."""

from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from synthetic.catalogue.objects import Design
from synthetic.catalogue.sketch import Look

QUALITY = 85
"""JPEG quality."""


@dataclass
class Product:
    """A product while the sample is generated; `row` names its photo in the folder `images`."""

    category: str
    design: Design
    look: Look
    model: int
    row: dict[str, str]
    images: Path

    @property
    def photo(self) -> Path:
        """The path of its photo."""
        return self.images / self.row["image"]


def save(photo: Image.Image, path: Path, *, quality: int = QUALITY) -> None:
    """Write a JPEG."""
    photo.save(path, "JPEG", quality=quality)
