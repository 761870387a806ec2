"""Load a photo as people see it: upright, RGB, transparency on white, first frame."""

import hashlib
import math
import os
import warnings
from dataclasses import dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath

import numpy as np
from PIL import Image, ImageFile, ImageOps, UnidentifiedImageError

WHITE = (255, 255, 255)
HASH_SIDE = 128
"""Pixels a photo is first reduced to for its perceptual hash: plenty for 8 x 8 frequencies."""


class UnusablePhoto(Exception):
    """A photo that cannot be used: `kind` is the class of the problem, the text the reason."""

    def __init__(self, kind: str, reason: str) -> None:
        super().__init__(kind, reason)  # both, so that it can come back from a worker process
        self.kind, self.reason = kind, reason

    def __str__(self) -> str:
        return self.reason


@dataclass(frozen=True)
class PhotoFacts:
    """Facts about one photo: sides in pixels (upright), size in bytes, both hashes in hex."""

    width: int
    height: int
    bytes: int
    sha256: str
    phash: str


def locate(image: str, *, folder: Path) -> Path:
    """Return the file of an image name; UnusablePhoto if it is not a file below the folder."""
    if not image.strip():
        raise UnusablePhoto("missing photo", "the row names no photo")
    names = (PurePosixPath(image), PureWindowsPath(image))
    if any(name.is_absolute() or name.drive or ".." in name.parts for name in names):
        raise UnusablePhoto("unsafe name", f"image name '{image}' points outside the photo folder")
    if not image.isprintable():
        raise UnusablePhoto("unsafe name", f"image name {image!r} holds control characters")
    path = folder / image
    # os.path, because Path.is_file raises for a name that is too long
    if not os.path.isfile(path):  # noqa: PTH113
        raise UnusablePhoto("missing photo", f"no file '{image}'")
    return path


def read(path: Path, *, max_megapixels: float, side: int | None = None) -> Image.Image:
    """Return the photo upright, RGB, on white, decoded no finer than `side` pixels need.

    `side` is the longest side the caller will reduce to: JPEG then decodes at 1/2, 1/4 or 1/8
    scale. Raises UnusablePhoto for a file that is no photo, is cut short or has too many pixels.
    """
    if path.stat().st_size == 0:
        raise UnusablePhoto("unreadable photo", "the file is empty (0 bytes)")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of Pillow's own limit; ours is checked below
            Image.MAX_IMAGE_PIXELS = None
            ImageFile.LOAD_TRUNCATED_IMAGES = False
            with Image.open(path) as photo:
                megapixels = photo.width * photo.height / 1e6
                if megapixels > max_megapixels:
                    raise UnusablePhoto(
                        "too large",
                        f"{megapixels:.0f} megapixels; extract.max_megapixels allows "
                        f"{max_megapixels:g}",
                    )
                if side is not None:
                    photo.draft("RGB", (side, side))
                photo.load()
                ImageOps.exif_transpose(photo, in_place=True)
                return _on_white(photo)
    except UnusablePhoto:
        raise
    except UnidentifiedImageError:
        raise UnusablePhoto("unreadable photo", "the file is not an image Pillow knows") from None
    except (OSError, ValueError, SyntaxError, EOFError, MemoryError) as error:
        detail = " ".join(str(error).split()) or type(error).__name__
        raise UnusablePhoto("unreadable photo", f"cannot be decoded: {detail}") from None


def examine(path: Path, *, max_megapixels: float) -> PhotoFacts:
    """Return a photo's size and hashes. Decodes every pixel, so a truncated file is found."""
    import imagehash

    content = path.read_bytes()
    photo = read(path, max_megapixels=max_megapixels)
    width, height = photo.size
    photo.thumbnail((HASH_SIDE, HASH_SIDE), Image.Resampling.BOX)
    return PhotoFacts(
        width=width,
        height=height,
        bytes=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        phash=str(imagehash.phash(photo)),
    )


def square(path: Path, *, side: int, fit: str) -> np.ndarray:
    """Return a photo as uint8 [side, side, 3], padded with white (`fit` "pad") or stretched.

    There is no pixel limit: `examine` has checked it. A photo whose longer side is under four times
    `side` is resized as plain Pillow does. A larger one is first reduced by a whole number, a JPEG
    while it is decoded; that changed the pixels of two photographs by 0.7 to 1.9 of 255 levels on
    average.
    """
    photo = read(path, max_megapixels=math.inf, side=2 * side)
    if fit == "stretch":
        return np.asarray(photo.resize((side, side), Image.Resampling.BICUBIC, reducing_gap=2.0))
    scale = side / max(photo.size)
    inner = tuple(max(1, round(length * scale)) for length in photo.size)
    resized = photo.resize((inner[0], inner[1]), Image.Resampling.BICUBIC, reducing_gap=2.0)
    canvas = Image.new("RGB", (side, side), WHITE)
    canvas.paste(resized, ((side - inner[0]) // 2, (side - inner[1]) // 2))
    return np.asarray(canvas)


def _on_white(photo: Image.Image) -> Image.Image:
    """Return the photo in RGB on white. An RGB photo is not copied: 94 megapixels are 376 MB."""
    if photo.mode.startswith("I;16") or photo.mode in ("I", "F"):
        return _from_deep(photo).convert("RGB")
    if photo.has_transparency_data:
        layers = photo if photo.mode == "RGBA" else photo.convert("RGBA")
        canvas = Image.new("RGB", layers.size, WHITE)
        canvas.paste(layers, mask=layers)
        return canvas
    return photo if photo.mode == "RGB" else photo.convert("RGB")


def _from_deep(photo: Image.Image) -> Image.Image:
    """Scale 16-bit or float grey to 0-255; Pillow's own conversion would clip it at 255."""
    values = np.asarray(photo, dtype=np.float64)
    top = 65535.0 if values.max(initial=0) > 255 else 255.0
    return Image.fromarray(np.clip(values * 255.0 / top, 0, 255).astype(np.uint8))
