"""Stage `figures`: reads every result; writes reports/figures/ and what the note says of each.

Apart from `report`, so that another wording of the note draws nothing.
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
    run(main, recorded=False)  # it comes after cost.json
