from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sklearn
from PIL import Image

from aisle.catalogue import photos
from aisle.parallel import ordered

RED = (200, 30, 40)


def save(photo: Image.Image, path: Path, **options: Any) -> Path:
    photo.save(path, **options)
    return path


def pixel(path: Path) -> tuple[int, ...]:
    photo = photos.read(path, max_megapixels=1)
    assert photo.mode == "RGB"
    value = photo.getpixel((0, 0))
    assert isinstance(value, tuple)
    return value


def test_transparency_becomes_white(tmp_path: Path) -> None:
    clear = save(Image.new("RGBA", (9, 9), (*RED, 0)), tmp_path / "clear.png")
    half = save(Image.new("LA", (9, 9), (0, 128)), tmp_path / "half.png")
    palette = Image.new("P", (9, 9), 0)
    palette.putpalette([*RED, 0, 0, 0])
    hidden = save(palette, tmp_path / "hidden.png", transparency=0)
    assert pixel(clear) == (255, 255, 255)
    assert pixel(half) == pytest.approx((127, 127, 127), abs=1)
    assert pixel(hidden) == (255, 255, 255)


def test_palette_grey_and_cmyk_photos_become_rgb(tmp_path: Path) -> None:
    palette = save(Image.new("RGB", (9, 9), RED).quantize(4), tmp_path / "palette.gif")
    grey = save(Image.new("L", (9, 9), 90), tmp_path / "grey.jpg")
    cmyk = save(Image.new("CMYK", (9, 9), (0, 255, 255, 0)), tmp_path / "cmyk.jpg")
    assert pixel(palette) == pytest.approx(RED, abs=2)
    assert pixel(grey) == (90, 90, 90)
    assert pixel(cmyk) == pytest.approx((254, 0, 0), abs=4)


def test_a_16_bit_photo_keeps_its_middle_grey(tmp_path: Path) -> None:
    deep = Image.fromarray(np.full((9, 9), 32768, dtype=np.uint16))
    assert pixel(save(deep, tmp_path / "deep.png")) == pytest.approx((127, 127, 127), abs=1)


def test_a_photo_is_turned_upright(tmp_path: Path) -> None:
    lying = Image.new("RGB", (20, 10), "white")
    lying.paste(RED, (0, 0, 10, 10))
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was turned: rotate by 90 degrees to see it upright
    path = save(lying, tmp_path / "lying.jpg", exif=exif, quality=95)
    upright = photos.read(path, max_megapixels=1)
    assert upright.size == (10, 20)
    assert upright.getpixel((5, 3)) == pytest.approx(RED, abs=6)
    facts = photos.examine(path, max_megapixels=1)
    assert (facts.width, facts.height) == (10, 20)


def test_an_animation_counts_by_its_first_frame(tmp_path: Path) -> None:
    frames = [Image.new("RGB", (9, 9), colour) for colour in ("blue", "red")]
    path = tmp_path / "moving.gif"
    frames[0].save(path, save_all=True, append_images=frames[1:])
    assert pixel(path) == (0, 0, 255)


def test_a_photo_over_pillows_own_limit_is_legitimate(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 50)
    path = save(Image.new("RGB", (40, 40), RED), tmp_path / "large.png")
    assert photos.read(path, max_megapixels=0.0016).size == (40, 40)
    with pytest.raises(photos.UnusablePhoto, match=r"max_megapixels allows 0\.001"):
        photos.read(path, max_megapixels=0.001)


@pytest.mark.parametrize("content", [b"", b"not a photo", b"\x89PNG\r\n\x1a\n" + b"\0" * 40])
def test_what_is_no_photo_is_refused_with_a_reason(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "broken.png"
    path.write_bytes(content)
    with pytest.raises(photos.UnusablePhoto) as caught:
        photos.examine(path, max_megapixels=1)
    assert caught.value.kind == "unreadable photo"
    assert str(caught.value)


def test_a_truncated_jpeg_is_refused(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    path = save(Image.fromarray(noise), tmp_path / "cut.jpg")
    path.write_bytes(path.read_bytes()[:-900])
    with pytest.raises(photos.UnusablePhoto, match="truncated"):
        photos.examine(path, max_megapixels=1)


@pytest.mark.parametrize(
    ("image", "kind"),
    [
        ("../secret.png", "unsafe name"),
        ("a/../../secret.png", "unsafe name"),
        ("/etc/passwd", "unsafe name"),
        ("C:\\photo.png", "unsafe name"),
        ("..\\photo.png", "unsafe name"),
        ("", "missing photo"),
        ("nowhere.png", "missing photo"),
    ],
)
def test_a_name_never_leaves_the_photo_folder(tmp_path: Path, image: str, kind: str) -> None:
    (tmp_path / "photos").mkdir()
    save(Image.new("RGB", (9, 9)), tmp_path / "secret.png")
    with pytest.raises(photos.UnusablePhoto) as caught:
        photos.locate(image, folder=tmp_path / "photos")
    assert caught.value.kind == kind


def test_padding_keeps_the_proportions_and_stretching_does_not(tmp_path: Path) -> None:
    path = save(Image.new("RGB", (20, 40), RED), tmp_path / "tall.png")
    padded = photos.square(path, side=16, fit="pad")
    stretched = photos.square(path, side=16, fit="stretch")
    assert padded.shape == stretched.shape == (16, 16, 3)
    assert padded.dtype == np.uint8
    assert (padded[:, 4:12] == RED).all()
    assert (padded[:, :4] == 255).all() and (padded[:, 12:] == 255).all()
    assert (stretched == RED).all()


def test_a_very_thin_photo_still_fits_a_square(tmp_path: Path) -> None:
    path = save(Image.new("RGB", (500, 1), RED), tmp_path / "thin.png")
    assert photos.square(path, side=16, fit="pad").shape == (16, 16, 3)


PHOTOGRAPHS = Path(sklearn.__file__).parent / "datasets" / "images"
"""Two real JPEG photographs of 640 x 427 pixels, which come with scikit-learn."""


def difference_from_the_plain_way(name: str, *, side: int) -> float:
    """Return the mean absolute difference in levels of 0-255 from decoding all, then resizing."""
    with Image.open(PHOTOGRAPHS / name) as photo:
        plain = np.asarray(photo.resize((side, side), Image.Resampling.BICUBIC))
    made = photos.square(PHOTOGRAPHS / name, side=side, fit="stretch")
    return float(np.abs(made.astype(int) - plain).mean())


@pytest.mark.parametrize("name", ["china.jpg", "flower.jpg"])
def test_a_photo_under_four_times_the_side_is_resized_as_plain_pillow_does(name: str) -> None:
    assert difference_from_the_plain_way(name, side=161) == 0


@pytest.mark.parametrize("side", [32, 64, 96])
@pytest.mark.parametrize("name", ["china.jpg", "flower.jpg"])
def test_a_jpeg_decoded_at_a_smaller_scale_looks_the_same(name: str, side: int) -> None:
    """0.7 to 1.9 levels of 255 were measured."""
    assert 0 < difference_from_the_plain_way(name, side=side) < 2


def test_a_photo_that_a_worker_cannot_use_is_named_by_its_reason(tmp_path: Path) -> None:
    (tmp_path / "empty.jpg").touch()
    look = partial(photos.read, max_megapixels=1)
    with pytest.raises(photos.UnusablePhoto, match=r"the file is empty \(0 bytes\)"):
        ordered(look, [tmp_path / "empty.jpg"], what="reading")
