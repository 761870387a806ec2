"""Names and numbers as a reader of the note sees them."""

import pytest

from aisle.report import wording


def plain(text: str) -> str:
    return text.replace(wording.GAP, " ")


def test_a_name_with_special_characters_stays_one_harmless_table_cell() -> None:
    assert wording.markdown("a|b") == r"a\|b"
    assert wording.markdown("<script>_x_</script>") == r"&lt;script&gt;\_x\_&lt;/script&gt;"
    assert wording.markdown("two\nlines `$5` [x](y)") == r"two lines \`&#36;5\` \[x\](y)"


def test_a_candidate_is_shown_as_code_unless_its_name_would_break_out_of_it() -> None:
    assert wording.code("random_forest") == "`random_forest`"
    assert wording.code("a`b|c") == r"a\`b\|c"


def test_a_long_name_loses_its_middle_and_keeps_both_ends() -> None:
    short = wording.shortened("Wrist Watches for Men and Women", length=20)
    assert short.startswith("Wrist") and short.endswith("Women")
    assert len(short) <= 20
    assert wording.shortened("Watches", length=20) == "Watches"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "–"),
        (0.01, "< 0.1 s"),
        (3.24, "3.2 s"),
        (59.4, "59 s"),
        (59.6, "1 min 00 s"),
        (196, "3 min 16 s"),
        (4589, "1 h 16 min"),
        (7199.9, "2 h 00 min"),
    ],
)
def test_durations_are_read_at_a_glance(seconds: float, text: str) -> None:
    assert plain(wording.duration(seconds)) == text


@pytest.mark.parametrize(
    ("number", "text"),
    [(812, "812"), (999.6, "1.0 k"), (91234, "91 k"), (999_600, "1.0 M"), (5_928_276, "5.9 M")],
)
def test_large_counts_keep_two_or_three_figures(number: float, text: str) -> None:
    assert plain(wording.scaled(number)) == text


def test_a_confidence_keeps_its_decimals() -> None:
    assert [wording.confidence(value) for value in (0.9, 0.95, 0.975)] == ["90", "95", "97.5"]
    assert wording.confidence(1 - 0.95) == "5"


def test_sizes_have_units() -> None:
    assert plain(wording.size(24_100_000)) == "24 MB"
    assert plain(wording.milliseconds(1.23)) == "1.2 ms"
    assert plain(wording.milliseconds(0.02)) == "< 0.1 ms"


def test_differences_have_a_sign_and_intervals_do_not_break() -> None:
    assert plain(wording.signed(3, of=840)) == "+3 (+0.004)"
    assert plain(wording.signed(-20, of=840)) == "−20 (−0.024)"
    assert wording.signed(0, of=840) == "level"
    assert wording.interval(0.8129, 0.8626).replace(wording.JOINER, "") == "0.813–0.863"


def test_lists_and_counts_are_grammatical() -> None:
    assert wording.listed(["a"]) == "a"
    assert wording.listed(["a", "b", "c"]) == "a, b and c"
    assert wording.counted(1, "product", "products") == "1 product"
    assert wording.counted(1050, "category", "categories") == "1,050 categories"


def test_a_difference_close_to_0_is_not_shown_as_0() -> None:
    assert wording.signed_share(-0.0003) == "−0.0003"
    assert wording.signed_share(0.0) == "0.000"
    assert wording.signed_share(0.0007) == "+0.001"
