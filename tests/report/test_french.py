"""The note in French: every sentence has its translation, with the same places for values."""

import ast
import re
from collections.abc import Mapping
from pathlib import Path
from string import Formatter
from typing import Any

import jinja2
import pytest
import tiny_report
from jinja2 import meta

from aisle import methods
from aisle.report import (
    certainty,
    described,
    ensembles,
    evidence,
    explained,
    figures,
    note,
    photo_figures,
    score_figures,
    verdict_figures,
)
from aisle.report import sentences as sentences_module
from aisle.report.french import FRENCH
from aisle.report.rendering import TEMPLATES
from aisle.report.wording import GAP, counted, duration, interval, say, share, size, speaking
from aisle.standings import competitors, standings

FOLDER = Path(note.__file__).parent
METHODS = Path(methods.__file__).parent
NOT_SAID = {"metric", "model", "recipe", "sees", "features", "views", "folds", "staged", "_", " "}
"""Keys and values of params.yaml that stand inside a call of `say` and are not said."""

SAID_BY_NAME: list[Mapping[Any, str]] = [
    *(certainty.COST_NAMES, competitors.KINDS, competitors.LABELS),
    *(described.HOW, described.EXTRAS),
    *(ensembles.COMBINES, ensembles.SMALL),
    *(explained.WITHOUT, sentences_module.REPLIES, note.CATALOGUES, note.CONCLUSIONS, note.SOURCES),
    *(note.SUMS_UP,),
]
NOUNS_OF_TEMPLATES = re.compile(r'counted\("(.+?)"')


def english() -> set[str]:
    """Return every sentence that is said: in calls, in constants, in tables of sentences."""
    found = set()
    for path in [*FOLDER.glob("*.py"), *METHODS.rglob("*.py")]:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                place = {"say": 0, "counted": 1, "phrase": 0, "Count": 1}.get(node.func.id)
                if place is not None and len(node.args) > place:
                    found |= {
                        part.value
                        for part in ast.walk(node.args[place])
                        if isinstance(part, ast.Constant) and isinstance(part.value, str)
                    }
    for module in (certainty, described, ensembles, sentences_module, figures, note, photo_figures):
        found |= sentences(module)
    found |= sentences(score_figures) | sentences(verdict_figures)
    for table in SAID_BY_NAME:
        found |= set(table.values())
    found |= {noun for pair in sentences_module.BEST_OF.values() for noun in pair}
    return found - NOT_SAID


def sentences(module: object) -> set[str]:
    """Return a module's constants that are sentences: with a blank, and not the table of others."""
    return {
        value
        for name, value in vars(module).items()
        if name.isupper() and isinstance(value, str) and " " in value
    }


def test_every_sentence_has_its_french() -> None:
    assert not sorted(english() - set(FRENCH))


def test_every_french_sentence_has_the_places_of_the_english_one() -> None:
    def places(text: str) -> list[str]:
        return sorted(str(name) for _, name, _, _ in Formatter().parse(text) if name)

    for text, french in FRENCH.items():
        assert places(text) == places(french), text


@pytest.mark.parametrize("name", ["note", "efficientnetv2"])
def test_both_templates_read_the_same_and_have_as_many_parts(name: str) -> None:
    texts = [
        (TEMPLATES / f"{name}{suffix}.md.j2").read_text(encoding="utf-8") for suffix in ("", ".fr")
    ]
    environment = jinja2.Environment()
    environment.filters |= dict.fromkeys(
        re.findall(r"\| (\w+)", "".join(texts)), lambda value, *_, **__: value
    )
    one, other = (meta.find_undeclared_variables(environment.parse(text)) for text in texts)
    assert one == other
    for mark in (r"^#+ ", r"^- ", r"figure\(", r"^\|", r"\{% for", r"```"):
        counts = [len(re.findall(mark, text, flags=re.MULTILINE)) for text in texts]
        assert counts[0] == counts[1], mark
    for noun in NOUNS_OF_TEMPLATES.findall(texts[1]):
        assert noun in FRENCH, noun


def test_numbers_are_written_as_the_language_does() -> None:
    with speaking("fr"):
        assert share(0.5) == "0,500"
        assert interval(0.25, 0.75).startswith("0,250–")
        assert counted(1050, "product") == "1\u202f050 produits"
        assert counted(0, "test product") == "0 produit de test"
        assert counted(2, "network") == "2 réseaux"
        assert duration(1.5) == f"1,5{GAP}s"
        assert size(24_000_000) == f"24{GAP}Mo"
        assert say("undecided") == "indécis"
    assert share(0.5) == "0.500"
    assert say("undecided") == "undecided"


def test_no_english_is_left_in_a_french_note(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    everybody, together = list(tiny_report.CANDIDATES), list(tiny_report.ENSEMBLES)
    tiny_report.write(tmp_path, candidates=everybody, ensembles=together, folds=3, rejects=0)
    (tmp_path / "reports/figures").mkdir()
    with speaking("fr"):
        found = evidence.load(standings.load())
        text = note.render(found, figures.draw_all(found, tmp_path / "reports/figures"))
    words = re.sub(r"`[^`]*`|\([^)]*\.(png|csv|json)\)|<[^>]+>|```.*?```|https?://\S+", " ", text)
    words = words.partition("## Références")[0]
    for word in ("the", "of", "is", "are", "with", "from", "products", "accuracy", "better", "and"):
        left = re.findall(rf".*\b{word}\b.*", words)
        assert not left, (word, left[:2])
