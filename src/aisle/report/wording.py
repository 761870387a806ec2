"""Names, numbers and lists as GitHub Markdown shows them, in the language of `translation`."""

import html
import re
from collections.abc import Sequence

from babel.lists import format_list
from babel.numbers import get_decimal_symbol, get_group_symbol

from aisle.report.translation import gettext, language, locale, ngettext

GAP = "\u00a0"
"""Between a number and its unit, so that a narrow table does not part them."""

JOINER = "\u2060"
"""After the dash of an interval, for the same reason; it has no width."""

HASH_DIGITS = 12

CODE = re.compile(r"[\w./@=-]+")


def local(number: str) -> str:
    """Return a number written as in English, "1,050.5", as the language writes it."""
    symbols = {",": get_group_symbol(locale()), ".": get_decimal_symbol(locale())}
    return re.sub("[,.]", lambda sign: symbols[sign[0]], number)


def number(value: float) -> str:
    """Return a count as "1,050"."""
    return local(f"{value:,}")


def decimal(value: float | str) -> str:
    """Return a number as it was set, "0.02", or as it stands in a text of English numbers."""
    return local(value if isinstance(value, str) else f"{value:g}")


def markdown(text: object) -> str:
    """Return `text` on one line, with everything that Markdown, HTML or math would read escaped."""
    line = " ".join(str(text).split())
    line = html.escape(line, quote=False)
    line = re.sub(r"([\\`*_\[\]|~#])", r"\\\1", line)
    return line.replace("$", "&#36;")


def code(name: object) -> str:
    """Return a name from params.yaml or a file's name as code, escaped where it is unusual."""
    return f"`{name}`" if CODE.fullmatch(str(name)) else markdown(name)


def shortened(text: str, *, length: int) -> str:
    """Return `text` with its middle cut so that it has at most `length` characters."""
    if len(text) <= length:
        return text
    head = (length - 1) * 2 // 3
    return f"{text[:head].rstrip()}…{text[len(text) - (length - 1 - head) :].lstrip()}"


def listed(names: Sequence[str]) -> str:
    """Return "a", "a and b", or "a, b and c"."""
    return format_list(list(names), locale=locale())


def listed_or(names: Sequence[str]) -> str:
    """Return "a", "a or b", or "a, b or c"."""
    return format_list(list(names), style="or", locale=locale())


def english(text: str) -> str:
    """Return English text of a catalogue or a reference, marked where the note is not English."""
    return text if language() == "en" else f'<span lang="en">{text}</span>'


def counted(number: int, one: str, several: str) -> str:
    """Return "1 product" or "1,050 products"."""
    noun = ngettext(one, several, number)
    return f"{local(f'{number:,}')} {noun}"


def signed(products: int, *, of: int) -> str:
    """Return a difference as "+3 (+0.004)", "−20 (−0.024)" or "level"."""
    if not products:
        return gettext("level")
    sign = "+" if products > 0 else "−"
    return f"{sign}{local(f'{abs(products):,}')}{GAP}({sign}{share(abs(products) / of)})"


def signed_share(value: float) -> str:
    """Return a difference of two shares with its sign and three decimals: "+0.190", "−0.010".

    Four decimals where three would show 0: whether an interval holds 0 is its verdict.
    """
    sign = "−" if round(value, 4) < 0 else "+" if round(value, 4) > 0 else ""
    small = sign and abs(value) < 0.0005
    return f"{sign}{local(f'{abs(value):.4f}') if small else share(abs(value))}"


def signed_interval(low: float, high: float) -> str:
    """Return the interval of a difference, which no table breaks in two: "−0.133 to +0.267"."""
    words = gettext("{low} to {high}", low=signed_share(low), high=signed_share(high))
    return words.replace(" ", GAP)


def probability(value: float) -> str:
    """Return a p value as "0.031" or "< 0.001"."""
    return share(value) if value >= 0.001 else f"<{GAP}{local('0.001')}"


def interval(low: float, high: float) -> str:
    """Return "0.813–0.863", which no table breaks in two."""
    return f"{share(low)}–{JOINER}{share(high)}"


def percent(value: float) -> str:
    """Return a share as "32 %"."""
    return f"{100 * value:.0f}{GAP}%"


def confidence(value: float) -> str:
    """Return the confidence of an interval, or its complement, in per cent: "95" or "97.5"."""
    return local(f"{100 * value:g}")


def share(value: float) -> str:
    """Return an accuracy, F1 or loss with three decimals."""
    return local(f"{value:.3f}")


def duration(seconds: float) -> str:
    """Return seconds as "0.4 s", "12 s", "3 min 20 s" or "1 h 16 min"."""
    if seconds == 0:
        return "–"
    if seconds < 0.05:
        return f"<{GAP}{local('0.1')}{GAP}s"
    if seconds < 9.95:
        return f"{local(f'{seconds:.1f}')}{GAP}s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole}{GAP}s"
    if whole < 3600:
        return f"{whole // 60}{GAP}min{GAP}{whole % 60:02d}{GAP}s"
    minutes = round(seconds / 60)
    return f"{minutes // 60}{GAP}h{GAP}{minutes % 60:02d}{GAP}min"


def milliseconds(value: float) -> str:
    """Return milliseconds with two figures where they are few."""
    if value < 0.05:
        return f"<{GAP}{local('0.1')}{GAP}ms"
    return f"{local(f'{value:.1f}' if value < 9.95 else f'{value:,.0f}')}{GAP}ms"


def scaled(number: float, *, units: Sequence[str] = ("", "k", "M", "G")) -> str:
    """Return a count of parameters as "812", "55 k" or "5.9 M": two or three figures."""
    power = 0
    while number >= 999.5 and power < len(units) - 1:
        number, power = number / 1000, power + 1
    digits = f"{number:.1f}" if power and number < 9.95 else f"{number:.0f}"
    return f"{local(digits)}{GAP}{units[power]}".rstrip(GAP)


def gigas(number: float) -> str:
    """Return a count of operations as "0.72 G"."""
    return f"{local(f'{number / 1e9:.2f}')}{GAP}G"


def size(number: float) -> str:
    """Return bytes as "812 B", "1.2 kB" or "24 MB"."""
    units = ("B", "kB", "MB", "GB") if language() == "en" else ("o", "ko", "Mo", "Go")
    return scaled(number, units=units)


def fingerprint(digest: str | None) -> str:
    """Return the beginning of a file's hash, as code."""
    return f"`{digest[:HASH_DIGITS]}…`" if digest else "–"
