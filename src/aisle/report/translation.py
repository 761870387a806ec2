"""The language of the note: its messages by gettext, its numbers and lists by Babel.

Messages are written in English where they are used. `locale/fr/LC_MESSAGES/aisle.po` translates
them; it is read as it is, so there is nothing to compile. A missing or unused translation fails a
test.
"""

import gettext as gnu
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import Literal

from babel import Locale

Language = Literal["en", "fr"]

LOCALES = Path(__file__).parent / "locale"

_language: ContextVar[Language] = ContextVar("language", default="en")


@contextmanager
def speaking(language: Language) -> Iterator[None]:
    """Use this language for all words and numbers until the end of the block."""
    before = _language.set(language)
    try:
        yield
    finally:
        _language.reset(before)


def language() -> Language:
    """Return the language in use."""
    return _language.get()


def locale() -> Locale:
    """Return Babel's rules for the language in use; English is British, as the messages are."""
    return _locale(language())


def gettext(message: str, /, **values: object) -> str:
    """Return an English message in the language in use, with its values in their places."""
    found = messages().gettext(message)
    return found.format(**values) if values else found


def ngettext(one: str, several: str, number: int, /, **values: object) -> str:
    """Return the message that fits the number, in the language in use."""
    found = messages().ngettext(one, several, number)
    return found.format(**values) if values else found


def N_(message: str) -> str:  # noqa: N802 - the name that extraction tools know
    """Mark a message that is translated later, where it is used."""
    return message


def messages() -> gnu.NullTranslations:
    """Return the messages of the language in use."""
    return _messages(language())


@cache
def _messages(language: Language) -> gnu.NullTranslations:
    if language == "en":
        return gnu.NullTranslations()
    from babel.messages import mofile, pofile

    with (LOCALES / language / "LC_MESSAGES" / "aisle.po").open("rb") as file:
        catalog = pofile.read_po(file, locale=language)
    for message in catalog:
        if message.id:  # the first one is the header
            found = message.string or ""
            message.string = (
                _typeset(found) if isinstance(found, str) else tuple(map(_typeset, found))
            )
    compiled = io.BytesIO()
    mofile.write_mo(compiled, catalog)
    compiled.seek(0)
    return gnu.GNUTranslations(compiled)


def _typeset(french: str) -> str:
    """Return French with no-break spaces before its signs and inside its quotes."""
    signs = r" (?=[:;?»]|%(?!\()|!(?!\[))"  # neither a place for a value nor a picture
    return re.sub(signs, "\u00a0", french).replace("« ", "«\u00a0")


@cache
def _locale(language: Language) -> Locale:
    return Locale.parse({"en": "en_GB", "fr": "fr"}[language])
