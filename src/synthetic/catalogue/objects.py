"""Product designs of each category: functions that draw one upright product on a sketch."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from synthetic.catalogue.sketch import (
    INK,
    METAL,
    WHITE,
    WOOD,
    Colour,
    Sketch,
    arc,
    darker,
    lighter,
    mirrored,
    mix,
    smooth,
)

GLOW: Colour = (255, 238, 190)
COFFEE: Colour = (92, 58, 36)


@dataclass(frozen=True)
class Design:
    """One design of a category's products."""

    name: str
    group: str
    """The level of the category tree between the category and the design."""
    draw: Callable[[Sketch], None]
    stands: bool = True
    """Whether it stands on its lowest edge; otherwise it hangs or lies, and may be turned."""
    digits: bool = False
    """Whether it shows digits, so that it must not be mirrored."""


def _table_lamp(s: Sketch) -> None:
    top, bottom = s.rng.uniform(12, 20), s.rng.uniform(26, 32)
    height = s.rng.uniform(40, 50)
    if s.rng.random() < 0.5:
        bulge = s.rng.uniform(8, 17)
        body = mirrored([(53, height), (53, 56), (50 + bulge, 72), (54, 88)])
        s.polygon(smooth(body), s.second, shading=0.35)
    else:
        s.box(48, height, 52, 90, METAL, radius=1, shading=0.5)
    s.ellipse((50, 92), (17, 4), darker(s.second, 0.2), shading=0.35)
    s.polygon(
        [(50 - top, 6), (50 + top, 6), (50 + bottom, height), (50 - bottom, height)],
        s.main,
        shading=0.2,
        pattern=True,
    )
    s.ellipse((50, height), (bottom, 2.6), GLOW, shading=0.05)


def _desk_lamp(s: Sketch) -> None:
    elbow, head = (s.rng.uniform(18, 28), s.rng.uniform(42, 54)), (50, s.rng.uniform(16, 24))
    s.ellipse((38, 92), (20, 4.5), darker(s.main), shading=0.35)
    s.line([(38, 90), elbow], METAL, 3)
    s.line([elbow, head], METAL, 3)
    s.ellipse(elbow, (3.2, 3.2), INK)
    x, y = head
    bell = [(x - 4, y - 6), (x + 8, y - 12), (x + 36, y + 6), (x + 8, y + 30), (x - 6, y + 4)]
    s.polygon(smooth(bell), s.main, shading=0.35)
    s.line([(x + 35, y + 7), (x + 9, y + 29)], GLOW, 4)
    s.ellipse((x + 1, y - 1), (3.5, 3.5), s.second)


def _floor_lamp(s: Sketch) -> None:
    s.box(49, 24, 51, 94, INK, radius=0.5)
    if s.rng.random() < 0.5:
        for foot in (34, 66):
            s.line([(50, 56), (foot, 96)], WOOD, 2)
    else:
        s.ellipse((50, 95), (13, 2.6), INK)
    top, bottom = s.rng.uniform(9, 15), s.rng.uniform(15, 19)
    s.polygon(
        [(50 - top, 2), (50 + top, 2), (50 + bottom, 28), (50 - bottom, 28)], s.main, pattern=True
    )
    s.ellipse((50, 28), (bottom, 1.8), GLOW, shading=0.05)


def _pendant_lamp(s: Sketch) -> None:
    width, rim = s.rng.uniform(26, 40), 84
    s.line([(50, 0), (50, 40)], INK, 1.2)
    s.box(46, 34, 54, 44, METAL, radius=1, shading=0.5)
    s.ellipse((50, rim), (7, 9), GLOW, shading=0.1)
    if s.rng.random() < 0.5:
        s.polygon(arc((50, rim), (width, rim - 42), 180, 360), s.main, shading=0.35)
    else:
        s.polygon([(45, 43), (55, 43), (50 + width, rim), (50 - width, rim)], s.main, shading=0.35)
    s.line([(50 - width + 1, rim), (50 + width - 1, rim)], s.second, 3)


def _mushroom_lamp(s: Sketch) -> None:
    stem = s.rng.uniform(5, 12)
    s.polygon(smooth(mirrored([(50 + stem, 46), (52 + stem, 80), (66, 92)])), s.second, shading=0.4)
    s.polygon(arc((50, 50), (s.rng.uniform(30, 38), 38), 180, 360), s.main, shading=0.35)
    s.ellipse((50, 50), (30, 4), GLOW, shading=0.05)
    s.ellipse((38, 28), (6, 4), lighter(s.main, 0.6), shading=0)


