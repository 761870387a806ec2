"""Scenes: place a drawn product on a background, with shadow, props, light and grain."""

from collections.abc import Callable

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont

from synthetic.catalogue.objects import Design
from synthetic.catalogue.sketch import (
    INK,
    PALETTE,
    SIDE,
    WHITE,
    WOOD,
    Colour,
    Look,
    Sketch,
    darker,
    lighter,
    mix,
)

ASPECTS = (0.56, 0.67, 0.75, 0.8, 1.0, 1.0, 1.0, 1.25, 1.33, 1.5, 1.78)
"""Width over height of a photo."""

LONG_SIDE = (320, 500)
"""Range of the longer side of a photo, in pixels."""

CONTRAST = 90.0
"""Least distance in RGB between a product's main colour and the background behind it."""

WHITE_STUDIOS = 0.8
"""Of the products that contrast with white: the share shown on a white background."""

Background = Callable[[Image.Image, Colour, np.random.Generator], None]


def photograph(design: Design, look: Look, *, rng: np.random.Generator) -> Image.Image:
    """Return an RGB photo of a product in a random scene."""
    sketch = Sketch(look=look, rng=rng)
    product = _posed(design, sketch, rng=rng)
    width, height = _frame(product, rng=rng)
    photo = Image.new("RGB", (width, height))
    colour = _background_colour(sketch, rng=rng)
    # Shops mostly show products on white, but a white product would vanish there.
    if _distance(sketch.main, WHITE) > CONTRAST and rng.random() < WHITE_STUDIOS:
        _plain(photo, WHITE, rng)
    else:
        BACKGROUNDS[int(rng.integers(len(BACKGROUNDS)))](photo, colour, rng)

    stretch, share = rng.uniform(0.88, 1.12), rng.uniform(0.68, 0.97)
    scale = share * min(width / (product.width * stretch), height / product.height)
    size = (round(product.width * stretch * scale), round(product.height * scale))
    product = product.resize(size, Image.Resampling.LANCZOS)
    free_x, free_y = width - product.width, height - product.height
    low, high = (0.8, 0.97) if design.stands else (0.3, 0.7)
    corner = (round(free_x * rng.uniform(0.3, 0.7)), round(free_y * rng.uniform(low, high)))
    if rng.random() < 0.35:
        _add_prop(photo, rng=rng)
    _cast_shadow(photo, product, corner, stands=design.stands, rng=rng)
    photo.paste(product, corner, product)
    if rng.random() < 0.3:
        LABELS[int(rng.integers(len(LABELS)))](photo, rng)
    return _developed(photo, rng=rng)


def cut_out(design: Design, look: Look, *, rng: np.random.Generator) -> Image.Image:
    """Return an RGBA photo of a product on a transparent background."""
    product = _posed(design, Sketch(look=look, rng=rng), rng=rng)
    product.thumbnail((LONG_SIDE[0], LONG_SIDE[0]), Image.Resampling.LANCZOS)
    picture = Image.new("RGBA", (product.width + 40, product.height + 40))
    picture.paste(product, (20, 20))
    return picture


def _posed(design: Design, sketch: Sketch, *, rng: np.random.Generator) -> Image.Image:
    design.draw(sketch)
    product = sketch.image.crop(sketch.image.getbbox())
    if not design.digits and rng.random() < 0.5:
        product = product.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    angle = rng.normal(0, 2 if design.stands else 6)
    product = product.rotate(angle, Image.Resampling.BILINEAR, expand=True)
    if rng.random() < 0.1:
        product = _pair(product, rng=rng)
    return product.crop(product.getbbox())


def _pair(product: Image.Image, *, rng: np.random.Generator) -> Image.Image:
    step_x = round(product.width * rng.uniform(0.45, 0.9))
    step_y = round(product.height * rng.uniform(0.02, 0.12))
    both = Image.new("RGBA", (product.width + step_x, product.height + step_y))
    both.paste(product, (step_x, 0))
    both.alpha_composite(product, (0, step_y))
    return both


def _frame(product: Image.Image, *, rng: np.random.Generator) -> tuple[int, int]:
    aspect = float(rng.choice(ASPECTS))
    if rng.random() < 0.8:
        aspect = float(np.clip(product.width / product.height, ASPECTS[0], ASPECTS[-1]))
    long_side = int(rng.integers(*LONG_SIDE))
    width, height = min(1.0, aspect), min(1.0, 1 / aspect)
    return round(long_side * width), round(long_side * height)


def _background_colour(sketch: Sketch, *, rng: np.random.Generator) -> Colour:
    colours = [mix(colour, WHITE, rng.uniform(0, 0.6)) for colour in PALETTE.values()]
    far = [colour for colour in colours if _distance(colour, sketch.main) > CONTRAST]
    return far[int(rng.integers(len(far)))]


def _distance(colour: Colour, other: Colour) -> float:
    return float(np.linalg.norm(np.subtract(colour, other)))


