"""Draw the figures that show photos: examples, categories mixed up, labels to look at."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from aisle import paths
from aisle.report.evidence import Evidence
from aisle.report.figure_style import FAINT, INK, CannotDraw, canvas, save_photos, thumbnail
from aisle.report.figure_texts import FigureText
from aisle.report.translation import gettext, ngettext
from aisle.report.wording import counted, percent, shortened
from aisle.standings.competitors import Competitor
from aisle.statistics.mistakes import AGREED

MAX_EXAMPLE_ROWS = 12
MAX_PAIRS, PER_PAIR = 3, 5
MAX_SUSPECTS, PER_ROW = 10, 5
GAP = 8  # pixels between photos
LINE = 15  # pixels from one line of text to the next
CHARACTER = 7  # pixels that a letter of the font takes at most, on average


@dataclass(frozen=True)
class Row:
    """A row of photos with its title, one or several lines, on the left.

    `about` is a fainter line below the title; `notes`, one for each photo, stand below the photos.
    """

    title: Sequence[str]
    photos: Sequence[Path]
    about: Sequence[str] = ()
    notes: Sequence[str] = ()


def examples(evidence: Evidence, path: Path) -> FigureText:
    """Draw a grid of thumbnails, one row per category, small enough for MAX_BYTES."""
    per_row = evidence.settings.report.examples
    if per_row == 0:
        raise CannotDraw(gettext("`report.examples` in params.yaml is 0"))
    counts = evidence.products["category"].value_counts()
    names = evidence.categories
    if len(names) > MAX_EXAMPLE_ROWS:
        names = sorted(counts.sort_values(ascending=False, kind="stable").index[:MAX_EXAMPLE_ROWS])
    rows = [
        Row(
            title=[shortened(name, length=26)],
            photos=_spread(evidence.products, category=name, number=per_row),
        )
        for name in names
    ]
    save_photos(lambda side: _rows(rows, per_row=per_row, side=side), path)
    return FigureText(
        path.name,
        gettext(
            "Example photos, up to {photos} of each category, one row per category.",
            photos=counted(per_row, "photo", "photos"),
        ),
        gettext("Example photos of each category, spread evenly over the catalogue.")
        if len(names) == len(counts)
        else gettext(
            "Example photos of the {number} largest categories, spread evenly over the catalogue.",
            number=len(names),
        ),
    )


def mixed_up(evidence: Evidence, path: Path) -> FigureText:
    """Draw the products of the categories most often mixed up."""
    pairs = evidence.comparison["mixed_up"][:MAX_PAIRS]
    if not pairs:
        raise CannotDraw(gettext("no candidate mixed up two categories"))
    learners = [c for c in evidence.standings.candidates if c.kind != "control"]
    rows = [confused_row(evidence, pair, learners=learners) for pair in pairs]
    widest = max(len(row.photos) for row in rows)
    save_photos(lambda side: _rows(rows, per_row=widest, side=side), path)
    summary = gettext("; ").join(
        gettext(
            "{actual} taken for {predicted}", actual=pair["actual"], predicted=pair["predicted"]
        )
        for pair in pairs
    )
    return FigureText(
        path.name,
        gettext("Products that most candidates mixed up: {pairs}.", pairs=summary),
        ngettext(
            "The pair of categories most often mixed up in the test answers of all candidates "
            "except the controls. Below a photo: how many of these {candidates} made the mistake.",
            "The {n} pairs of categories most often mixed up in the test answers of all "
            "candidates except the controls. Below a photo: how many of these {candidates} made "
            "the mistake.",
            len(pairs),
            n=len(pairs),
            candidates=counted(len(learners), "candidate", "candidates"),
        ),
    )


def confused_row(
    evidence: Evidence, pair: Mapping[str, Any], *, learners: Sequence[Competitor]
) -> Row:
    """Return a row of the products of one category that most of `learners` took for another.

    Of equals the first in the catalogue comes first; a group of duplicates is shown once.
    """
    times: Counter[str] = Counter()
    for candidate in learners:
        table = evidence.predictions[candidate.name]
        taken = (table["actual"] == pair["actual"]) & (table["predicted"] == pair["predicted"])
        times.update(table.loc[taken, "product_id"])
    products = evidence.products[evidence.products["product_id"].isin(list(times))]
    products = products.assign(times=products["product_id"].map(times))
    products = products.sort_values("times", ascending=False, kind="stable")
    products = products.drop_duplicates("group").head(PER_PAIR)
    actual, predicted = (shortened(pair[key], length=26) for key in ("actual", "predicted"))
    answers = counted(pair["times"], "answer", "answers")
    different = counted(pair["products"], "product", "products")
    return Row(
        title=[actual, gettext("taken for {predicted}", predicted=predicted)],
        about=[f"{answers}, {different}"],
        photos=[paths.RAW_IMAGES / image for image in products["image"]],
        notes=[gettext("{n} of {all}", n=n, all=len(learners)) for n in products["times"]],
    )


def suspects(evidence: Evidence, path: Path) -> FigureText:
    """Draw the products whose label most candidates contradict, the most suspect first."""
    found = evidence.suspects
    if found.empty:
        part = percent(AGREED)
        reason = gettext("no label is contradicted by {part} of the candidates or more", part=part)
        raise CannotDraw(reason)
    shown = found.head(MAX_SUSPECTS)
    images = evidence.products.set_index("product_id")["image"]
    photos = [paths.RAW_IMAGES / image for image in images.loc[list(shown["product_id"])]]
    notes = [
        (
            gettext("label: {name}", name=shortened(actual, length=17)),
            gettext("rather: {name}", name=shortened(instead, length=16)),
        )
        for actual, instead in zip(shown["actual"], shown["instead"], strict=True)
    ]
    save_photos(lambda side: _noted(photos, notes, side=side), path)
    cut = gettext(" The first {shown} of {all}.", shown=len(shown), all=len(found))
    return FigureText(
        path.name,
        gettext(
            "{products} with the label, and the category that the candidates find more likely.",
            products=counted(len(shown), "product", "products"),
        ),
        gettext(
            "Test products whose label at least {part} of the candidates contradict, controls "
            "apart, the most suspect first, with the category that they find more likely on "
            "average. The label may still be right: models trained on the same data share "
            "mistakes.",
            part=percent(AGREED),
        )
        + (cut if len(shown) < len(found) else ""),
    )


def _spread(products: pd.DataFrame, *, category: str, number: int) -> list[Path]:
    """Return photos at even distances in the catalogue, one per group of duplicates."""
    rows = products[products["category"] == category].drop_duplicates("group")
    chosen = np.unique(
        np.linspace(0, len(rows) - 1, num=min(number, len(rows))).round().astype(int)
    )
    return [paths.RAW_IMAGES / image for image in rows["image"].iloc[chosen]]


def _rows(rows: Sequence[Row], *, per_row: int, side: int) -> Figure:
    """Return a picture of titles, each followed by its thumbnails, pixel for pixel."""
    lines = [[*row.title, *row.about] for row in rows]
    label = 3 * GAP + CHARACTER * max(len(line) for of_row in lines for line in of_row)
    below = LINE if any(row.notes for row in rows) else 0
    step = max(side + below, LINE * max(map(len, lines))) + GAP
    height, width = len(rows) * step + GAP, label + per_row * (side + GAP)
    figure = canvas(width=width, height=height)

    def write(x: float, y: float, text: str, **style: Any) -> None:
        figure.text(x / width, y / height, text, fontsize=8.5, **style)

    for number, row in enumerate(rows):
        bottom = height - GAP - number * step - side
        first = bottom + side / 2 + LINE * (len(lines[number]) - 1) / 2
        for place, line in enumerate(lines[number]):
            faint = {"color": FAINT} if place >= len(row.title) else {}
            write(GAP, first - LINE * place, line, va="center", **faint)
        for column, file in enumerate(row.photos):
            left = label + column * (side + GAP)
            figure.figimage(thumbnail(file, side=side), left, bottom)
            if row.notes:
                note = row.notes[column]
                write(left + side / 2, bottom - 3, note, ha="center", va="top", color=FAINT)
    return figure


def _noted(photos: Sequence[Path], notes: Sequence[tuple[str, str]], *, side: int) -> Figure:
    """Return a picture of thumbnails, each above its two lines, pixel for pixel."""
    cell = max(side, CHARACTER * 22) + GAP
    step = side + 2 * LINE + 3 * GAP
    columns, rows = min(len(photos), PER_ROW), -(-len(photos) // PER_ROW)
    width, height = columns * cell + GAP, rows * step + GAP
    figure = canvas(width=width, height=height)
    for number, (file, lines) in enumerate(zip(photos, notes, strict=True)):
        row, column = divmod(number, PER_ROW)
        middle, bottom = GAP + column * cell + cell // 2, height - GAP - row * step - side
        figure.figimage(thumbnail(file, side=side), middle - side // 2, bottom)
        for place, (line, colour, weight) in enumerate(
            zip(lines, (FAINT, INK), ("normal", "bold"), strict=True)
        ):
            figure.text(
                middle / width,
                (bottom - GAP / 2 - place * LINE) / height,
                line,
                ha="center",
                va="top",
                fontsize=7.5,
                color=colour,
                fontweight=weight,
            )
    return figure
