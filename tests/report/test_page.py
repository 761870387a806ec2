"""reports/note.html, as a browser shows it: a real headless Chromium."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import tiny_report

from aisle.errors import AisleError
from aisle.report import evidence, figures, note
from aisle.report.page import page
from aisle.report.translation import speaking
from aisle.standings import standings

BROWSER = shutil.which("chromium") or shutil.which("google-chrome")
needs_browser = pytest.mark.skipif(BROWSER is None, reason="no Chromium is installed")

MEASURE = """
<script>
const errors = [];
addEventListener("error", event => errors.push(event.message || event.target.src), true);
addEventListener("load", () => {
  for (const details of document.querySelectorAll("details")) details.open = true;
  const page = document.documentElement;
  const out = [...document.body.querySelectorAll("*")].filter(
    one => one.getBoundingClientRect().right > innerWidth + 1 && !one.closest(".wide, pre, math")
  );
  const found = {
    width: innerWidth,
    overflow: page.scrollWidth - page.clientWidth,
    out: out.map(one => one.outerHTML.slice(0, 80)),
    pictures: [...document.images].map(one => [one.naturalWidth, one.alt]),
    formulas: [...document.querySelectorAll("math")].map(one => one.getBoundingClientRect().height),
    outside: performance.getEntriesByType("resource").map(one => one.name)
      .filter(name => !name.startsWith("data:")),
    headings: [...document.querySelectorAll("h1, h2")].map(one => one.textContent.trim()),
    errors,
  };
  const told = document.createElement("pre");
  told.id = "measured";
  told.textContent = JSON.stringify(found);
  document.body.append(told);
});
</script>
"""


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """A note with its figures drawn, and its page."""
    folder = tmp_path_factory.mktemp("page")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        tiny_report.write(folder)
        found = evidence.load(standings.load())
        (folder / "reports/figures").mkdir()
        text = note.render(found, figures.draw_all(found, folder / "reports/figures"))
        return text, page(text, folder=folder / "reports")


def opened(html: str, folder: Path, *, width: int) -> dict[str, Any]:
    """Return what a browser window of so many pixels measures on the page."""
    file = folder / "page.html"
    file.write_text(html.replace("<head>", f"<head>{MEASURE}", 1), encoding="utf-8")
    command = [
        *(str(BROWSER), "--headless", "--no-sandbox", "--disable-gpu", "--dump-dom"),
        *(f"--user-data-dir={folder / 'profile'}", f"--window-size={width},900"),
        *("--virtual-time-budget=10000", file.as_uri()),
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    told = re.search(r'<pre id="measured">(.*?)</pre>', done.stdout, re.DOTALL)
    assert told, done.stderr
    plain = told[1].replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    measured: dict[str, Any] = json.loads(plain)
    return measured


@needs_browser
@pytest.mark.parametrize("width", [1280, 500])
def test_a_browser_finds_nothing_missing_and_nothing_that_sticks_out(
    written: tuple[str, str], tmp_path: Path, width: int
) -> None:
    text, html = written
    found = opened(html, tmp_path, width=width)
    assert found["width"] == width
    assert found["overflow"] == 0 and found["out"] == []
    assert found["errors"] == [] and found["outside"] == []
    assert len(found["pictures"]) == text.count("![") > 5
    assert all(size > 0 and alternative for size, alternative in found["pictures"])
    assert len(found["formulas"]) >= 2 and min(found["formulas"]) > 5
    assert found["headings"][0] == text.splitlines()[0].removeprefix("# ")


@needs_browser
def test_the_page_can_be_printed(written: tuple[str, str], tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text(written[1], encoding="utf-8")
    pdf = tmp_path / "page.pdf"
    command = [
        *(str(BROWSER), "--headless", "--no-sandbox", "--disable-gpu"),
        *(f"--user-data-dir={tmp_path / 'profile'}", f"--print-to-pdf={pdf}"),
        (tmp_path / "page.html").as_uri(),
    ]
    subprocess.run(command, capture_output=True, timeout=120, check=True)
    assert 3 <= pdf.read_bytes().count(b"/Type /Page\n") <= 40


def test_a_screen_reader_finds_contents_tables_and_figures(written: tuple[str, str]) -> None:
    text, html = written
    assert html.count("<main>") == html.count("<nav ") == 1
    anchors = re.findall(r'<a href="#([^"]+)">', html.partition("</nav>")[0])
    assert len(anchors) == text.count("\n## ")
    assert all(f'<h2 id="{anchor}"' in html for anchor in anchors)
    assert html.count("<figure>") == html.count("<figcaption>") == text.count("![")
    assert '<th scope="rowgroup" colspan="9"><strong>Controls</strong></th>' in html
    rows = re.findall(r"<tbody>\n<tr>\n(<\w+ [^>]*)>", html)
    assert rows and all(row.startswith("<th scope=") for row in rows)
    assert '<div class="wide" role="region" aria-label="Results" tabindex="0">' in html


def test_the_page_needs_no_other_file(written: tuple[str, str]) -> None:
    _, html = written
    assert html.count('src="data:image/png;base64,') == html.count("<img ")
    assert not re.search(r'<(script|link|iframe)|src="(?!data:)|@import|url\(', html)


def test_names_of_a_catalogue_are_text_and_never_markup(written: tuple[str, str]) -> None:
    _, html = written
    assert "Kitchen_&amp;_&lt;Dining&gt;" in html
    assert "<Dining>" not in html


def test_a_link_to_a_section_finds_it(written: tuple[str, str]) -> None:
    _, html = written
    assert '<h2 id="what-the-answers-rely-on"' in html
    assert '<a href="#what-the-answers-rely-on">What the answers rely on</a>' in html


def test_warnings_and_formulas_are_more_than_their_source() -> None:
    text = "# T\n\n> [!WARNING]\n> Careful, `a`.\n\nA $y$.\n\n```math\n\\frac{a}{b}\n```\n"
    html = page(text, folder=Path())
    assert "markdown-alert-warning" in html and "[!WARNING]" not in html
    assert html.count("<math ") == 2 and "<mfrac>" in html and "$" not in html
    assert html.startswith("<!doctype html>") and "<title>T</title>" in html


def test_a_french_page_says_so_and_warns_in_french() -> None:
    with speaking("fr"):
        html = page("# T\n\n> [!WARNING]\n> Ceci.\n\n> [!CAUTION]\n> Cela.\n", folder=Path())
    assert '<html lang="fr">' in html
    assert ">Attention<" in html and ">Prudence<" in html and ">Warning<" not in html


def test_a_missing_picture_is_named(tmp_path: Path) -> None:
    with pytest.raises(AisleError, match=r"gone\.png' is missing, which the note shows"):
        page("# T\n\n![Gone](figures/gone.png)\n", folder=tmp_path)
