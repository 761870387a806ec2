import pytest

from aisle.catalogue.tree import category


@pytest.mark.parametrize(
    "text",
    [
        '["Watches >> Wrist Watches >> Some Watch"]',
        "['Watches >> Wrist Watches']",
        "Watches>>Wrist Watches",
        "[“Watches  >>  Wrist Watches”]",
        '["Watches >> Wrist Watches", "Gifts >> For him"]',
        '  [ "Watches >> Wrist Watches" ] ',
    ],
)
def test_the_root_of_a_tree_is_read_with_any_quotes(text: str) -> None:
    assert category(text, level=1) == "Watches"
    assert category(text, level=2) == "Wrist Watches"


@pytest.mark.parametrize("text", ["", "[]", '[""]', '["  >> Wrist Watches"]', '[" "]'])
def test_a_tree_without_the_level_is_unreadable(text: str) -> None:
    assert category(text, level=1) is None


def test_a_level_below_the_last_is_unreadable() -> None:
    assert category('["Watches >> Wrist Watches"]', level=3) is None
    assert category('["Watches >>  >> Some Watch"]', level=3) is None


def test_a_comma_or_a_quote_inside_a_name_does_not_end_it() -> None:
    assert category('["Pots, Pans & More >> 10" Pan"]', level=1) == "Pots, Pans & More"