def _handle(s: Sketch, right: float, top: float, bottom: float, width: float) -> None:
    middle = (top + bottom) / 2
    loop = [(right - 4, top), (right + width, top + 2), (right + width + 2, middle)]
    loop += [(right + width - 3, bottom - 2), (right - 5, bottom)]
    s.curve(loop, darker(s.main, 0.12), 5.5, shading=0.2)


def _opening(s: Sketch, x: float, y: float, rx: float, ry: float) -> None:
    s.ellipse((x, y), (rx, ry), lighter(s.main, 0.35), shading=0.1)
    s.ellipse((x, y + 0.6), (rx - 2.5, ry - 1.8), darker(s.main, 0.25), shading=0.2)


def _mug(s: Sketch) -> None:
    foot, top = s.rng.uniform(17, 25), s.rng.uniform(14, 28)
    _handle(s, 66, top + 14, 78, s.rng.uniform(13, 19))
    body = [
        (18, top),
        (68, top),
        (43 + foot, 84),
        (40 + foot, 88),
        (46 - foot, 88),
        (43 - foot, 84),
    ]
    s.polygon(body, s.main, shading=0.32, pattern=True)
    _opening(s, 43, top, 25, 6.5)
    s.ellipse((43, top + 1.6), (21, 4), COFFEE, shading=0.1)
    if s.rng.random() < 0.3:
        for x in (36, 46):
            s.curve([(x, top - 4), (x + 3, top - 8), (x - 1, top - 12)], (222, 222, 226), 1)


def _tea_cup(s: Sketch) -> None:
    s.ellipse((46, 84), (42, 8), lighter(s.second, 0.2), shading=0.25)
    s.ellipse((46, 83), (30, 5), darker(s.second, 0.1), shading=0.2)
    _handle(s, 72, 46, 66, 12)
    bowl = [(16, 38), (76, 38), (73, 60), (60, 80), (32, 80), (19, 60)]
    s.polygon([*bowl[:2], *smooth(bowl[1:], closed=False), bowl[0]], s.main, pattern=True)
    _opening(s, 46, 38, 30, 6.5)
    s.ellipse((46, 39), (26, 4), mix(COFFEE, s.second, 0.3), shading=0.1)


def _enamel_mug(s: Sketch) -> None:
    top = s.rng.uniform(24, 34)
    _handle(s, 72, top + 10, 74, 14)
    s.box(16, top, 74, 86, s.main, radius=5, shading=0.35)
    s.box(16, top + 8, 74, 76, s.main, radius=0, shading=0.35, pattern=True)
    s.line([(17, top), (73, top)], s.second, 3.5)
    s.line([(20, 86), (70, 86)], s.second, 2)


def _travel_mug(s: Sketch) -> None:
    s.polygon([(32, 18), (68, 18), (62, 95), (38, 95)], s.main, shading=0.35, pattern=True)
    s.polygon([(34, 44), (66, 44), (64, 68), (36, 68)], s.second, shading=0.3)
    s.box(29, 12, 71, 20, INK, radius=2, shading=0.4)
    s.box(34, 6, 66, 13, INK, radius=2, shading=0.4)
    if s.rng.random() < 0.4:
        _handle(s, 66, 34, 70, 14)


def _mug_from_above(s: Sketch) -> None:
    s.box(74, 44, 98, 55, darker(s.main, 0.1), radius=4)
    s.ellipse((48, 50), (36, 36), s.main, shading=0.2)
    s.ellipse((48, 50), (31, 31), darker(s.main, 0.35), shading=0.2)
    s.ellipse((49, 51), (28, 28), COFFEE, shading=0.25)
    for turn in range(int(s.rng.integers(0, 3))):
        s.curve(arc((48, 50), (18 - 7 * turn, 14 - 6 * turn), 20, 300), (206, 170, 128), 4)


