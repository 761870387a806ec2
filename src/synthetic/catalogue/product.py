"""One product while the sample is made: what was drawn, and its row of the table."""

from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from synthetic.catalogue.objects import Design
from synthetic.catalogue.sketch import Look

QUALITY = 85
"""Of the JPEG files."""


@dataclass
class Product:
    """What is drawn, what is said; `row` names the photo that lies in `images`."""

    category: str
    design: Design
    look: Look
    model: int
    row: dict[str, str]
    images: Path

    @property
    def photo(self) -> Path:
        """The file its row names."""
        return self.images / self.row["image"]


def save(photo: Image.Image, path: Path, *, quality: int = QUALITY) -> None:
    """Write a JPEG."""
    photo.save(path, "JPEG", quality=quality)
