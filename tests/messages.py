"""All messages that the report can write, as Babel and Jinja find them in its source."""

import io
from pathlib import Path
from typing import Any

from babel.messages.extract import extract
from jinja2.ext import extract_from_ast

from aisle import methods
from aisle.report import note, rendering
from aisle.standings import competitors

Message = str | tuple[str, str]
"""One message, or the one for one thing and the one for several."""

REPORT, METHODS = (Path(str(room.__file__)).parent for room in (note, methods))
KEYWORDS: dict[str, Any] = {
    **dict.fromkeys(("gettext", "N_", "_", "phrase"), None),
    **{"ngettext": (1, 2), "counted": (2, 3), "Count": (2, 3)},
}
PLURALS = ("ngettext", "counted")
REJECTS = (
    *("missing id", "duplicate id", "unreadable tree", "missing photo", "unsafe name"),
    *("unreadable photo", "too large"),
)
READS = ("nothing", "photo", "text", "photo and text")


def all_messages() -> set[Message]:
    """Return the messages of modules, templates, and of words that come from elsewhere."""
    return {*in_modules(), *in_templates(), *from_elsewhere()}


def in_modules() -> set[Message]:
    found: set[Message] = set()
    for path in [*REPORT.glob("*.py"), *METHODS.rglob("*.py")]:
        source = io.BytesIO(path.read_bytes())
        for _, message, _, _ in extract("python", source, keywords=KEYWORDS):
            found.add(message if isinstance(message, str) else (message[0], message[1]))
    return found


def in_templates() -> set[Message]:
    """Return the messages of the pages that are translated: the note and what it includes."""
    found: set[Message] = set()
    environment = rendering.markdown_templates()
    for name in ("note.md", "efficientnetv2.md", "references.md", "page.html"):
        source = (rendering.TEMPLATES / f"{name}.j2").read_text(encoding="utf-8")
        calls = extract_from_ast(environment.parse(source), tuple(KEYWORDS), babel_style=False)
        for _, function, message in calls:
            parts = (message,) if isinstance(message, str) else message or ()
            texts = [text for text in parts if text]
            if texts:
                found.add((texts[0], texts[1]) if function in PLURALS else texts[0])
    return found


def from_elsewhere() -> set[Message]:
    """Return words that other rooms have: kinds, reasons, what methods say of themselves."""
    words: set[Message] = {*competitors.KINDS.values(), *competitors.LABELS.values()}
    return words | set(REJECTS) | set(READS)
