"""Render a page from its template: Markdown, with the filters of `wording`, translated."""

from functools import lru_cache
from pathlib import Path

import jinja2

from aisle.report import translation, wording

TEMPLATES = Path(__file__).parent / "templates"
FILTERS = (
    *("code", "confidence", "counted", "decimal", "duration", "fingerprint", "gigas"),
    *(
        "interval",
        "listed",
        "listed_or",
        "markdown",
        "milliseconds",
        "number",
        "percent",
        "probability",
        "share",
        "shortened",
    ),
    *("signed_interval", "signed_share", "size"),
)
"""Functions of `wording` that a template may call."""


@lru_cache
def markdown_templates() -> jinja2.Environment:
    """Return the templates of Markdown, in which `FILTERS` may be called."""
    environment = templates(autoescape=False)  # names go through `code` and `markdown`
    environment.filters |= {name: getattr(wording, name) for name in FILTERS}
    environment.globals["counted"] = wording.counted  # a call, so that its nouns are extracted
    return environment


def templates(*, autoescape: bool) -> jinja2.Environment:
    """Return all templates; a name that a template does not know is an error.

    `_` and `ngettext` translate; the extension finds their messages for the tests.
    """
    environment = jinja2.Environment(
        extensions=["jinja2.ext.i18n"],
        loader=jinja2.FileSystemLoader(TEMPLATES),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=autoescape,
    )
    environment.globals |= {"_": translation.gettext, "ngettext": translation.ngettext}
    return environment
