"""Stage `report`: all results and figures → reports/note.md and reports/note.html."""

from aisle import paths
from aisle.files import write_text
from aisle.settings import params
from aisle.settings.sections import Report
from aisle.stages import run


def main() -> None:
    """Write the note as Markdown and as an HTML page, both only if everything succeeds."""
    from aisle.report import drawings, evidence, note, page, wording
    from aisle.standings import standings

    language = params.read("report", Report).language
    with wording.speaking(language):
        text = note.render(evidence.load(standings.load()), drawings.read())
        html = page.page(text, folder=paths.NOTE.parent)
    write_text(text, paths.NOTE)
    write_text(html, paths.PAGE)


if __name__ == "__main__":
    run(main, recorded=False)  # runs after cost.json is written