def _backpack(s: Sketch) -> None:
    s.curve([(42, 14), (44, 4), (56, 4), (58, 14)], darker(s.main), 3)
    for side in (-1, 1):
        edge = 50 + side * 30
        s.curve([(edge, 34), (edge + side * 8, 60), (edge - side, 84)], darker(s.main, 0.4), 4)
    body = mirrored([(56, 8), (72, 16), (80, 50), (80, 86), (70, 95)])
    s.polygon(smooth(body), s.main, shading=0.3, pattern=True)
    s.curve(arc((50, 44), (24, 26), 190, 350), darker(s.main, 0.5), 1.4)
    s.box(26, 54, 74, 88, s.second, radius=6, shading=0.25)
    s.line([(30, 62), (70, 62)], darker(s.second, 0.5), 1.4)
    s.box(60, 61, 63, 68, METAL, radius=1)


def _tote(s: Sketch) -> None:
    drop = s.rng.uniform(6, 16)
    for shift, colour in ((4, darker(s.second, 0.4)), (0, s.second)):
        s.curve([(34, 46), (35, drop + shift), (65, drop + shift), (66, 46)], colour, 3.6)
    flare = s.rng.uniform(-4, 8)
    outline = [(18, 38), (82, 38), (82 + flare, 94), (18 - flare, 94)]
    s.polygon(outline, s.main, shading=0.22, pattern=True)
    s.line([(18, 39.5), (82, 39.5)], darker(s.main, 0.25), 2.4)


def _handbag(s: Sketch) -> None:
    s.curve(arc((50, 44), (s.rng.uniform(17, 24), s.rng.uniform(26, 36)), 180, 360), s.second, 4)
    body = smooth(mirrored([(68, 38), (82, 44), (90, 80), (86, 90), (70, 92)]))
    s.polygon(body, s.main, shading=0.32, pattern=True)
    flap = [(24, 40), (76, 40), (80, 58), (50, 68), (20, 58)]
    s.polygon(smooth(flap), darker(s.main, 0.22), shading=0.25)
    s.box(46, 60, 54, 72, (214, 180, 96), radius=2, shading=0.4)


def _suitcase(s: Sketch) -> None:
    for x in (40, 60):
        s.line([(x, 4), (x, 30)], METAL, 1.8)
    s.line([(39, 4), (61, 4)], INK, 3.4)
    for x in (31, 69):
        s.ellipse((x, 95), (4, 4), INK)
    s.box(22, 22, 78, 93, s.main, radius=7, shading=0.3)
    for x in np.linspace(30, 70, int(s.rng.integers(4, 7))):
        s.line([(float(x), 28), (float(x), 87)], darker(s.main, 0.3), 1.6)
    s.box(22, 54, 78, 58, s.second, radius=0.5)
    s.box(43, 20, 57, 24, INK, radius=1.5)


def _messenger(s: Sketch) -> None:
    s.curve([(14, 56), (20, 20), (50, 5), (80, 20), (86, 56)], darker(s.second, 0.2), 4)
    s.box(10, 44, 90, 92, darker(s.main, 0.2), radius=6, shading=0.25)
    s.box(10, 42, 90, 74, s.main, radius=6, shading=0.3, pattern=True)
    for x in (28, 72):
        s.box(x - 3, 62, x + 3, 86, s.second, radius=1)
        s.box(x - 4, 76, x + 4, 82, METAL, radius=1, shading=0.4)


def _sole(s: Sketch, colour: Colour, top: float, bottom: float) -> None:
    s.box(5, top, 96, bottom, colour, radius=(bottom - top) * 0.45, shading=0.15)


def _sneaker(s: Sketch) -> None:
    heel, tongue = s.rng.uniform(34, 42), s.rng.uniform(26, 36)
    upper = [(8, 74), (7, heel), (16, heel - 3), (28, heel + 8), (40, tongue), (47, tongue + 3)]
    upper += [(60, 54), (82, 62), (94, 72), (93, 78), (50, 78)]
    s.polygon(smooth(upper), s.main, shading=0.25)
    s.curve([(24, 72), (40, 66), (58, 56)], s.second, s.rng.uniform(4, 8))
    s.polygon(smooth([(76, 62), (92, 69), (94, 77), (74, 77)]), s.second, shading=0.2)
    for i in range(4):
        x, y = 43 + 5.4 * i, tongue + 6 + 6 * i
        s.line([(x - 4, y + 4), (x + 3, y - 1)], WHITE, 1.8)
    _sole(s, WHITE if s.rng.random() < 0.6 else darker(s.second, 0.3), 75, 86)


