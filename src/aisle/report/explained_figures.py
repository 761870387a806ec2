"""Draws where on photos answers come from: product by product, and by category."""

from collections import Counter
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes

from aisle.report.drawing import CannotDraw, new_figure, save
from aisle.report.drawings import Drawing
from aisle.report.evidence import Evidence
from aisle.report.explained import Explanation
from aisle.report.overlays import overlaid
from aisle.report.wording import counted, listed, local, say, shortened

MAX_EACH = 4
"""Right and wrong answers that are drawn of each competitor."""

MAX_CATEGORIES = 8


def looked(evidence: Evidence, path: Path) -> Drawing:
    """Draw photos with what each part of them was worth, right and wrong answers in turns."""
    shown = _with_maps(evidence)
    rows = [(one, right) for one in shown for right in (True, False)]
    picked = {
        (one.name, right): [at for at, told in enumerate(one.products) if told.right == right][
            :MAX_EACH
        ]
        for one, right in rows
    }
    rows = [(one, right) for one, right in rows if picked[one.name, right]]
    figure = new_figure(height=1.45 * len(rows), between=0.19)  # for two lines above the photos
    grid = figure.subplots(len(rows), 2 * MAX_EACH, squeeze=False)
    for axes in grid.flat:
        axes.set_axis_off()
    for line, (one, right) in zip(grid, rows, strict=True):
        word = say("right") if right else say("wrong")
        said = say("{name}: {what}", name=shortened(one.name, length=60), what=word)
        _above(line[0], said, points=14, weight="bold")
        for place, at in enumerate(picked[one.name, right]):
            told = one.products[at]
            line[2 * place].imshow(one.photos[at])
            line[2 * place + 1].imshow(overlaid(one.photos[at], worth=one.maps[at]))
            said = f"{shortened(told.predicted, length=24)} {local(f'{told.probability:.2f}')}"
            _above(line[2 * place], said, points=3, weight="normal")
    save(figure, path)
    names = listed([one.name for one in shown])
    return Drawing(
        path.name,
        say(
            "Test photos with what each part of them was worth to {names}, right and wrong "
            "answers.",
            names=names,
        ),
        say(
            "Above each photo: the answer and its probability. Right of it: red where covering the "
            "photo lowers that probability, blue where it raises it; each photo by a scale of its "
            "own."
        ),
    )


def _above(axes: Axes, text: str, *, points: float, weight: str) -> None:
    """Write a line over a photo and beyond it, for which the layout makes no room of its own."""
    axes.annotate(
        text,
        (0, 1),
        xycoords="axes fraction",
        xytext=(0, points),
        textcoords="offset points",
        fontsize=7,
        fontweight=weight,
    ).set_in_layout(False)


def attention(evidence: Evidence, path: Path) -> Drawing:
    """Draw the mean worth of each part of a photo, by category."""
    shown = _with_maps(evidence)
    if all(max(Counter(told.actual for told in one.products).values()) == 1 for one in shown):
        raise CannotDraw(
            say("one product of a category has no mean (`explain.per_category` in params.yaml)")
        )
    names = evidence.categories[:MAX_CATEGORIES]
    figure = new_figure(height=0.3 + 1.15 * len(shown))
    grid = figure.subplots(len(shown), len(names), squeeze=False)
    counts = []
    for line, one in zip(grid, shown, strict=True):
        for axes, name in zip(line, names, strict=True):
            axes.set_xticks([])
            axes.set_yticks([])
            axes.spines[:].set_visible(False)
            at = [place for place, told in enumerate(one.products) if told.actual == name]
            counts.append(len(at))
            if at:
                mean = one.maps[at].mean(axis=0)
                top = max(float(np.abs(mean).max()), 1e-9)
                axes.imshow(mean, cmap="RdBu_r", vmin=-top, vmax=top)
            axes.set_title(shortened(name, length=14), fontsize=6.5, fontweight="normal")
        line[0].set_ylabel(shortened(one.name, length=16), fontsize=7)
    save(figure, path)
    left = counted(len(evidence.categories) - len(names), "category", plural="categories")
    return Drawing(
        path.name,
        say(
            "Maps of what each part of a photo was worth on average, for {names}.",
            names=listed(list(names)),
        ),
        say(
            "Mean worth of each part of a photo over at most {products} of a category: red speaks "
            "for the answer, blue against it.",
            products=counted(max(counts), "product"),
        )
        + (
            say(" The other {categories} are not drawn.", categories=left)
            if len(evidence.categories) > len(names)
            else ""
        ),
    )


def _with_maps(evidence: Evidence) -> list[Explanation]:
    shown = [one for one in evidence.explained if len(one.maps)]
    if not shown:
        raise CannotDraw(
            say("no competitor that reads photos was asked (`explain` in params.yaml)")
        )
    return shown
