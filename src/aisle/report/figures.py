"""Draws reports/figures/*.png; what cannot be drawn becomes a sentence with the reason."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from aisle.report.drawing import (
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
from aisle.report.drawings import Drawing
from aisle.report.evidence import PARTITIONS, Evidence, shares, trained_epochs
from aisle.report.explained_figures import attention, looked
from aisle.report.photo_figures import examples, mixed_up, suspects
from aisle.report.score_figures import frontier, per_category
from aisle.report.verdict_figures import learning, verdicts
from aisle.report.wording import counted, listed, local, say, share, shortened
from aisle.standings.competitors import KINDS, Competitor
from aisle.standings.standings import Standings, ranked

__all__ = ["CannotDraw", "Drawing", "confusion_counts", "draw_all", "examples"]

TRAIN_COLOUR, VAL_COLOUR = "#d9660a", "#1668c7"
PARTITION_COLOURS = {"train": "#1668c7", "val": "#8dbbee", "test": "#d9660a"}
MAX_BARS, MAX_PANELS, MAX_CELLS = 40, 6, 16
BEST_OF_EACH = "Accuracy of the best of each kind on the same test products. Bar: 95 % interval"
EVERYBODY = "Accuracy of every competitor on the same test products. Bar: 95 % interval"


def draw_all(evidence: Evidence, folder: Path) -> dict[str, Drawing]:
    """Draw every figure into `folder`, which exists; return them by name."""
    drawers: dict[str, Callable[[Evidence, Path], Drawing]] = {
        "categories": categories,
        "examples": examples,
        "results": results,
        "field": field,
        "frontier": frontier,
        "verdicts": verdicts,
        "curves": curves,
        "learning": learning,
        "confusion": confusion,
        "per_category": per_category,
        "mixed_up": mixed_up,
        "suspects": suspects,
        "looked": looked,
        "attention": attention,
    }
    return {name: attempt(draw, evidence, folder / f"{name}.png") for name, draw in drawers.items()}


def categories(evidence: Evidence, path: Path) -> Drawing:
    """Draw how many products each category has in each partition of fold 0."""
    table = shares(evidence).sort_values("products", ascending=False, kind="stable")
    rest = table["products"].iloc[MAX_BARS:]
    table = table.iloc[:MAX_BARS]
    figure, axes = one_axes(height=0.75 + 0.25 * len(table))
    left = np.zeros(len(table))
    largest = float(table["products"].max())
    for partition in PARTITIONS:
        count = table[partition].to_numpy(dtype=float)
        colour = PARTITION_COLOURS[partition]
        axes.barh(
            range(len(table)), count, left=left, color=colour, height=0.72, label=say(partition)
        )
        for row, (start, n) in enumerate(zip(left, count, strict=True)):
            if n > 0.025 * largest:
                shade = INK if partition == "val" else "white"
                axes.text(
                    start + n / 2, row, f"{n:.0f}", color=shade, ha="center", va="center_baseline"
                )
        left += count
    axes.set_yticks(range(len(table)), [shortened(str(name), length=34) for name in table.index])
    axes.set_ylim(len(table) - 0.4, -0.6)
    axes.set_xlabel(say("products"))
    axes.tick_params(axis="y", length=0)
    axes.legend(ncols=3, loc="lower left", bbox_to_anchor=(0, 1), borderaxespad=0.2)
    save(figure, path)
    n = len(evidence.categories)
    smaller = say(" The {number} smaller categories are not drawn.", number=len(rest))
    per_fold = _folds(evidence) > 1
    return Drawing(
        path.name,
        say("Bars: products of each of the {number} categories in train, val and test.", number=n),
        say(
            "Products per category and partition of the first fold."
            if per_fold
            else "Products per category and partition."
        )
        + (smaller if len(rest) else ""),
    )


def results(evidence: Evidence, path: Path) -> Drawing:
    """Draw the accuracy of the best of each kind."""
    shown = evidence.standings.foremost
    cut = len(evidence.standings.competitors) - len(shown)
    return _accuracies(evidence, shown, path, caption=BEST_OF_EACH if cut else EVERYBODY)


def field(evidence: Evidence, path: Path) -> Drawing:
    """Draw the accuracy of all competitors, where that is more than the best of each kind."""
    standings = evidence.standings
    if len(standings.foremost) == len(standings.competitors):
        raise CannotDraw(say("results.png already shows every competitor"))
    return _accuracies(evidence, standings.competitors, path, caption=EVERYBODY)


def _accuracies(
    evidence: Evidence, shown: Sequence[Competitor], path: Path, *, caption: str
) -> Drawing:
    """Draw accuracies with their intervals, in groups, the best of each group first."""
    standings = evidence.standings
    groups = {
        kind: [c for c in members if c in shown] for kind, members in standings.groups.items()
    }
    lines = len(shown) + 1.1 * len(groups)
    figure, axes = one_axes(height=0.55 + 0.215 * lines)
    if standings.control is not None:
        axes.axvline(standings.control.score.accuracy, color=FAINT, linewidth=0.9, linestyle=":")
    row, rows = 0.0, []
    for kind, members in groups.items():
        _heading(axes, say(KINDS[kind]), row=row, colour=KIND_COLOURS[kind])
        row += 1
        for competitor in members:
            _accuracy(
                axes, competitor, row=row, leads=competitor is members[0] and len(members) > 1
            )
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
    axes.set_xlabel(say("accuracy on the test products, with its 95 % interval"))
    save(figure, path)
    ranked = max(shown, key=lambda c: c.score.correct)
    dotted = say("; dotted line: the best control") if standings.control else ""
    hollow = say("; hollow: random weights") if any(c.untrained for c in shown) else ""
    return Drawing(
        path.name,
        say(
            "Accuracy and 95 % interval of {number} by kind; first: {name} {accuracy}.",
            number=counted(len(shown), "competitor"),
            name=ranked.name,
            accuracy=share(ranked.score.accuracy),
        ),
        f"{say(caption)}{dotted}{hollow}.",
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


def curves(evidence: Evidence, path: Path) -> Drawing:
    """Draw training and validation loss by epoch, the phases one after the other."""
    candidates = trained_epochs(evidence, evidence.standings.candidates)
    if not candidates:
        raise CannotDraw(say("no candidate was trained for more than one epoch"))
    shown = _foremost(candidates)
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
    panels[0].set_ylabel(say("loss"))
    handles, labels = panels[0].get_legend_handles_labels()
    figure.legend(handles, labels, ncols=3, loc="outside upper left")
    figure.supxlabel(say("epoch"), fontsize=8.5)
    save(figure, path)
    bold = "" if _folds(evidence) == 1 else say(" Bold: the first fold; faint: the others.")
    return Drawing(
        path.name,
        say(
            "Training and validation loss by epoch of {names}.",
            names=listed([c.name for c in shown]),
        ),
        say(
            "Learning curves. A vertical line starts the next phase; a dot marks a phase's lowest "
            "validation loss."
        )
        + bold
        + _left_out(candidates, shown),
    )


def confusion(evidence: Evidence, path: Path) -> Drawing:
    """Draw, per candidate, how often each category was taken for each other."""
    shown = _of_each_kind(evidence.standings)
    if not shown:
        raise CannotDraw(say("params.yaml lists only controls"))
    names, matrices = confusion_counts(evidence, shown)
    columns = min(len(shown), 3 if len(names) <= 10 else 2)
    figure, panels = panel_grid(len(shown), columns=columns, height=0.55 + 5.2 / max(columns, 2))
    size = 8.0 if len(names) <= 8 else 80 / len(names)
    numbers = [str(number) for number in range(1, len(names) + 1)]
    labels = [f"{shortened(name, length=26)}  {n}" for name, n in zip(names, numbers, strict=True)]
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
        axes.set_xticks(range(len(names)), numbers, fontsize=size)
        first = place % columns == 0
        axes.set_yticks(range(len(names)), labels if first else numbers, fontsize=size)
        axes.tick_params(length=0)
        axes.spines[:].set_color(GRID)
    figure.supylabel(say("actual category"), fontsize=8.5)
    figure.supxlabel(say("predicted category, by its number"), fontsize=8.5)
    save(figure, path)
    whole = len(names) == len(evidence.categories)
    return Drawing(
        path.name,
        say(
            "Confusion matrices of {names}: actual category by row, predicted by column.",
            names=listed([c.name for c in shown]),
        ),
        say(
            "Test products by actual (row) and predicted (column) category; the diagonal is right. "
            "Shown: the best of each kind."
        )
        + ("" if whole else say(" The least confused are lumped.")),
    )


def _curve(axes: Axes, history: pd.DataFrame, *, faint: bool) -> None:
    step = np.arange(1, len(history) + 1)
    alpha, width = (0.25, 0.8) if faint else (1.0, 1.6)
    for column, colour, label in (
        ("loss", TRAIN_COLOUR, "train"),
        ("val_loss", VAL_COLOUR, "val"),
    ):
        name = None if faint else say(label)
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
    others = say("{number} others", number=len(names) - len(kept))
    return [*(names[i] for i in kept), others], [fold @ matrix @ fold.T for matrix in matrices]


def _of_each_kind(standings: Standings) -> list[Competitor]:
    """Return the best of each kind but the controls; as room allows, others of the foremost."""
    best = [members[0] for kind, members in standings.groups.items() if kind != "control"]
    others = [c for c in standings.foremost if c not in best and c.kind != "control"]
    return ranked([*best, *others][:MAX_PANELS])


def _foremost(candidates: Sequence[Competitor]) -> list[Competitor]:
    best = ranked(candidates)[:MAX_PANELS]
    return [c for c in candidates if c in best]


def _left_out(candidates: Sequence[Competitor], shown: Sequence[Competitor]) -> str:
    missing = [c.name for c in candidates if c not in shown]
    return say(" Not drawn, for room: {names}.", names=listed(missing)) if missing else ""


def _folds(evidence: Evidence) -> int:
    return int(evidence.standings.split["folds"])
