"""Stage `figures`: all results → reports/figures/ and the captions for the note.

Separate from `report`, so that a change of the note's wording redraws nothing.
"""

from aisle import paths
from aisle.files import replacing
from aisle.stages import run


def main() -> None:
    """Draw all figures; replace the old ones only if everything succeeds."""
    from aisle.report import drawings, evidence, figures, wording
    from aisle.standings import standings

    found = evidence.load(standings.load())
    with wording.speaking(found.settings.report.language), replacing(paths.FIGURES) as folder:
        folder.mkdir()
        drawn = figures.draw_all(found, folder)
    drawings.write(drawn)


if __name__ == "__main__":
    run(main, recorded=False)  # runs after cost.json is written