def _boot(s: Sketch) -> None:
    top = s.rng.uniform(4, 22)
    upper = [(16, top), (50, top), (50, 44), (56, 58), (78, 66), (88, 76), (88, 84), (14, 84)]
    s.polygon([upper[0], *smooth(upper[1:], closed=False)], s.main, shading=0.35)
    s.box(15, top, 51, top + 7, s.second, radius=2)
    if s.rng.random() < 0.6:
        for y in range(int(top) + 14, 60, 8):
            s.line([(42, y), (53 + max(0, y - 48) / 3, y + 3)], lighter(s.second), 1.6)
    s.box(12, 82, 89, 87, INK, radius=2)
    s.box(12, 84, 34, 95, INK, radius=1)


def _high_heel(s: Sketch) -> None:
    back = s.rng.uniform(30, 40)
    s.polygon([(8, back + 12), (17, back + 18), (13, 94), (9, 94)], darker(s.main, 0.25))
    upper = [(7, back + 6), (11, back - 4), (22, back + 13), (46, 72), (62, 76), (76, 77), (94, 88)]
    upper += [(92, 93), (66, 93), (46, 86), (26, back + 28), (9, back + 19)]
    s.polygon(smooth(upper), s.main, shading=0.3)
    s.curve([(9, back + 20), (26, back + 29), (46, 87), (66, 94), (92, 94)], darker(s.second), 2)
    if s.rng.random() < 0.5:
        s.curve([(10, back), (22, back - 8), (32, back + 22)], s.second, 2.4)


def _sandals(s: Sketch) -> None:
    for x in (29, 71):
        sole = [(x - 13, 12), (x, 5), (x + 13, 12), (x + 15, 34), (x + 11, 60), (x + 12, 84)]
        sole += [(x, 94), (x - 12, 84), (x - 11, 60), (x - 15, 34)]
        s.polygon(smooth(sole), s.second, shading=0.2, pattern=False)
        for side in (-14, 14):
            s.curve([(x, 20), (x + side * 0.8, 34), (x + side, 50)], s.main, 5)


def _loafer(s: Sketch) -> None:
    heel = s.rng.uniform(42, 50)
    upper = [(8, 78), (6, heel + 10), (10, heel), (26, heel + 9), (42, heel + 8), (54, heel + 2)]
    s.polygon(smooth([*upper, (74, 60), (92, 68), (94, 78)]), s.main, shading=0.32)
    s.curve([(12, heel + 2), (26, heel + 11), (42, heel + 11), (52, heel + 6)], darker(s.main), 2)
    s.polygon([(50, heel + 6), (60, heel + 8), (70, 77), (57, 77)], s.second, shading=0.2)
    s.box(6, 80, 30, 90, darker(s.main, 0.65), radius=1)
    _sole(s, darker(s.main, 0.6), 77, 84)


def _dial(s: Sketch, x: float, y: float, radius: float) -> None:
    face = WHITE if s.rng.random() < 0.6 else lighter(s.second, 0.5)
    s.ellipse((x, y), (radius, radius), face, shading=0.06)
    numerals = s.rng.random() < 0.6
    hours = arc((x, y), (radius * 0.8, radius * 0.8), -60, 270, steps=12)
    for number, place in enumerate(hours, start=1):
        if numerals and radius > 20:
            s.text(str(number), place, radius * 0.24, INK)
        else:
            thick = radius * (0.07 if number % 3 == 0 else 0.035)
            s.ellipse(place, (thick, thick), INK, shading=0)
    hour, minute = int(s.rng.integers(12)), int(s.rng.integers(60))
    for turn, length, width in ((hour * 30 + minute / 2, 0.45, 0.09), (minute * 6, 0.7, 0.06)):
        reach = radius * length
        tip = arc((x, y), (reach, reach), turn - 90, turn - 90, steps=1)[0]
        s.line([(x, y), tip], INK, radius * width)
    s.ellipse((x, y), (radius * 0.07, radius * 0.07), s.main)


def _wall_clock(s: Sketch) -> None:
    rim = s.rng.uniform(4, 11)
    s.ellipse((50, 50), (46, 46), s.main, shading=0.3)
    s.ellipse((50, 50), (47 - rim, 47 - rim), darker(s.main, 0.35), shading=0.2)
    _dial(s, 50, 50, 46 - rim)


def _alarm_clock(s: Sketch) -> None:
    for side in (-1, 1):
        s.line([(50 + side * 20, 80), (50 + side * 28, 95)], s.second, 5)
        s.ellipse((50 + side * 20, 18), (15, 11), s.second, shading=0.4)
    s.curve(arc((50, 16), (11, 10), 180, 360), INK, 2)
    s.ellipse((50, 55), (38, 38), s.main, shading=0.35)
    _dial(s, 50, 55, s.rng.uniform(28, 33))


