"""Draw reports/figures/*.png; what cannot be drawn becomes a sentence with the reason."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from aisle.report.evidence import Evidence, with_learning_curves
from aisle.report.explanation_figures import occlusion
from aisle.report.figure_style import (
    FAINT,
    GRID,
    INK,
    KIND_COLOURS,
    CannotDraw,
    attempt,
    labelled,
    one_axes,
    panel_grid,
    save,
)
from aisle.report.figure_texts import FigureText
from aisle.report.photo_figures import examples, mixed_up, suspects
from aisle.report.score_figures import frontier, per_category
from aisle.report.translation import gettext, ngettext
from aisle.report.verdict_figures import learning, verdicts
from aisle.report.wording import confidence, counted, listed, local, share, shortened
from aisle.standings.competitors import KINDS, Competitor
from aisle.standings.standings import ranked

__all__ = ["CannotDraw", "FigureText", "confusion_counts", "draw_all", "examples"]

TRAIN_COLOUR, VAL_COLOUR = "#b45309", "#1668c7"
MAX_PANELS, MAX_CELLS = 6, 16


def draw_all(evidence: Evidence, folder: Path) -> dict[str, FigureText]:
    """Draw every figure into `folder`, which exists; return them by name."""
    drawers: dict[str, Callable[[Evidence, Path], FigureText]] = {
        "examples": examples,
        "results": results,
        "frontier": frontier,
        "verdicts": verdicts,
        "curves": curves,
        "learning": learning,
        "confusion": confusion,
        "per_category": per_category,
        "mixed_up": mixed_up,
        "suspects": suspects,
        "occlusion": occlusion,
    }
    return {name: attempt(draw, evidence, folder / f"{name}.png") for name, draw in drawers.items()}


def results(evidence: Evidence, path: Path) -> FigureText:
    """Draw the accuracy of the best of each kind, with intervals, the best of each group first."""
    standings = evidence.standings
    shown = standings.leaders
    groups = {
        kind: [c for c in members if c in shown] for kind, members in standings.groups.items()
    }
    lines = len(shown) + 1.1 * len(groups)
    figure, axes = one_axes(height=0.55 + 0.215 * lines)
    if standings.control is not None:
        axes.axvline(standings.control.score.accuracy, color=FAINT, linewidth=0.9, linestyle=":")
    row, rows = 0.0, []
    for kind, members in groups.items():
        _heading(axes, gettext(KINDS[kind]), row=row, colour=KIND_COLOURS[kind])
        row += 1
        for competitor in members:
            leads = competitor is members[0] and len(members) > 1
            _accuracy(axes, competitor, row=row, leads=leads)
            rows.append((row, competitor))
            row += 1
        row += 0.1
    axes.set_yticks([row for row, _ in rows], [labelled(c) for _, c in rows])
    axes.set_ylim(row - 0.4, -0.6)
    axes.set_xlim(0, 1)
    axes.set_xticks(np.linspace(0, 1, 6))
    axes.grid(axis="x", color=GRID)
    axes.set_axisbelow(True)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    sure = confidence(standings.confidence)
    axes.set_xlabel(
        gettext("accuracy on the test products, with its {confidence} % interval", confidence=sure)
    )
    save(figure, path)
    best = ranked(shown)[0]
    caption = [
        gettext(
            "Accuracy on the same test products, with {confidence} % intervals: every competitor.",
            confidence=sure,
        )
        if len(shown) == len(standings.competitors)
        else gettext(
            "Accuracy on the same test products, with {confidence} % intervals: the best of each "
            "kind and, of transfer learning, the best of each method and backbone.",
            confidence=sure,
        ),
        gettext("Dotted line: the best control.") if standings.control else "",
        gettext("Bold: the best of several of a kind.")
        if any(len(members) > 1 for members in groups.values())
        else "",
        gettext("Hollow: random weights.") if any(c.untrained for c in shown) else "",
    ]
    return FigureText(
        path.name,
        gettext(
            "Accuracy and {confidence} % interval of {number} by kind; first: {name} {accuracy}.",
            confidence=sure,
            number=counted(len(shown), "competitor", "competitors"),
            name=best.name,
            accuracy=share(best.score.accuracy),
        ),
        " ".join(part for part in caption if part),
    )


def _heading(axes: Axes, text: str, *, row: float, colour: str) -> None:
    """Write a group's name where its competitors' names stand."""
    axes.annotate(
        text,
        (0, row),
        xycoords=("axes fraction", "data"),
        xytext=(-4, 0),
        textcoords="offset points",
        ha="right",
        va="center_baseline",
        color=colour,
        fontweight="bold",
    )


def _accuracy(axes: Axes, competitor: Competitor, *, row: float, leads: bool) -> None:
    score, colour = competitor.score, KIND_COLOURS[competitor.kind]
    axes.plot(
        [score.accuracy_low, score.accuracy_high],
        [row, row],
        color=colour,
        linewidth=4.5 if leads else 3,
        alpha=0.4,
        solid_capstyle="butt",
    )
    face = "white" if competitor.untrained else colour
    axes.plot(score.accuracy, row, "o", color=colour, markerfacecolor=face, markersize=5.5)
    for x, text in (
        (1.03, share(score.accuracy)),
        (1.12, local(f"{score.correct:,}/{score.products:,}")),
    ):
        axes.text(x, row, text, va="center_baseline", fontweight="bold" if leads else "normal")


def curves(evidence: Evidence, path: Path) -> FigureText:
    """Draw training and validation loss by epoch, the phases one after the other."""
    candidates = with_learning_curves(evidence, evidence.standings.candidates)
    if not candidates:
        raise CannotDraw(gettext("no candidate was trained for more than one epoch"))
    shown = _best_panels(candidates)
    figure, panels = panel_grid(len(shown), columns=min(len(shown), 3), height=2.1)
    for axes, candidate in zip(panels, shown, strict=True):
        history = evidence.histories[candidate.name]
        folds = sorted(history["fold"].unique(), reverse=True)  # fold 0 last: on top
        for fold in folds:
            _curve(axes, history[history["fold"] == fold], faint=fold != 0)
        axes.set_title(labelled(candidate, length=24, separator="\n"), fontsize=8)
        axes.set_ylim(0, axes.get_ylim()[1] * 1.12)  # room for the names of the phases
        axes.grid(axis="y", color=GRID)
        axes.xaxis.set_major_locator(MaxNLocator(nbins=6, integer=True))
    panels[0].set_ylabel(gettext("loss"))
    handles, labels = panels[0].get_legend_handles_labels()
    figure.legend(handles, labels, ncols=3, loc="outside upper left")
    figure.supxlabel(gettext("epoch"), fontsize=8.5)
    save(figure, path)
    bold = gettext(" Bold: the first fold; faint: the other folds.") if _folds(evidence) > 1 else ""
    return FigureText(
        path.name,
        gettext(
            "Training and validation loss by epoch of {names}.",
            names=listed([c.name for c in shown]),
        ),
        gettext(
            "Loss by epoch while the networks were trained. A vertical line starts the next phase; "
            "a dot marks the lowest validation loss of a phase."
        )
        + bold
        + _left_out(candidates, shown),
    )


def confusion(evidence: Evidence, path: Path) -> FigureText:
    """Draw, for the two sides of the contest, how often each category was taken for each other."""
    shown = [c for c in evidence.standings.contest if c.kind != "control"]
    if not shown:
        raise CannotDraw(gettext("competitors.yaml lists only controls"))
    names, matrices = confusion_counts(evidence, shown)
    figure, panels = panel_grid(len(shown), columns=len(shown), height=1.5 + 0.33 * len(names))
    size = 8.0 if len(names) <= 10 else 6.5
    labels = [shortened(name, length=26) for name in names]
    for place, (axes, candidate, matrix) in enumerate(zip(panels, shown, matrices, strict=True)):
        of_actual = matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)
        axes.imshow(of_actual, cmap="Blues", vmin=0, vmax=1)
        for (row, column), n in np.ndenumerate(matrix):
            shade = "white" if of_actual[row, column] > 0.55 else INK
            if n:
                axes.text(
                    column, row, f"{n:.0f}", color=shade, fontsize=size, ha="center", va="center"
                )
        axes.set_title(labelled(candidate, length=24, separator="\n"), fontsize=8)
        axes.set_xticks(range(len(names)), labels, fontsize=size, rotation=90)
        axes.set_yticks(range(len(names)), labels if place == 0 else [], fontsize=size)
        axes.tick_params(length=0)
        axes.spines[:].set_color(GRID)
    figure.supylabel(gettext("actual category"), fontsize=8.5)
    figure.supxlabel(gettext("predicted category"), fontsize=8.5)
    save(figure, path)
    alternative = gettext(
        "Confusion matrices of {names}: actual category by row, predicted by column.",
        names=listed([c.name for c in shown]),
    )
    caption = gettext(
        "Test products by actual (row) and predicted (column) category; right answers are on the "
        "diagonal."
    )
    if len(names) < len(evidence.categories):
        caption += " " + gettext("The least confused categories are merged.")
    return FigureText(path.name, alternative, caption)


def _curve(axes: Axes, history: pd.DataFrame, *, faint: bool) -> None:
    step = np.arange(1, len(history) + 1)
    alpha, width = (0.25, 0.8) if faint else (1.0, 1.6)
    for column, colour, label in (
        ("loss", TRAIN_COLOUR, gettext("training")),
        ("val_loss", VAL_COLOUR, gettext("validation")),
    ):
        name = None if faint else label
        axes.plot(step, history[column], color=colour, alpha=alpha, linewidth=width, label=name)
    if faint:
        return
    phases = history["phase"].to_numpy()
    starts = [0, *(np.flatnonzero(phases[1:] != phases[:-1]) + 1)]
    for start in starts:
        if start:
            axes.axvline(start + 0.5, color=FAINT, linewidth=0.8)
        axes.annotate(
            str(phases[start]).removeprefix("progressive"),
            (start + (0.5 if start else 1), 1),
            xycoords=("data", "axes fraction"),
            xytext=(3, -2),
            textcoords="offset points",
            va="top",
            color=FAINT,
        )
    losses = history["val_loss"].to_numpy()
    for start, end in zip(starts, [*starts[1:], len(history)], strict=True):
        kept = start + int(losses[start:end].argmin())
        axes.plot(step[kept], losses[kept], "o", color=VAL_COLOUR, markersize=5)


def confusion_counts(
    evidence: Evidence, candidates: Sequence[Competitor]
) -> tuple[list[str], list[np.ndarray]]:
    """Return names and one [n, n] count matrix per candidate, at most MAX_CELLS wide."""
    names = evidence.categories
    place = {name: i for i, name in enumerate(names)}
    matrices = []
    for candidate in candidates:
        table = evidence.predictions[candidate.name]
        matrix = np.zeros((len(names), len(names)))
        np.add.at(matrix, (table["actual"].map(place), table["predicted"].map(place)), 1)
        matrices.append(matrix)
    if len(names) <= MAX_CELLS:
        return names, matrices
    total = np.sum(matrices, axis=0)
    mistakes = total.sum(axis=0) + total.sum(axis=1) - 2 * total.diagonal()
    kept = np.sort(np.argsort(-mistakes, kind="stable")[: MAX_CELLS - 1])
    fold = np.zeros((MAX_CELLS, len(names)))
    fold[MAX_CELLS - 1] = 1
    fold[:, kept] = np.eye(MAX_CELLS)[:, : MAX_CELLS - 1]
    cut = len(names) - len(kept)
    others = ngettext("{n} other", "{n} others", cut, n=cut)
    return [*(names[i] for i in kept), others], [fold @ matrix @ fold.T for matrix in matrices]


def _best_panels(candidates: Sequence[Competitor]) -> list[Competitor]:
    best = ranked(candidates)[:MAX_PANELS]
    return [c for c in candidates if c in best]


def _left_out(candidates: Sequence[Competitor], shown: Sequence[Competitor]) -> str:
    missing = [c.name for c in candidates if c not in shown]
    if not missing:
        return ""
    return " " + gettext("Not shown, for lack of space: {names}.", names=listed(missing))


def _folds(evidence: Evidence) -> int:
    return int(evidence.standings.split["folds"])
