import numpy as np

from aisle.catalogue import duplicates

NO_TEXT: list[list[str]] = []


def hashes(*codes: int) -> list[str]:
    return [f"{code:016x}" for code in codes]


FAR_APART = hashes(0, (1 << 32) - 1, ((1 << 32) - 1) << 32, (1 << 64) - 1)


def test_products_without_anything_in_common_have_groups_of_one() -> None:
    found = duplicates.groups(sha256=list("abcd"), phash=FAR_APART, texts=NO_TEXT, bits=4)
    assert found.tolist() == [0, 1, 2, 3]


def test_the_same_file_makes_a_group() -> None:
    found = duplicates.groups(sha256=list("abac"), phash=FAR_APART, texts=NO_TEXT, bits=0)
    assert found.tolist() == [0, 1, 0, 2]


def test_hashes_group_up_to_the_allowed_distance() -> None:
    codes = hashes(0, 0b111, (1 << 40) - 1)
    assert duplicates.groups(sha256=list("abc"), phash=codes, texts=NO_TEXT, bits=3).tolist() == [
        *(0, 0, 1)
    ]
    assert duplicates.groups(sha256=list("abc"), phash=codes, texts=NO_TEXT, bits=2).tolist() == [
        *(0, 1, 2)
    ]


def test_texts_match_regardless_of_case_punctuation_and_spacing() -> None:
    texts = [["Blue Mug, 300 ml!", "red mug", "  blue   MUG 300-ml", ""], ["", "", "", ""]]
    found = duplicates.groups(sha256=list("abcd"), phash=FAR_APART, texts=texts, bits=0)
    assert found.tolist() == [0, 1, 0, 2]


def test_empty_texts_never_match_and_other_scripts_do() -> None:
    texts = [["", "", "蓝色杯子", "蓝色杯子"]]
    found = duplicates.groups(sha256=list("abcd"), phash=FAR_APART, texts=texts, bits=0)
    assert found.tolist() == [0, 1, 2, 2]


def test_groups_are_unions_through_a_common_member() -> None:
    texts = [["x", "y", "y", "z"]]
    found = duplicates.groups(sha256=list("aabc"), phash=FAR_APART, texts=texts, bits=0)
    assert found.tolist() == [0, 0, 0, 1]


def test_blocks_of_the_distance_matrix_give_all_groups() -> None:
    generator = np.random.default_rng(0)
    count = 2 * duplicates.ROWS_AT_ONCE + 7
    codes = generator.integers(0, 1 << 62, size=count).tolist()
    codes[-1] = codes[0] ^ 1
    found = duplicates.groups(
        sha256=[str(i) for i in range(count)], phash=hashes(*codes), texts=NO_TEXT, bits=1
    )
    assert found[-1] == found[0]
    assert len(np.unique(found)) == count - 1