def _square_clock(s: Sketch) -> None:
    s.box(8, 8, 92, 92, s.main, radius=s.rng.uniform(2, 22), shading=0.3, pattern=True)
    _dial(s, 50, 50, s.rng.uniform(30, 36))


def _pendulum_clock(s: Sketch) -> None:
    s.polygon([(50, 2), (78, 18), (22, 18)], darker(s.main, 0.2))
    s.box(26, 17, 74, 94, s.main, radius=1, shading=0.3)
    s.box(34, 56, 66, 90, mix(s.main, INK, 0.7), radius=1)
    swing = 50 + s.rng.uniform(-8, 8)
    s.line([(50, 57), (swing, 80)], (214, 180, 96), 1.4)
    s.ellipse((swing, 80), (5.5, 5.5), (214, 180, 96), shading=0.5)
    _dial(s, 50, 37, 19)


def _digital_clock(s: Sketch) -> None:
    s.box(14, 72, 86, 78, INK, radius=1)
    s.box(4, 30, 96, 76, s.main, radius=s.rng.uniform(3, 14), shading=0.25)
    s.box(11, 37, 89, 69, INK, radius=4, shading=0.1)
    time = f"{s.rng.integers(10, 24)}:{s.rng.integers(10, 60)}"
    s.text(time, (50, 52), 27, lighter(s.second, 0.45))


def _pot(s: Sketch, top: float, half: float, *, bottom: float = 95) -> None:
    foot = half * s.rng.uniform(0.6, 0.95)
    outline = [(50 - half, top), (50 + half, top), (50 + foot, bottom), (50 - foot, bottom)]
    s.polygon(outline, s.main, shading=0.32, pattern=True)
    s.ellipse((50, top), (half, half * 0.16), lighter(s.main, 0.25), shading=0.1)
    s.ellipse((50, top + 0.5), (half * 0.88, half * 0.11), (74, 56, 44), shading=0.1)
    if s.rng.random() < 0.4:
        s.box(48 - half, top, 52 + half, top + 7, s.main, radius=1.5, shading=0.32)


def _leaf_colour(s: Sketch) -> Colour:
    # Not all plants are green, or the colour would give the category away.
    hues: list[Colour] = [
        (66, 132, 70),
        (104, 140, 70),
        (60, 112, 92),
        (140, 62, 84),
        (170, 160, 84),
    ]
    return mix(hues[int(s.rng.integers(len(hues)))], s.second, s.rng.uniform(0, 0.3))


def _leaf(
    s: Sketch, base: tuple[float, float], tip: tuple[float, float], width: float, colour: Colour
) -> None:
    start, end = np.array(base), np.array(tip)
    across = np.array([start[1] - end[1], end[0] - start[0]])
    across = across / (np.hypot(*across) + 1e-9) * width
    middle = start + (end - start) * 0.55
    outline = [tuple(p) for p in (start, middle + across, end, middle - across)]
    s.polygon(smooth(outline), colour, shading=0.3)
    s.line([base, tip], darker(colour, 0.25), 0.9)


def _leafy_plant(s: Sketch) -> None:
    colour, top = _leaf_colour(s), s.rng.uniform(62, 70)
    for angle in np.linspace(-75, 75, int(s.rng.integers(6, 10))) + s.rng.normal(0, 6):
        length = s.rng.uniform(38, 56)
        reach = arc((50, top), (length * 0.85, length), angle - 90, angle - 90, steps=1)[0]
        s.line([(50, top), reach], darker(colour), 1.4)
        half_way = (50 + (reach[0] - 50) * 0.4, top + (reach[1] - top) * 0.4)
        _leaf(s, half_way, reach, s.rng.uniform(8, 12), lighter(colour, s.rng.uniform(0, 0.25)))
    _pot(s, top, s.rng.uniform(18, 25))


