"""The note in French: every message has its translation, with the same places for values."""

import re
from pathlib import Path
from string import Formatter

import messages
import pytest
import tiny_report
from babel.messages import pofile
from messages import Message

from aisle.report import evidence, figures, note
from aisle.report.translation import LOCALES, gettext, speaking
from aisle.report.wording import GAP, counted, duration, interval, listed, share, size
from aisle.standings import standings


def translations() -> dict[Message, list[str]]:
    """Return the translations in the .po file, by message."""
    with (LOCALES / "fr" / "LC_MESSAGES" / "aisle.po").open("rb") as file:
        catalog = pofile.read_po(file, locale="fr")
    found: dict[Message, list[str]] = {}
    for message in catalog:
        if message.id:
            text = message.string or ""
            several = (message.id[0], message.id[1]) if not isinstance(message.id, str) else None
            found[several or str(message.id)] = [text] if isinstance(text, str) else list(text)
    return found


def test_every_message_has_its_french_and_no_french_is_left_over() -> None:
    needed = messages.all_messages()
    counted_ones = {message[0] for message in needed if isinstance(message, tuple)}
    needed -= counted_ones  # the one of "product, products" serves for "product" too
    found = {message for message, texts in translations().items() if all(texts)}
    assert not needed - found, "add them to aisle.po"
    assert not found - needed, "nothing says them: remove them from aisle.po"


def test_every_french_message_has_the_places_of_the_english_one() -> None:
    def places(text: str) -> list[str]:
        return sorted(str(name) for _, name, _, _ in Formatter().parse(text) if name)

    for message, texts in translations().items():
        if "$" in str(message):
            continue  # formulas have braces of their own, and no values
        forms = (message,) if isinstance(message, str) else message
        for english, text in zip(forms, texts, strict=True):
            assert places(text) == places(english), message


def test_a_message_that_nobody_translated_would_be_found() -> None:
    assert "Left out: {names}." in messages.in_modules()
    assert "Limits" in messages.in_templates()
    assert ("product", "products") in messages.all_messages()


def test_numbers_and_lists_are_written_as_the_language_does() -> None:
    with speaking("fr"):
        assert share(0.5) == "0,500"
        assert interval(0.25, 0.75).startswith("0,250–")
        assert counted(1050, "product", "products") == "1\u202f050 produits"
        assert counted(0, "test product", "test products") == "0 produit de test"
        assert listed(["a", "b", "c"]) == "a, b et c"
        assert duration(1.5) == f"1,5{GAP}s"
        assert size(24_000_000) == f"24{GAP}Mo"
        assert gettext("undecided") == "indécis"
        assert gettext("Does transfer learning with EfficientNetV2 beat the classical baseline?")[
            -2:
        ] == (f"{GAP}?")
    assert share(0.5) == "0.500"
    assert gettext("undecided") == "undecided"


@pytest.mark.parametrize("folds", [1, 3])
def test_no_english_is_left_in_a_french_note(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folds: int
) -> None:
    monkeypatch.chdir(tmp_path)
    everybody, together = list(tiny_report.CANDIDATES), list(tiny_report.ENSEMBLES)
    tiny_report.write(tmp_path, candidates=everybody, ensembles=together, folds=folds)
    (tmp_path / "reports/figures").mkdir()
    with speaking("fr"):
        found = evidence.load(standings.load())
        text = note.render(found, figures.draw_all(found, tmp_path / "reports/figures"))
    text = re.sub(r'<span lang="en">.*?</span>', " ", text)
    words = re.sub(r"`[^`]*`|\([^)]*\.(png|csv|json)\)|<[^>]+>|```.*?```|https?://\S+", " ", text)
    for word in ("the", "of", "is", "are", "with", "from", "products", "accuracy", "better", "and"):
        left = re.findall(rf".*\b{word}\b.*", words)
        assert not left, (word, left[:2])
    assert not re.search(r"\d\.\d", re.sub(r"\d+\.\d+\.\d+|arXiv \S+", "", words)), "decimal points"
