"""Draw the matrix of verdicts, and accuracy by the number of training products."""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.patches import Patch
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from aisle.report.evidence import Evidence
from aisle.report.figure_style import (
    FAINT,
    GRID,
    INK,
    KIND_COLOURS,
    CannotDraw,
    labelled,
    one_axes,
    save,
)
from aisle.report.figure_texts import FigureText
from aisle.report.translation import gettext
from aisle.report.wording import (
    confidence,
    counted,
    listed,
    local,
    share,
    shortened,
    signed_share,
)
from aisle.standings.competitors import Competitor, Kind
from aisle.standings.standings import ranked
from aisle.standings.verdicts import Pair
from aisle.statistics.paired import Word

WORD_COLOURS: dict[Word, str] = {
    "better": "#bcd7f5",
    "worse": "#fbd3b0",
    "tie": "#ffffff",
    "undecided": "#e4e7eb",
}
MARKS: dict[Word, str] = {"better": "", "worse": "", "tie": "= ", "undecided": "? "}
ITSELF, UNSURE = "#c3c9d1", "#57606a"
MAX_ROWS = 16
WIDEST = 10  # columns that fill the width: with fewer, cells do not grow
MAX_CURVES = 8
MARKERS = "os^Dv"  # one for each curve of a colour


def verdicts(evidence: Evidence, path: Path) -> FigureText:
    """Draw the verdicts on the leading competitors, each against each."""
    shown = matrix_rows(evidence)
    if len(shown) < 2:
        raise CannotDraw(gettext("there is only one competitor"))
    number, standings = len(shown), evidence.standings
    figure, axes = one_axes(height=0.85 + 0.26 * number)
    _cells(axes, evidence, shown)
    axes.set_xlim(-0.5, max(number, WIDEST) - 0.5)
    axes.set_ylim(number - 0.5, -0.5)
    axes.set_xticks(range(number), [str(place) for place in range(1, number + 1)])
    names = [f"{_row_name(c)}  {place}" for place, c in enumerate(shown, start=1)]
    axes.set_yticks(range(number), names)
    axes.tick_params(length=0, labeltop=True, labelbottom=False)
    axes.spines[:].set_visible(False)
    winner = evidence.comparison["winner"]["winner"]
    axes.text(number - 0.35, -0.62, gettext("accuracy"), va="bottom")
    for row, (tick, competitor) in enumerate(zip(axes.get_yticklabels(), shown, strict=True)):
        tick.set_fontweight("bold" if competitor.name == winner else "normal")
        axes.text(number - 0.35, row, share(competitor.score.accuracy), va="center_baseline")
    patches = _legend(margin=evidence.comparison["rule"]["margin"])
    figure.legend(handles=patches, ncols=4, loc="outside upper left", handlelength=1.2)
    save(figure, path)
    cut = len(standings.competitors) - len(shown)
    caption = [
        gettext(
            "Verdict on the row against the column, for all {n} competitors by accuracy.", n=number
        )
        if not cut
        else gettext(
            "Verdict on the row against the column, for the best {n} of {all} competitors by "
            "accuracy.",
            n=number,
            all=number + cut,
        ),
        gettext("Exploratory: corrected for all pairs, and nothing is concluded from it."),
        gettext("Controls come last.") if any(c.kind == "control" for c in shown) else "",
        gettext("Numbers: row minus column, in percentage points of accuracy."),
        gettext("Bold: the winner by the rule."),
        gettext("Star: random weights.") if any(c.untrained for c in shown) else "",
    ]
    return FigureText(
        path.name,
        gettext(
            "Exploratory verdicts between {competitors}, {summary}.",
            competitors=counted(number, "competitor", "competitors"),
            summary=_summary(evidence, shown),
        ),
        " ".join(part for part in caption if part),
    )


def matrix_rows(evidence: Evidence) -> list[Competitor]:
    """Return the leaders, the champion and the rule's winner by accuracy; controls come last.

    Where they are too many, these two and the best control stay.
    """
    standings = evidence.standings
    always = {standings.champion.name, evidence.comparison["winner"]["winner"]}
    always |= {standings.control.name} if standings.control else set()
    kept = [c for c in standings.competitors if c.name in always]
    others = ranked(c for c in standings.leaders if c not in kept)
    chosen = ranked([*kept, *others[: MAX_ROWS - len(kept)]])
    return sorted(chosen, key=lambda c: c.kind == "control")  # stable: by accuracy otherwise


def points(pair: Pair) -> str:
    """Return a cell's text: "+12", "= −1", "? 0"; a small but decided one has a decimal."""
    value = 100 * abs(pair.difference)
    digits = f"{value:.1f}" if pair.decided and value < 0.5 else f"{value:.0f}"
    sign = "" if float(digits) == 0 else "+" if pair.difference > 0 else "−"
    return f"{MARKS[pair.word]}{sign}{local(digits)}"


