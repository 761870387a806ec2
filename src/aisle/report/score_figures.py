"""Draw F1 by category, and accuracy against time."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, NullFormatter

from aisle.report.evidence import Evidence, resources_used
from aisle.report.figure_style import (
    FAINT,
    GRID,
    KIND_COLOURS,
    KIND_MARKERS,
    CannotDraw,
    labelled,
    new_figure,
    one_axes,
    save,
)
from aisle.report.figure_texts import FigureText
from aisle.report.translation import gettext
from aisle.report.wording import counted, listed, local, share, shortened
from aisle.standings.competitors import KINDS, Competitor, Kind

MAX_CATEGORIES = 24
FASTEST = {"seconds": 0.1, "milliseconds": 0.1}
"""Shorter times are drawn here: a log scale has no 0."""


def per_category(evidence: Evidence, path: Path) -> FigureText:
    """Draw F1 of each category by the best of each kind but the controls, the hardest first."""
    groups = evidence.standings.groups
    best = {kind: members[0] for kind, members in groups.items() if kind != "control"}
    if not best:
        raise CannotDraw(gettext("there are only controls"))
    found = {
        kind: evidence.classifications[c.name].set_index("category")["f1"]
        for kind, c in best.items()
    }
    mean = sum(found.values()) / len(found)
    names = list(mean.sort_values(kind="stable").index)
    shown = names[:MAX_CATEGORIES]
    figure, axes = one_axes(height=1.0 + 0.27 * len(shown))
    for row, name in enumerate(shown):
        values = [float(scores[name]) for scores in found.values()]
        axes.plot([min(values), max(values)], [row, row], color=GRID, linewidth=2, zorder=1)
    for kind, scores in found.items():
        axes.plot(
            [scores[name] for name in shown],
            range(len(shown)),
            KIND_MARKERS[kind],
            color=KIND_COLOURS[kind],
            markersize=6.5,
            alpha=0.9,
            label=gettext("{name}: {what}", name=gettext(KINDS[kind]), what=labelled(best[kind])),
        )
    axes.set_yticks(range(len(shown)), [shortened(str(name), length=34) for name in shown])
    axes.set_ylim(len(shown) - 0.4, -0.6)
    lowest = min(float(scores[name]) for scores in found.values() for name in shown)
    axes.set_xlim(max(0.0, np.floor(10 * lowest) / 10 - 0.03), 1.02)
    axes.grid(axis="x", color=GRID)
    axes.set_axisbelow(True)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.set_xlabel(gettext("F1 on the test products"))
    figure.legend(ncols=2, loc="outside upper left", handletextpad=0.2)
    save(figure, path)
    cut = len(names) - len(shown)
    return FigureText(
        path.name,
        gettext(
            "F1 of {categories} by the best of each kind. On average lowest: {first} {low}; "
            "highest: {last} {high}.",
            categories=counted(len(shown), "category", "categories"),
            first=shown[0],
            low=share(float(mean[shown[0]])),
            last=names[-1],
            high=share(float(mean[names[-1]])),
        ),
        gettext("F1 by category for the best of each kind, the hardest category first.")
        + (gettext(" The {number} easier categories are not shown.", number=cut) if cut else ""),
    )


def frontier(evidence: Evidence, path: Path) -> FigureText:
    """Draw accuracy against the time to train and to predict, with the Pareto front."""
    shown = [c for c in evidence.standings.competitors if c.kind != "control"]
    if len(shown) < 2:
        raise CannotDraw(gettext("there is only one competitor that learns"))
    costs = {c.name: resources_used(evidence, c) for c in shown}
    margin = float(evidence.comparison["rule"]["margin"])
    # text candidates are fast and right: with them, no photo candidate would be on the line
    on_line = [c for c in shown if c.reads == "photo"] or shown
    on_photos = len(on_line) < len(shown)
    figure = new_figure(height=3.6)
    panels = figure.subplots(1, 2, sharey=True)
    titles = (gettext("training time, seconds"), gettext("time per prediction, milliseconds"))
    fronts = []
    for axes, title, floor, at in zip(panels, titles, FASTEST.values(), (0, 1), strict=True):
        times = np.array([max(costs[c.name][at], floor) for c in shown])
        racing = [place for place, c in enumerate(shown) if c in on_line]
        accuracies = np.array([shown[place].score.accuracy for place in racing])
        front = [racing[at] for at in pareto_front(times[racing], accuracies=accuracies)]
        fronts.append([shown[place] for place in front])
        _scatter(axes, shown, times=times, front=front, margin=margin)
        axes.set_xlabel(title)
    panels[0].set_ylabel(gettext("accuracy"))
    kinds: list[Kind] = [kind for kind in KINDS if any(c.kind == kind for c in shown)]
    handles = [
        Line2D(
            *([], []),
            marker=KIND_MARKERS[kind],
            linestyle="",
            color=KIND_COLOURS[kind],
            label=gettext(KINDS[kind]),
        )
        for kind in kinds
    ]
    figure.legend(handles=handles, ncols=3, loc="outside upper left", handletextpad=0.2)
    save(figure, path)
    names = {
        "number": counted(len(shown), "competitor", "competitors"),
        "training": listed([c.name for c in fronts[0]]),
        "answering": listed([c.name for c in fronts[1]]),
    }
    if on_photos:
        return FigureText(
            path.name,
            gettext(
                "Accuracy of {number} against time. On the line of photo competitors: {training} "
                "for training, {answering} for prediction.",
                **names,
            ),
            gettext(
                "Accuracy against time (log scale). On the line: photo competitors that none as "
                "fast equals; named where they gain {margin} or more. Differences in height may be "
                "chance: see the verdicts.",
                margin=local(f"{margin:g}"),
            ),
        )
    return FigureText(
        path.name,
        gettext(
            "Accuracy of {number} against time. On the line: {training} for training, {answering} "
            "for prediction.",
            **names,
        ),
        gettext(
            "Accuracy against time (log scale). On the line: competitors that none as fast equals; "
            "named where they gain {margin} or more. Differences in height may be chance: see the "
            "verdicts.",
            margin=local(f"{margin:g}"),
        ),
    )


def pareto_front(costs: np.ndarray, *, accuracies: np.ndarray) -> list[int]:
    """Return the places of those that none of the same cost or less equals, the cheapest first."""
    front: list[int] = []
    for place in np.lexsort((-accuracies, costs)):
        if not front or accuracies[place] > accuracies[front[-1]]:
            front.append(int(place))
    return front


def _scatter(
    axes: Axes,
    shown: Sequence[Competitor],
    *,
    times: np.ndarray,
    front: Sequence[int],
    margin: float,
) -> None:
    for place, competitor in enumerate(shown):
        colour = KIND_COLOURS[competitor.kind]
        axes.plot(
            times[place],
            competitor.score.accuracy,
            KIND_MARKERS[competitor.kind],
            color=colour,
            markerfacecolor="white" if competitor.untrained else colour,
            markersize=6 if place in front else 4.5,
            alpha=1 if place in front else 0.55,
        )
    heights = [shown[place].score.accuracy for place in front]
    axes.step(times[list(front)], heights, where="post", color=FAINT, linewidth=0.9, zorder=0)
    named = 0.0
    for place in front:
        accuracy = shown[place].score.accuracy
        if accuracy < named + margin:
            continue
        named = accuracy
        axes.annotate(
            shortened(shown[place].name, length=24),
            (times[place], accuracy),
            xytext=(6, -9),  # below and to the right: above it the line goes up
            textcoords="offset points",
            fontsize=7,
        )
    axes.set_xscale("log")
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: local(f"{value:g}")))
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.set_xlim(times.min() / 2, times.max() * 6)
    axes.margins(y=0.12)  # for the name below the lowest
    axes.grid(color=GRID)
    axes.set_axisbelow(True)
