"""How every page is rendered from its template: Markdown, with the words of `wording`."""

from functools import lru_cache
from pathlib import Path

import jinja2

from aisle.report import wording

TEMPLATES = Path(__file__).parent / "templates"
FILTERS = (
    *("code", "counted", "decimal", "duration", "fingerprint", "interval", "listed", "markdown"),
    *("milliseconds", "number", "probability", "say", "share", "shortened", "signed_interval"),
    *("signed_share", "size"),
)
"""Functions of `wording` that a template may call."""


@lru_cache
def markdown_templates() -> jinja2.Environment:
    """Return where templates of Markdown are looked up, in which `FILTERS` may be called."""
    environment = templates(autoescape=False)  # names go through `code` and `markdown`
    environment.filters |= {name: getattr(wording, name) for name in FILTERS}
    return environment


def templates(*, autoescape: bool) -> jinja2.Environment:
    """Return where templates are looked up; a name that one does not know is an error."""
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=autoescape,
    )
