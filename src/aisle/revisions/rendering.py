"""Print a comparison of two revisions, for a terminal and as Markdown."""

from typing import Any

from aisle.report.rendering import markdown_templates
from aisle.report.wording import (
    GAP,
    JOINER,
    counted,
    duration,
    milliseconds,
    share,
    signed_interval,
    signed_share,
    size,
)
from aisle.revisions.changes import Change, Comparison, Side

COSTS = {"fit_seconds": duration, "predict_milliseconds": milliseconds, "bytes": size}
SAME = "same answers"
SIGNIFICANT = "the interval excludes 0, also after Holm's correction for all that changed"
MEANINGS = {
    "better": SIGNIFICANT,
    "worse": SIGNIFICANT,
    "tie": "the whole interval is inside the margin, so the change does not matter",
    "undecided": "this test cannot tell; a larger one might",
}


def as_markdown(comparison: Comparison) -> str:
    """Return the comparison for a pull request."""
    return markdown_templates().get_template("compare.md.j2").render(_facts(comparison))


def as_text(comparison: Comparison) -> str:
    """Return the comparison for a terminal; the answer comes last, just above the prompt."""
    facts = _facts(comparison)
    there, here = comparison.there.title, comparison.here.title
    parts = [f"{there} → {here}, on the same {facts['products']}"]
    if facts["rows"]:
        heads = ("", "there", "here", "difference", facts["interval"], "won", "lost", "verdict")
        parts.append(_aligned([heads, *facts["rows"]], left=(0, len(heads) - 1)))
    lists = [
        f"{kind}: {', '.join(f'{name} ({accuracy})' for name, accuracy in found)}"
        for kind, found in facts["lists"].items()
    ]
    parts.append("\n".join(lists))
    if facts["costs"]:
        costs = [("cost", "one fit", "one prediction", "model"), *facts["costs"]]
        parts.append(_aligned(costs, left=(0,)))
    parts += ["\n".join(facts["notes"]), f"{facts['answer']} {facts['counts']}"]
    return "\n\n".join(part for part in parts if part).replace(JOINER, "").replace(GAP, " ")


def _facts(comparison: Comparison) -> dict[str, Any]:
    """Return the values of both forms, as text."""
    there, here, settings = comparison.there, comparison.here, comparison.settings
    rows = [row for change in comparison.changes if (row := _row(change))]
    words = {change.verdict.word for change in comparison.changes if change.verdict}
    costs = [(name, *cells) for name in here.answers if (cells := _cost(there, here, name))]
    notes = []
    if rows:
        notes.append(
            f"won, lost: products that only {here.title} or only {there.title} gets right."
        )
    if rows and comparison.folds > 1:
        notes.append(f"interval: over products and over the {comparison.folds} folds.")
    notes += [f"{word}: {MEANINGS[word]}." for word in MEANINGS if word in words]
    notes += _conditions(there, here) if costs else ["cost: nothing was measured again."]
    return {
        "there": there.title,
        "here": here.title,
        "products": counted(comparison.products, "test product", "test products"),
        "interval": f"{settings.confidence * 100:g} % interval",
        "rows": rows,
        "lists": _lists(comparison),
        "costs": costs,
        "notes": notes,
        "answer": _answer(comparison),
        "counts": _counts(comparison),
    }


def _answer(comparison: Comparison) -> str:
    """Return the sentence that says whether there is a regression."""
    margin = f"at a margin of {comparison.settings.margin:g}"
    if comparison.regressions:
        return f"Regression {margin}: {', '.join(comparison.regressions)}."
    return f"No regression is shown {margin}."


def _counts(comparison: Comparison) -> str:
    """Return how many competitors have which verdict."""
    words = [change.verdict.word if change.verdict else SAME for change in comparison.changes]
    counts = [f"{words.count(word)} {word}" for word in (*MEANINGS, SAME) if word in words]
    return f"{', '.join(counts)}."


def _row(change: Change) -> tuple[str, ...]:
    """Return a row of the table; empty if all answers are the same."""
    found = change.verdict
    if found is None:
        return ()
    return (
        *(change.name, share(change.there), share(change.here)),
        *(signed_share(found.difference), signed_interval(found.low, found.high)),
        *(str(found.only_first), str(found.only_second), found.word),
    )


def _lists(comparison: Comparison) -> dict[str, list[tuple[str, str]]]:
    """Return the competitors without a row in the table: name and accuracy."""
    there, here = comparison.there, comparison.here
    lists = {
        SAME: [(here, change.name) for change in comparison.changes if not change.verdict],
        "new": [(here, name) for name in here.answers if name not in there.answers],
        "gone": [(there, name) for name in there.answers if name not in here.answers],
    }
    return {
        kind: [(name, share(side.accuracy(name))) for side, name in found]
        for kind, found in lists.items()
        if found
    }


def _cost(there: Side, here: Side, name: str) -> tuple[str, ...]:
    """Return each cost as "5.3 s → 4.9 s"; empty if none changed."""
    old, new = there.cost.get(name, {}), here.cost.get(name, {})
    if all(old.get(key) == new.get(key) for key in COSTS):
        return ()
    return tuple(_step(old.get(key), new.get(key), write) for key, write in COSTS.items())


def _conditions(there: Side, here: Side) -> list[str]:
    """Return notes on the costs: measured once each, and on which machines."""
    different = [
        f"{key.replace('_', ' ')} {old} there, {here.machine[key]} here"
        for key, old in there.machine.items()
        if key in here.machine and here.machine[key] != old
    ]
    if not different:
        return ["cost: measured once on each side, on the same kind of machine."]
    return [
        f"cost: times also differ because the machine or its libraries do ({'; '.join(different)})."
    ]


def _step(old: float | None, new: float | None, write: Any) -> str:
    before, after = ("–" if value is None else write(value) for value in (old, new))
    return before if before == after else f"{before} → {after}"


def _aligned(rows: list[tuple[str, ...]], *, left: tuple[int, ...]) -> str:
    """Return rows in aligned columns, two spaces apart, numbers to the right."""
    rows = [tuple(cell.replace(JOINER, "") for cell in row) for row in rows]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = (
        "  ".join(
            cell.ljust(width) if at in left else cell.rjust(width)
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    )
    return "\n".join(line.rstrip() for line in lines)