def _cactus(s: Sketch) -> None:
    colour, top = _leaf_colour(s), s.rng.uniform(64, 72)
    for side, low, high in ((-1, 48, 26), (1, 42, 18)):
        reach = 50 + side * s.rng.uniform(20, 24)
        if s.rng.random() < 0.8:
            s.line([(50, low), (reach, low - 2), (reach, high)], colour, 9)
    s.box(40, s.rng.uniform(4, 16), 60, top + 2, colour, radius=10, shading=0.3)
    for x in (45, 50, 55):
        for y in range(20, 62, 6):
            s.line([(x - 0.8, y), (x + 0.8, y - 1.6)], WHITE, 0.6)
    _pot(s, top, s.rng.uniform(18, 26))


def _snake_plant(s: Sketch) -> None:
    colour, top = _leaf_colour(s), s.rng.uniform(62, 72)
    for _ in range(int(s.rng.integers(6, 10))):
        foot = 50 + s.rng.uniform(-10, 10)
        tip = (foot + (foot - 50) * s.rng.uniform(0.6, 1.6), s.rng.uniform(3, 28))
        _leaf(s, (foot, top + 2), tip, s.rng.uniform(4, 6), lighter(colour, s.rng.uniform(0, 0.3)))
    _pot(s, top, s.rng.uniform(20, 28))


def _flower(s: Sketch) -> None:
    leaf, top = _leaf_colour(s), s.rng.uniform(66, 74)
    for x in s.rng.permutation(np.array([30, 50, 70]))[: int(s.rng.integers(1, 4))]:
        head = (float(x) + s.rng.uniform(-4, 4), s.rng.uniform(14, 32))
        s.curve([(50, top), (50 + (head[0] - 50) * 0.6, 52), head], darker(leaf, 0.1), 2)
        radius = s.rng.uniform(7, 10)
        for petal in arc(head, (radius, radius), 0, 315, steps=8):
            s.ellipse(petal, (radius * 0.55, radius * 0.55), s.second, shading=0.2)
        s.ellipse(head, (radius * 0.6, radius * 0.6), (228, 186, 70), shading=0.2)
    for side in (-1, 1):
        _leaf(s, (50, top), (50 + side * s.rng.uniform(18, 28), top - 20), 6, leaf)
    _pot(s, top, s.rng.uniform(16, 24))


def _hanging_plant(s: Sketch) -> None:
    colour = _leaf_colour(s)
    for x in (32, 68):
        s.line([(50, 0), (x, 40)], WOOD, 1.2)
    _pot(s, 38, 21, bottom=64)
    for x in np.linspace(28, 72, 6):
        drop = s.rng.uniform(58, 96)
        end = float(x) + (float(x) - 50) * 0.35
        s.curve([(float(x), 38), (end, 46), (end, drop)], darker(colour), 1.2)
        for y in np.arange(44, drop, 7):
            side = s.rng.choice([-6, 6])
            _leaf(s, (end, float(y)), (end + side, float(y) + 6), 3, colour)


def _ear_cup(s: Sketch, x: float, y: float, side: int) -> None:
    s.box(x - 6, y - 16, x + 6, y + 16, INK, radius=6, shading=0.3)
    s.box(x + 3 * side - 7, y - 15, x + 3 * side + 7, y + 15, s.main, radius=7, shading=0.35)


def _over_ear(s: Sketch) -> None:
    width, top = s.rng.uniform(28, 38), s.rng.uniform(6, 14)
    band = arc((50, 58), (width, 58 - top), 180, 360)
    s.line(band, s.main, s.rng.uniform(5, 8))
    s.line(arc((50, 58), (width, 58 - top), 225, 315), s.second, 4)
    for side in (-1, 1):
        _ear_cup(s, 50 + side * (width - 3), 70, side)


def _headset(s: Sketch) -> None:
    _over_ear(s)
    s.curve([(20, 80), (28, 94), (48, 93)], INK, 2.4)
    s.ellipse((50, 93), (6, 3.6), s.second)


def _side_headphones(s: Sketch) -> None:
    top = s.rng.uniform(4, 14)
    band = [(38, 56), (38, 34), (50, top + 2), (66, top), (78, 22), (82, 56)]
    s.curve([(x + 2, y + 3) for x, y in band], darker(s.main, 0.5), 6)
    s.curve(band, s.main, 6, shading=0.3)
    s.ellipse((82, 64), (9, 18), darker(s.main, 0.45), shading=0.3)
    s.ellipse((39, 66), (21, 26), INK, shading=0.3)
    s.ellipse((35, 66), (19, 24), s.main, shading=0.35)
    s.ellipse((34, 66), (9, 12), s.second, shading=0.3)


