"""Stage `report`: reads every result; writes reports/figures/ and reports/note.md."""

from aisle import paths
from aisle.files import replacing, write_text
from aisle.stages import run


def main() -> None:
    """Draw the figures and render the note; both are replaced only if nothing failed."""
    from aisle.reporting import evidence, facts, figures, note

    found = evidence.load(facts.load())
    with replacing(paths.FIGURES) as folder:
        folder.mkdir()
        drawings = figures.draw_all(found, folder)
        text = note.render(found, drawings)
    write_text(text, paths.NOTE)


if __name__ == "__main__":
    run(main, recorded=False)  # it comes after cost.json
