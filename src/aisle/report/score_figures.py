"""Draws how right the best of each kind are per category, and what being right costs."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, NullFormatter

from aisle.report.drawing import (
    FAINT,
    GRID,
    KIND_COLOURS,
    CannotDraw,
    labelled,
    new_figure,
    one_axes,
    save,
)
from aisle.report.drawings import Drawing
from aisle.report.evidence import Evidence, spent
from aisle.report.wording import counted, listed, local, say, share, shortened
from aisle.standings.competitors import KINDS, Competitor, Kind

NONE = (
    "Accuracy of {number} against time. No competitor is as fast and as right as {training} in "
    "training, or {answering} in answering."
)
NONE_ON_PHOTOS = (
    "Accuracy of {number} against time. No photo competitor is as fast and as right as {training} "
    "in training, or {answering} in answering."
)
FRONT = (
    "Accuracy against time, by a logarithm. On the line: each competitor that no faster one "
    "equals, named where it gains {margin} or more. A difference in height may be chance: see the "
    "verdicts."
)
FRONT_ON_PHOTOS = (
    "Accuracy against time, by a logarithm. On the line: each photo competitor that no faster one "
    "equals, named where it gains {margin} or more. A difference in height may be chance: see the "
    "verdicts."
)
MAX_CATEGORIES = 24
FASTEST = {"seconds": 0.1, "milliseconds": 0.1}
"""What took less stands here: a logarithm has no 0."""


def per_category(evidence: Evidence, path: Path) -> Drawing:
    """Draw F1 of each category by the best of each kind but the controls, the hardest first."""
    groups = evidence.standings.groups
    best = {kind: members[0] for kind, members in groups.items() if kind != "control"}
    if not best:
        raise CannotDraw(say("there are only controls"))
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
            "o",
            color=KIND_COLOURS[kind],
            markersize=6.5,
            alpha=0.9,
            label=say("{name}: {what}", name=say(KINDS[kind]), what=labelled(best[kind])),
        )
    axes.set_yticks(range(len(shown)), [shortened(str(name), length=34) for name in shown])
    axes.set_ylim(len(shown) - 0.4, -0.6)
    axes.set_xlim(0, 1.02)
    axes.grid(axis="x", color=GRID)
    axes.set_axisbelow(True)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.set_xlabel(say("F1 on the test products"))
    figure.legend(ncols=2, loc="outside upper left", handletextpad=0.2)
    save(figure, path)
    cut = len(names) - len(shown)
    return Drawing(
        path.name,
        say(
            "F1 of {categories} by the best of each kind; lowest on average: {first} {low}, "
            "highest: {last} {high}.",
            categories=counted(len(shown), "category", plural="categories"),
            first=shown[0],
            low=share(float(mean[shown[0]])),
            last=names[-1],
            high=share(float(mean[names[-1]])),
        ),
        say("F1 per category of the best of each kind, the hardest category first.")
        + (say(" The {number} easier categories are not drawn.", number=cut) if cut else ""),
    )


def frontier(evidence: Evidence, path: Path) -> Drawing:
    """Draw accuracy against the time to train and to answer, with those that none outdoes."""
    shown = [c for c in evidence.standings.competitors if c.kind != "control"]
    if len(shown) < 2:
        raise CannotDraw(say("there is only one competitor that learns"))
    costs = {c.name: spent(evidence, c) for c in shown}
    margin = float(evidence.comparison["rule"]["margin"])
    # a text is fast and, where it is there, right: beside it no photo would stand on the line
    racers = [c for c in shown if c.reads == "photo"] or shown
    on_photos = len(racers) < len(shown)
    figure = new_figure(height=3.6)
    panels = figure.subplots(1, 2, sharey=True)
    titles = (say("to train, seconds"), say("to answer one product, milliseconds"))
    fronts = []
    for axes, title, floor, at in zip(panels, titles, FASTEST.values(), (0, 1), strict=True):
        times = np.array([max(costs[c.name][at], floor) for c in shown])
        racing = [place for place, c in enumerate(shown) if c in racers]
        accuracies = np.array([shown[place].score.accuracy for place in racing])
        front = [racing[at] for at in outdone_by_none(times[racing], accuracies=accuracies)]
        fronts.append([shown[place] for place in front])
        _scatter(axes, shown, times=times, front=front, margin=margin)
        axes.set_xlabel(title)
    panels[0].set_ylabel(say("accuracy"))
    kinds: list[Kind] = [kind for kind in KINDS if any(c.kind == kind for c in shown)]
    handles = [
        Line2D([], [], marker="o", linestyle="", color=KIND_COLOURS[kind], label=say(KINDS[kind]))
        for kind in kinds
    ]
    figure.legend(handles=handles, ncols=3, loc="outside upper left", handletextpad=0.2)
    save(figure, path)
    return Drawing(
        path.name,
        say(
            NONE_ON_PHOTOS if on_photos else NONE,
            number=counted(len(shown), "competitor"),
            training=listed([c.name for c in fronts[0]]),
            answering=listed([c.name for c in fronts[1]]),
        ),
        say(FRONT_ON_PHOTOS if on_photos else FRONT, margin=local(f"{margin:g}")),
    )


def outdone_by_none(costs: np.ndarray, *, accuracies: np.ndarray) -> list[int]:
    """Return the places of those that nobody at their cost or below equals, the cheapest first."""
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
            "o",
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
