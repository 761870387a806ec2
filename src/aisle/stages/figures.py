"""Stage `figures`: all results → reports/figures/ and the captions for the note.

Separate from `report`, so that a change of the note's wording redraws nothing.
"""

from aisle import paths
from aisle.files import replacing
from aisle.stages import run


def main() -> None:
    """Draw the figures; all are replaced, and only if nothing failed."""
    from aisle.report import evidence, figure_texts, figures, translation
    from aisle.standings import standings

    found = evidence.load(standings.load())
    with translation.speaking(found.settings.report.language), replacing(paths.FIGURES) as folder:
        folder.mkdir()
        drawn = figures.draw_all(found, folder)
    figure_texts.write(drawn)


if __name__ == "__main__":
    run(main, recorded=False)  # runs after cost.json is written
