"""The note as one self-contained page, which a browser shows without any network."""

import base64
import html
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from aisle.errors import AisleError
from aisle.report.rendering import templates
from aisle.report.translation import N_, gettext, language

ALERTS = {"Warning": N_("Warning"), "Caution": N_("Caution")}

FEW_COLUMNS = 3

ALERT = re.compile(r'(class="markdown-alert-title">)(\w+)<')
CELL = re.compile(r"<td( [^>]*)?>(.*?)</td>", re.DOTALL)
FIGURE = re.compile(r"<p>(<img [^>]*>)</p>\n<p><em>(.*?)</em></p>", re.DOTALL)
HEADING = re.compile(r'<h2 id="([^"]+)"[^>]*>(.*?)</h2>')
PREFORMATTED = re.compile(r"<pre>")
ROW = re.compile(r"<tr>\n(<td.*?)</tr>", re.DOTALL)
SOURCE = re.compile(r'(<img src=")([^"]+)(")')
TABLE_OR_TITLE = re.compile(
    r"<h[1-3][^>]*>(.*?)</h[1-3]>|<summary>(.*?)</summary>|<table>.*?</table>", re.DOTALL
)
TAG = re.compile(r"<[^>]+>")


def page(note: str, *, folder: Path) -> str:
    """Return HTML of a note in GitHub's Markdown; its pictures, relative to `folder`, are inside.

    In the language in use. Formulas become MathML, which browsers draw themselves. AisleError
    where a picture is missing.
    """
    body = str(_renderer().render(note))
    body = ALERT.sub(lambda found: f"{found[1]}{gettext(ALERTS.get(found[2], found[2]))}<", body)
    body = SOURCE.sub(lambda found: _embedded(found, folder=folder), body)
    body = FIGURE.sub(r"<figure>\1<figcaption>\2</figcaption></figure>", body)
    body = _named_tables(body)
    body = PREFORMATTED.sub('<pre tabindex="0">', body)
    title = next(line for line in note.splitlines() if line.startswith("# ")).removeprefix("# ")
    contents = [
        (anchor, html.unescape(TAG.sub("", text))) for anchor, text in HEADING.findall(body)
    ]
    template = templates(autoescape=True).get_template("page.html.j2")
    return template.render(title=title, body=body, contents=contents, language=language())


def _named_tables(body: str) -> str:
    """Return the page with tables that screen readers can announce, named by the heading above.

    Each lies in a box that scrolls sideways if the table is too wide; one of many columns can be
    scrolled by keyboard.
    """
    parts, end, heading = [], 0, ""
    for found in TABLE_OR_TITLE.finditer(body):
        parts.append(body[end : found.start()])
        end = found.end()
        if not found[0].startswith("<table>"):
            heading = TAG.sub("", found[1] or found[2])
            parts.append(found[0])
            continue
        table = found[0].replace("<th>", '<th scope="col">').replace("<th ", '<th scope="col" ')
        table = ROW.sub(_with_row_header, table)
        label = html.escape(html.unescape(heading))
        wide = table.partition("</tr>")[0].count("<th") > FEW_COLUMNS
        named = f' role="region" aria-label="{label}" tabindex="0"' if wide else ""
        parts.append(f'<div class="wide"{named}>{table}</div>')
    return "".join([*parts, body[end:]])


def _with_row_header(row: re.Match[str]) -> str:
    """Return a row whose first cell names it; a row of one cell only is a heading of rows."""
    cells = CELL.findall(row[1])
    attributes, first = cells[0]
    if len(cells) > 2 and not any(text.strip() for _, text in cells[1:]):
        return f'<tr>\n<th scope="rowgroup" colspan="{len(cells)}">{first}</th>\n</tr>'
    header = f'<th scope="row"{attributes}>{first}</th>'
    return "<tr>\n" + CELL.sub(lambda _: header, row[1], count=1) + "</tr>"


def _renderer() -> Any:
    from markdown_it import MarkdownIt
    from mdit_py_plugins.anchors import anchors_plugin
    from mdit_py_plugins.dollarmath import dollarmath_plugin
    from mdit_py_plugins.gfm import gfm_plugin

    found = MarkdownIt("gfm-like", {"html": True, "linkify": False})
    found.use(gfm_plugin).use(anchors_plugin, max_level=3)
    found.use(dollarmath_plugin, renderer=lambda formula, how: _math(formula, **how))
    found.add_render_rule("fence", _fence)
    return found


def _fence(
    renderer: Any, tokens: Sequence[Any], at: int, options: Any, environment: Mapping[str, Any]
) -> str:
    """Return a block of code, or, where GitHub would draw one, a formula."""
    if tokens[at].info.strip() == "math":
        return _math(tokens[at].content, display_mode=True) + "\n"
    return str(renderer.fence(tokens, at, options, environment))


def _math(formula: str, *, display_mode: bool) -> str:
    from latex2mathml.converter import convert

    return str(convert(formula.strip(), display="block" if display_mode else "inline"))


def _embedded(found: re.Match[str], *, folder: Path) -> str:
    path = folder / found[2]
    if not path.is_file():
        raise AisleError(f"'{path}' is missing, which the note shows. Run 'dvc repro figures'.")
    content = base64.b64encode(path.read_bytes()).decode("ascii")
    return f"{found[1]}data:image/png;base64,{content}{found[3]}"
