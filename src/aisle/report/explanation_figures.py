"""Draw which parts of photos the answers rely on."""

from pathlib import Path

from matplotlib.axes import Axes

from aisle.report.evidence import Evidence
from aisle.report.explanations import Explanation, ProductAnswer
from aisle.report.figure_style import CannotDraw, new_figure, save
from aisle.report.figure_texts import FigureText
from aisle.report.overlays import overlaid
from aisle.report.translation import gettext
from aisle.report.wording import listed, local, shortened

MAX_EACH = 4
"""Right and wrong answers that are drawn of each competitor."""

LETTERS = 20
"""Most letters of a category, to fit over a photo and its map."""


def occlusion(evidence: Evidence, path: Path) -> FigureText:
    """Draw photos with the effect of covering each part, right and wrong answers in turns."""
    shown = _with_maps(evidence)
    rows = [(one, right) for one in shown for right in (True, False)]
    picked = {
        (one.name, right): [
            at for at, product in enumerate(one.products) if product.right == right
        ][:MAX_EACH]
        for one, right in rows
    }
    rows = [(one, right) for one, right in rows if picked[one.name, right]]
    figure = new_figure(height=1.45 * len(rows), between=0.19)  # for two lines above the photos
    grid = figure.subplots(len(rows), 2 * MAX_EACH, squeeze=False)
    for axes in grid.flat:
        axes.set_axis_off()
    for line, (one, right) in zip(grid, rows, strict=True):
        word = gettext("right") if right else gettext("wrong")
        title = gettext("{name}: {what}", name=shortened(one.name, length=60), what=word)
        _above(line[0], title, points=14, weight="bold")
        for place, at in enumerate(picked[one.name, right]):
            product = one.products[at]
            line[2 * place].imshow(one.photos[at])
            line[2 * place + 1].imshow(overlaid(one.photos[at], worth=one.maps[at]))
            above, below = answered(product)
            _above(line[2 * place], above, points=3, weight="normal")
            _below(line[2 * place], below)
    save(figure, path)
    names = listed([one.name for one in shown])
    return FigureText(
        path.name,
        gettext(
            "Test photos and the parts that mattered to {names}, for right and wrong answers.",
            names=names,
        ),
        gettext(
            "Above each photo: the answer and its probability; below a wrong one, the category. "
            "To the right: red where covering the photo lowers the probability, blue where it "
            "raises it, on a separate scale for each photo."
        ),
    )


def answered(product: ProductAnswer) -> tuple[str, str]:
    """Return the lines above and below a photo: the answer, and what is right if that is not."""
    answer = shortened(product.predicted, length=LETTERS)
    probability = local(f"{product.probability:.2f}")
    if product.right:
        return f"{answer} {probability}", ""
    actual = shortened(product.actual, length=LETTERS)
    return (
        gettext("answered {answer} {probability}", answer=answer, probability=probability),
        gettext("is {actual}", actual=actual),
    )


def _above(axes: Axes, text: str, *, points: float, weight: str) -> None:
    """Write a line above a photo, which may be wider than it; the layout ignores the line."""
    axes.annotate(
        text,
        (0, 1),
        xycoords="axes fraction",
        xytext=(0, points),
        textcoords="offset points",
        fontsize=7,
        fontweight=weight,
    ).set_in_layout(False)


def _below(axes: Axes, text: str) -> None:
    """Write a line under a photo."""
    axes.annotate(
        text,
        (0, 0),
        xycoords="axes fraction",
        xytext=(0, -3),
        textcoords="offset points",
        fontsize=7,
        fontweight="bold",
        va="top",
    ).set_in_layout(False)


def _with_maps(evidence: Evidence) -> list[Explanation]:
    shown = [one for one in evidence.explained if len(one.maps)]
    if not shown:
        raise CannotDraw(
            gettext("no competitor that reads photos was explained (`explain` in params.yaml)")
        )
    return shown