def learning(evidence: Evidence, path: Path) -> FigureText:
    """Draw accuracy by the number of training products, with an extrapolation."""
    found = evidence.comparison["curves"]
    all_of_them = ranked(c for c in evidence.standings.competitors if c.name in found)
    if not all_of_them:
        raise CannotDraw(gettext("no candidate of `refits` in competitors.yaml has shares"))
    shown = all_of_them[:MAX_CURVES]
    figure, axes = one_axes(height=3.3)
    ends, sizes, guessed = [], set(), set()
    drawn: Counter[Kind] = Counter()
    for competitor in shown:
        curve, kind = found[competitor.name], competitor.kind
        marker = MARKERS[drawn[kind] % len(MARKERS)]
        drawn[kind] += 1
        ends.append(_learning_curve(axes, curve, colour=KIND_COLOURS[kind], marker=marker))
        sizes |= {point["trained_on"] for point in curve["points"]}
        guessed |= {curve["more"]} if curve["gain"] is not None else set()
    largest = max(sizes)
    axes.set_xscale("log")
    axes.set_ylim(*_room(axes))
    low, high = axes.get_xlim()
    _ticks(axes, sizes=sorted(sizes | {largest + more for more in guessed}))
    axes.set_xlim(low, high)
    axes.set_xlabel(gettext("training products (log scale)"))
    axes.set_ylabel(gettext("accuracy on the test products"))
    axes.grid(axis="y", color=GRID)
    axes.set_axisbelow(True)
    _names(axes, shown, ends)
    save(figure, path)
    dotted = (
        gettext(
            " Dotted: the fitted curve extrapolated to {more} more products; its bar covers chance "
            "in the test products, not a curve of another shape.",
            more=listed([local(f"{m:,}") for m in sorted(guessed)]),
        )
        if guessed
        else ""
    )
    left = [c.name for c in all_of_them[MAX_CURVES:]]
    cut = (
        " " + gettext("Not shown, for lack of space: {names}.", names=listed(left)) if left else ""
    )
    summary = gettext("; ").join(_gained(c, found[c.name]) for c in shown)
    return FigureText(
        path.name,
        gettext("Accuracy by the number of training products: {summary}.", summary=summary),
        gettext(
            "Accuracy on the same test products when a candidate is trained on fewer products. "
            "Band: {confidence} % interval.",
            confidence=confidence(evidence.standings.confidence),
        )
        + dotted
        + cut,
    )


def _cells(axes: Axes, evidence: Evidence, shown: Sequence[Competitor]) -> None:
    """Draw the square of verdicts, row against column."""
    number, words = len(shown), list(WORD_COLOURS)
    colours = np.full((number, number), len(words))  # itself, but for what is filled in below
    for row, column in zip(*np.nonzero(~np.eye(number, dtype=bool)), strict=True):
        pair = _verdict(evidence, shown[row], shown[column])
        colours[row, column] = words.index(pair.word)
        axes.text(
            column,
            row,
            points(pair),
            ha="center",
            va="center_baseline",
            fontsize=8 if number <= 12 else 7,
            color=INK if pair.decided else UNSURE,
        )
    edges = np.arange(number + 1) - 0.5
    axes.pcolormesh(
        edges,
        edges,
        colours,
        cmap=ListedColormap([*WORD_COLOURS.values(), ITSELF]),
        vmin=-0.5,
        vmax=len(words) + 0.5,
        edgecolors=GRID,
        linewidth=0.8,
    )


def _legend(*, margin: float) -> list[Patch]:
    meanings: dict[Word, str] = {
        "better": gettext("row is better"),
        "worse": gettext("row is worse"),
        "tie": gettext("= tie: within {points} points", points=local(f"{100 * margin:g}")),
        "undecided": f"? {gettext('undecided')}",
    }
    return [
        Patch(facecolor=WORD_COLOURS[word], edgecolor=FAINT, linewidth=0.6, label=meaning)
        for word, meaning in meanings.items()
    ]


def _summary(evidence: Evidence, shown: Sequence[Competitor]) -> str:
    """Return the number of verdicts of each kind, each pair counted once."""
    words = [_verdict(evidence, a, b).word for row, a in enumerate(shown) for b in shown[:row]]
    decided = sum(word in ("better", "worse") for word in words)
    return gettext(
        "{pairs}: {decided} decided, {ties}, {undecided} undecided; first: {name}",
        pairs=counted(len(words), "pair", "pairs"),
        decided=decided,
        ties=counted(words.count("tie"), "tie", "ties"),
        undecided=words.count("undecided"),
        name=shown[0].name,
    )