def _earbuds(s: Sketch) -> None:
    s.box(14, 58, 86, 94, s.main, radius=14, shading=0.25)
    s.line([(16, 70), (84, 70)], darker(s.main, 0.35), 1)
    s.ellipse((50, 80), (2, 2), s.second)
    for side in (-1, 1):
        x = 50 + side * 19
        s.box(x - 4, 16, x + 4, 56, s.main, radius=4, shading=0.3)
        s.ellipse((x - side * 3, 18), (11, 11), s.main, shading=0.35)
        s.ellipse((x - side * 12, 20), (5, 7), s.second, shading=0.3)


def _wired_earphones(s: Sketch) -> None:
    bend = s.rng.uniform(14, 30)
    s.curve([(50, 56), (50 + bend, 70), (44, 84), (60, 92), (84, 90)], INK, 2)
    s.line([(84, 90), (95, 90)], METAL, 3.4)
    for side in (-1, 1):
        x = 50 + side * 26
        s.curve([(x, 26), (x - side * 2, 42), (50, 56)], INK, 2)
        s.box(x - 4, 16, x + 4, 34, s.main, radius=4, shading=0.3)
        s.ellipse((x - side * 4, 16), (10, 10), s.main, shading=0.35)
        s.ellipse((x - side * 13, 15), (5, 7), s.second, shading=0.3)


DESIGNS: Mapping[str, tuple[Design, ...]] = {
    "Lamps": (
        Design("Table Lamp", "Table & Desk Lamps", _table_lamp),
        Design("Desk Lamp", "Table & Desk Lamps", _desk_lamp),
        Design("Floor Lamp", "Floor & Ceiling Lamps", _floor_lamp),
        Design("Pendant Lamp", "Floor & Ceiling Lamps", _pendant_lamp, stands=False),
        Design("Bedside Lamp", "Table & Desk Lamps", _mushroom_lamp),
    ),
    "Mugs": (
        Design("Coffee Mug", "Kitchen Mugs", _mug),
        Design("Tea Cup", "Kitchen Mugs", _tea_cup),
        Design("Enamel Mug", "Outdoor Mugs", _enamel_mug),
        Design("Travel Mug", "Outdoor Mugs", _travel_mug),
        Design("Cappuccino Cup", "Kitchen Mugs", _mug_from_above, stands=False),
    ),
    "Bags": (
        Design("Backpack", "Travel Bags", _backpack),
        Design("Tote Bag", "City Bags", _tote, stands=False),
        Design("Handbag", "City Bags", _handbag),
        Design("Suitcase", "Travel Bags", _suitcase),
        Design("Messenger Bag", "City Bags", _messenger, stands=False),
    ),
    "Shoes": (
        Design("Sneaker", "City Shoes", _sneaker),
        Design("Boot", "Outdoor Shoes", _boot),
        Design("High Heel", "City Shoes", _high_heel),
        Design("Sandal", "Outdoor Shoes", _sandals, stands=False),
        Design("Loafer", "City Shoes", _loafer),
    ),
    "Clocks": (
        Design("Wall Clock", "Hanging Clocks", _wall_clock, stands=False, digits=True),
        Design("Alarm Clock", "Standing Clocks", _alarm_clock, digits=True),
        Design("Square Clock", "Hanging Clocks", _square_clock, stands=False, digits=True),
        Design("Pendulum Clock", "Hanging Clocks", _pendulum_clock, stands=False, digits=True),
        Design("Digital Clock", "Standing Clocks", _digital_clock, digits=True),
    ),
    "Plants": (
        Design("Leafy Plant", "Leaves & Flowers", _leafy_plant),
        Design("Cactus", "Easy-Care Plants", _cactus),
        Design("Snake Plant", "Easy-Care Plants", _snake_plant),
        Design("Flowering Plant", "Leaves & Flowers", _flower),
        Design("Hanging Plant", "Leaves & Flowers", _hanging_plant, stands=False),
    ),
    "Headphones": (
        Design("Over-Ear Headphone", "Headband Models", _over_ear, stands=False),
        Design("Gaming Headset", "Headband Models", _headset, stands=False),
        Design("Studio Headphone", "Headband Models", _side_headphones, stands=False),
        Design("Wireless Earbud", "In-Ear Models", _earbuds, stands=False),
        Design("Wired Earphone", "In-Ear Models", _wired_earphones, stands=False),
    ),
}
"""Category → its designs; the products of a category take them in turn."""
