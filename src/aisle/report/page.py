"""The note as one self-contained page: what a browser shows of it without any network."""

import base64
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from aisle.errors import AisleError
from aisle.report.rendering import templates
from aisle.report.wording import language, say

SOURCE = re.compile(r'(<img src=")([^"]+)(")')
ALERT = re.compile(r'(class="markdown-alert-title">)(\w+)<')
WIDE = re.compile(r"<table>.*?</table>|<img [^>]*>", re.DOTALL)


def page(note: str, *, folder: Path) -> str:
    """Return HTML of a note in GitHub's Markdown; its pictures, relative to `folder`, are inside.

    In the language that is spoken. Formulas become MathML, which browsers draw themselves.
    AisleError where a picture is missing.
    """
    body = _renderer().render(note)
    body = ALERT.sub(lambda found: f"{found[1]}{say(found[2])}<", body)
    body = SOURCE.sub(lambda found: _inside(found, folder=folder), body)
    # a wide table, or on a phone a picture, scrolls by itself and not the page with it
    body = WIDE.sub(lambda found: f'<span class="wide" tabindex="0">{found[0]}</span>', body)
    title = next(line for line in note.splitlines() if line.startswith("# ")).removeprefix("# ")
    template = templates(autoescape=True).get_template("page.html.j2")
    return template.render(title=title, body=body, language=language())


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


def _inside(found: re.Match[str], *, folder: Path) -> str:
    path = folder / found[2]
    if not path.is_file():
        raise AisleError(f"'{path}' is missing, which the note shows. Run 'dvc repro figures'.")
    content = base64.b64encode(path.read_bytes()).decode("ascii")
    return f"{found[1]}data:image/png;base64,{content}{found[3]}"