def _plain(photo: Image.Image, colour: Colour, rng: np.random.Generator) -> None:
    photo.paste(colour, (0, 0, *photo.size))


def _gradient(photo: Image.Image, colour: Colour, rng: np.random.Generator) -> None:
    ends = np.array([lighter(colour, 0.5), darker(colour, 0.25)])[:: int(rng.choice([-1, 1]))]
    blend = np.linspace(0, 1, photo.height)[:, None]
    column = (ends[0] * (1 - blend) + ends[1] * blend).astype(np.uint8)
    photo.paste(Image.fromarray(column[:, None]).resize(photo.size))


def _spotlight(photo: Image.Image, colour: Colour, rng: np.random.Generator) -> None:
    photo.paste(darker(colour, 0.3), (0, 0, *photo.size))
    glow = ImageChops.invert(Image.radial_gradient("L")).resize(photo.size)
    photo.paste(Image.new("RGB", photo.size, lighter(colour, 0.5)), (0, 0), glow)


def _cloth(photo: Image.Image, colour: Colour, rng: np.random.Generator) -> None:
    photo.paste(colour, (0, 0, *photo.size))
    pen, gap = ImageDraw.Draw(photo), int(rng.integers(14, 40))
    tint = (lighter if rng.random() < 0.5 else darker)(colour, 0.12)
    for x in range(0, photo.width, gap):
        pen.rectangle((x, 0, x + gap // 2, photo.height), fill=tint)
    if rng.random() < 0.5:
        for y in range(0, photo.height, gap):
            pen.rectangle((0, y, photo.width, y + gap // 2), fill=mix(tint, WHITE, 0.15))


def _planks(photo: Image.Image, colour: Colour, rng: np.random.Generator) -> None:
    pen, board = ImageDraw.Draw(photo), int(rng.integers(36, 80))
    wood = mix(WOOD, colour, rng.uniform(0.2, 0.8))
    for y in range(0, photo.height, board):
        tone = mix(wood, WHITE, rng.uniform(0, 0.25))
        pen.rectangle((0, y, photo.width, y + board), fill=tone)
        for _ in range(5):
            grain = y + int(rng.integers(board))
            pen.line((0, grain, photo.width, grain), fill=darker(tone, 0.07))
        pen.line((0, y, photo.width, y), fill=darker(tone, 0.3), width=2)


def _table(photo: Image.Image, colour: Colour, rng: np.random.Generator) -> None:
    _gradient(photo, colour, rng)
    edge = round(photo.height * rng.uniform(0.62, 0.85))
    top = mix(WOOD, PALETTE[str(rng.choice(list(PALETTE)))], 0.5)
    photo.paste(top, (0, edge, *photo.size))
    photo.paste(lighter(top, 0.3), (0, edge, photo.width, edge + 3))


def _room(photo: Image.Image, colour: Colour, rng: np.random.Generator) -> None:
    photo.paste(colour, (0, 0, *photo.size))
    width, height = photo.size
    pen, floor = ImageDraw.Draw(photo), round(height * rng.uniform(0.72, 0.88))
    pen.rectangle((0, floor, width, height), fill=mix(WOOD, colour, 0.3))
    pen.rectangle((0, floor - 8, width, floor), fill=lighter(colour, 0.5))
    left, top = rng.uniform(0, 0.6) * width, rng.uniform(0.04, 0.2) * height
    right, bottom = left + 0.36 * width, top + 0.42 * height
    pane: Colour = (206, 226, 240) if rng.random() < 0.6 else mix(colour, INK, 0.5)
    pen.rectangle((left, top, right, bottom), fill=pane, outline=WHITE, width=6)
    if rng.random() < 0.6:
        pen.line(((left + right) / 2, top, (left + right) / 2, bottom), fill=WHITE, width=4)
        pen.line((left, (top + bottom) / 2, right, (top + bottom) / 2), fill=WHITE, width=4)


BACKGROUNDS: tuple[Background, ...] = (
    _plain,
    _gradient,
    _spotlight,
    _cloth,
    _planks,
    _table,
    _room,
)


def _add_prop(photo: Image.Image, *, rng: np.random.Generator) -> None:
    """Draw a prop near an edge, behind the product."""
    look = Look(main=str(rng.choice(list(PALETTE))), second="Beige", pattern="plain")
    sketch = Sketch(look=look, rng=rng)
    PROPS[int(rng.integers(len(PROPS)))](sketch)
    prop = sketch.image.crop(sketch.image.getbbox())
    size = rng.uniform(0.25, 0.45) * min(photo.size)
    prop = prop.resize((round(size * prop.width / SIDE) + 1, round(size * prop.height / SIDE) + 1))
    side = rng.choice([0.02, 0.98])
    x = round((photo.width - prop.width) * side)
    y = round((photo.height - prop.height) * rng.uniform(0.6, 0.97))
    photo.paste(prop, (x, y), prop)


def _books(s: Sketch) -> None:
    for level in range(3):
        indent = s.rng.uniform(0, 14)
        colour = (s.main, s.second, darker(s.main))[level]
        s.box(5 + indent, 80 - 18 * level, 90 - indent / 2, 97 - 18 * level, colour, radius=2)


def _ball(s: Sketch) -> None:
    s.ellipse((50, 50), (44, 44), s.main, shading=0.45)


def _parcel(s: Sketch) -> None:
    s.box(8, 20, 92, 96, s.main, radius=1, shading=0.3)
    s.box(44, 20, 56, 96, s.second, radius=0)


def _sprig(s: Sketch) -> None:
    s.curve([(30, 98), (44, 60), (60, 4)], s.main, 2)
    for y in range(10, 90, 16):
        for side in (-12, 12):
            s.ellipse((58 - y * 0.28 + side, y), (9, 5), s.main)


def _glass(s: Sketch) -> None:
    s.polygon([(24, 6), (76, 6), (68, 96), (32, 96)], lighter(s.main, 0.6), shading=0.3)


PROPS: tuple[Callable[[Sketch], None], ...] = (_books, _ball, _parcel, _sprig, _glass)


def _cast_shadow(
    photo: Image.Image,
    product: Image.Image,
    corner: tuple[int, int],
    *,
    stands: bool,
    rng: np.random.Generator,
) -> None:
    alpha = product.getchannel("A")
    shape = Image.new("L", photo.size)
    if stands:
        flat = alpha.resize((product.width, max(2, product.height // 9)))
        shape.paste(flat, (corner[0], corner[1] + product.height - round(flat.height * 0.6)))
        blur = 5.0
    else:
        shift = round(photo.width * rng.uniform(0.01, 0.04))
        shape.paste(alpha, (corner[0] + shift, corner[1] + shift))
        blur = 7.0
    shadow = shape.filter(ImageFilter.GaussianBlur(blur)).point(
        [level * 2 // 5 for level in range(256)]
    )
    photo.paste(INK, (0, 0), shadow)


def _price_tag(photo: Image.Image, rng: np.random.Generator) -> None:
    pen, unit = ImageDraw.Draw(photo), min(photo.size) / 10
    x, y = rng.uniform(0.02, 0.7) * photo.width, rng.uniform(0.02, 0.1) * photo.height
    colour = PALETTE[str(rng.choice(["Red", "Yellow", "Green", "Blue"]))]
    pen.rounded_rectangle((x, y, x + 2.6 * unit, y + 1.2 * unit), unit / 4, fill=colour)
    font = ImageFont.load_default(unit * 0.8)
    middle = (x + 1.3 * unit, y + 0.6 * unit)
    pen.text(middle, f"-{rng.integers(1, 8)}0%", fill=WHITE, font=font, anchor="mm")


def _caption(photo: Image.Image, rng: np.random.Generator) -> None:
    pen, unit = ImageDraw.Draw(photo), min(photo.size) / 24
    y = photo.height - unit * 3.4 if rng.random() < 0.5 else unit * 0.8
    for line in range(int(rng.integers(1, 3))):
        length = rng.uniform(0.3, 0.8) * photo.width
        top = y + 1.4 * line * unit
        pen.rounded_rectangle(
            (unit, top, unit + length, top + unit * 0.8), unit / 3, fill=(120, 122, 128)
        )


def _border(photo: Image.Image, rng: np.random.Generator) -> None:
    colour = PALETTE[str(rng.choice(list(PALETTE)))]
    ImageDraw.Draw(photo).rectangle(
        (0, 0, photo.width - 1, photo.height - 1), outline=colour, width=int(rng.integers(3, 12))
    )


LABELS: tuple[Callable[[Image.Image, np.random.Generator], None], ...] = (
    _price_tag,
    _caption,
    _border,
)


def _developed(photo: Image.Image, *, rng: np.random.Generator) -> Image.Image:
    """Return the photo with uneven light, a colour cast, grain and sometimes a soft focus."""
    pixels = np.asarray(photo, dtype=np.float32)
    if rng.random() < 0.4:
        across = np.linspace(-1, 1, photo.width)[None, :] * rng.uniform(-0.15, 0.15)
        down = np.linspace(-1, 1, photo.height)[:, None] * rng.uniform(-0.15, 0.15)
        pixels = pixels * (1 + across + down)[:, :, None].astype(np.float32)
    if rng.random() < 0.4:
        pixels = pixels * rng.uniform(0.88, 1.08, size=3).astype(np.float32)
    grain = rng.normal(0, rng.choice([0.5, 2, 5]), size=(*pixels.shape[:2], 1))
    pixels = np.clip(pixels + grain, 0, 255)
    developed = Image.fromarray(pixels.astype(np.uint8))
    if rng.random() < 0.15:
        developed = developed.filter(ImageFilter.GaussianBlur(rng.uniform(0.6, 1.3)))
    return developed