def _verdict(evidence: Evidence, a: Competitor, b: Competitor) -> Pair:
    """Return the verdict on `a` against `b`, corrected for all pairs, as all here are."""
    return evidence.standings.verdicts.between(a.name, b.name, family="all")


def _row_name(competitor: Competitor) -> str:
    return shortened(competitor.name, length=24) + (" *" if competitor.untrained else "")


def _learning_curve(
    axes: Axes, curve: Mapping[str, Any], *, colour: str, marker: str
) -> tuple[float, float, str]:
    """Draw one curve; return where it ends and its colour."""
    points = sorted(curve["points"], key=lambda point: point["trained_on"])
    x, y, low, high = (
        [point[key] for point in points] for key in ("trained_on", "share", "low", "high")
    )
    axes.fill_between(x, low, high, color=colour, alpha=0.12, linewidth=0)
    axes.plot(x, y, marker=marker, color=colour, linewidth=1.6, markersize=4)
    gain = curve["gain"]
    if gain is None:
        return x[-1], y[-1], colour
    further = x[-1] + curve["more"]
    middle, bottom, top = (min(1.0, y[-1] + gain[key]) for key in ("gain", "low", "high"))
    axes.plot([x[-1], further], [y[-1], middle], ":", color=colour, linewidth=1.6)
    axes.plot([further] * 2, [bottom, top], color=colour, linewidth=3, alpha=0.4)
    axes.plot(further, middle, marker, color=colour, markerfacecolor="white", markersize=4)
    return further, middle, colour


def _room(axes: Axes) -> tuple[float, float]:
    """Return the limits of accuracy: what is drawn and a little more, within 0 and 1."""
    low, high = axes.dataLim.y0, axes.dataLim.y1
    more = max(0.06 * (high - low), 0.02)
    return max(low - more, -0.01), min(high + more, 1.01)


def _ticks(axes: Axes, *, sizes: Sequence[int]) -> None:
    """Name the sizes themselves, from the largest down, where the last one leaves room."""
    low, high = np.log(axes.get_xlim())
    kept: list[int] = []
    for size in reversed(sizes):
        if not kept or np.log(kept[-1] / size) > 0.07 * (high - low):
            kept.append(size)
    axes.xaxis.set_major_locator(FixedLocator(kept))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda size, _: local(f"{size:,.0f}")))
    axes.xaxis.set_minor_locator(NullLocator())


def _names(
    axes: Axes, shown: Sequence[Competitor], ends: Sequence[tuple[float, float, str]]
) -> None:
    """Write each name beside the end of its curve, one below the other where ends are close."""
    low, high = axes.get_ylim()
    places = spread_apart([y for _, y, _ in ends], gap=0.065 * (high - low), low=low, high=high)
    right = axes.get_xlim()[1]
    for competitor, (x, y, colour), place in zip(shown, ends, places, strict=True):
        axes.annotate(
            labelled(competitor, length=24),
            (x, y),
            xycoords="data",
            xytext=(right, place),
            textcoords="data",
            va="center_baseline",
            color=colour,
            arrowprops={
                "arrowstyle": "-",
                "color": colour,
                "linewidth": 0.5,
                "alpha": 0.6,
                "relpos": (0, 0.5),  # from the left end of the name, not through it
                "shrinkA": 1,
            },
            annotation_clip=False,
        )


def spread_apart(heights: Sequence[float], *, gap: float, low: float, high: float) -> list[float]:
    """Return heights in the same order, at least `gap` apart; within low and high if they fit."""
    order = sorted(range(len(heights)), key=lambda i: (heights[i], -i))
    placed: list[float] = []
    for i in order:
        placed.append(max(heights[i], placed[-1] + gap if placed else low))
    ceiling = high
    for number in reversed(range(len(placed))):
        placed[number] = min(placed[number], ceiling)
        ceiling = placed[number] - gap
    found = [0.0] * len(heights)
    for i, height in zip(order, placed, strict=True):
        found[i] = height
    return found


def _gained(competitor: Competitor, curve: Mapping[str, Any]) -> str:
    points = sorted(curve["points"], key=lambda point: point["trained_on"])
    first, last = points[0], points[-1]
    ends = gettext(
        "{name} {first} with {few}, {last} with {many}",
        name=competitor.name,
        first=share(first["share"]),
        few=local(f"{first['trained_on']:,}"),
        last=share(last["share"]),
        many=local(f"{last['trained_on']:,}"),
    )
    gain = curve["gain"]
    if gain is None:
        return ends
    return gettext("{ends}, {gain} expected from more", ends=ends, gain=signed_share(gain["gain"]))
