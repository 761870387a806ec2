"""The embedded sample catalogue: its content, and that it is reproducible."""

import re
from collections import Counter
from itertools import combinations
from pathlib import Path

import imagehash
import numpy as np
import pandas as pd
import pytest
from PIL import Image, ImageOps

from aisle.catalogue import tree
from aisle.errors import AisleError
from aisle.files import read_table
from synthetic.catalogue import generate, troubles
from synthetic.catalogue.objects import DESIGNS
from synthetic.catalogue.product import Product, save
from synthetic.catalogue.scene import photograph
from synthetic.catalogue.sketch import random_look

EACH = 6
ORIENTATION = 0x0112


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sample")
    generate(products_per_category=EACH, seed=7, folder=folder)
    return folder


@pytest.fixture(scope="module")
def table(folder: Path) -> pd.DataFrame:
    return read_table(folder / "products.csv")


@pytest.fixture(scope="module")
def photos(folder: Path, table: pd.DataFrame) -> dict[str, Image.Image]:
    """Every photo that can be decoded, upright, by its file name."""
    decoded = {}
    for name in table["image"]:
        try:
            with Image.open(folder / "images" / name) as photo:
                decoded[name] = ImageOps.exif_transpose(photo)
        except OSError:
            continue
    return decoded


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def category(row: pd.Series) -> str | None:
    return tree.category(row["product_category_tree"], level=1)


def shared(table: pd.DataFrame, column: str) -> pd.DataFrame:
    return table[table.duplicated(column, keep=False)]


def test_the_same_seed_gives_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    generate(products_per_category=EACH, seed=7, folder=tmp_path)
    assert contents(tmp_path) == contents(folder)


def test_another_seed_replaces_the_whole_catalogue(
    tmp_path: Path,
) -> None:
    generate(products_per_category=3, seed=1, folder=tmp_path)
    first = contents(tmp_path)
    generate(products_per_category=3, seed=2, folder=tmp_path)
    second = contents(tmp_path)
    assert len(second) == len(first) == 3 * 7 + 1
    assert set(first) & set(second) == {"products.csv"}
    assert not set(first.values()) & set(second.values())


def test_the_table_has_the_columns_of_the_flipkart_sample_and_as_many_rows_per_category(
    table: pd.DataFrame,
) -> None:
    assert list(table) == [
        "uniq_id",
        "crawl_timestamp",
        "product_url",
        "product_name",
        "product_category_tree",
        "pid",
        "retail_price",
        "discounted_price",
        "image",
        "is_FK_Advantage_product",
        "description",
        "product_rating",
        "overall_rating",
        "brand",
        "product_specifications",
    ]
    expected = Counter(dict.fromkeys(DESIGNS, EACH))
    expected["Plants"] -= 1  # its tree cannot be read
    expected[None] = 1  # type: ignore[index]
    assert Counter(category(row) for _, row in table.iterrows()) == expected


def test_the_second_level_of_the_tree_divides_every_category(table: pd.DataFrame) -> None:
    levels = {
        (tree.category(path, level=1), tree.category(path, level=2))
        for path in table["product_category_tree"]
    } - {(None, None)}
    assert set(Counter(first for first, _ in levels).values()) == {2}
    assert len({second for _, second in levels}) == len(levels)


def test_ids_names_and_files_are_unique_and_well_formed(table: pd.DataFrame) -> None:
    for column in ("uniq_id", "pid", "product_name", "image"):
        assert table[column].is_unique
    assert table["uniq_id"].str.fullmatch(r"[0-9a-f]{32}").all()
    assert table["pid"].str.fullmatch(r"[A-Z0-9]{16}").all()
    assert [Path(name).stem for name in table["image"]] == list(table["uniq_id"])


def test_specifications_are_written_as_ruby_hashes(table: pd.DataFrame) -> None:
    fact = r'\{"key"=>"[^"]+", "value"=>"[^"]+"\}'
    whole = re.compile(rf'\{{"product_specification"=>(nil|\[{fact}(, {fact})*\])\}}')
    assert all(whole.fullmatch(text) for text in table["product_specifications"])
    assert table["product_specifications"].str.count('"key"').max() >= 4


def test_photos_are_small_and_some_are_tall_and_some_wide(photos: dict[str, Image.Image]) -> None:
    sides = np.array([photo.size for name, photo in photos.items() if name.endswith(".jpg")])
    assert sides.min() >= 150
    assert sides.max() <= 500
    aspect = sides[:, 0] / sides[:, 1]
    assert aspect.min() < 0.8
    assert aspect.max() > 1.25


def test_one_photo_is_missing_and_one_is_truncated(
    folder: Path, table: pd.DataFrame, photos: dict[str, Image.Image]
) -> None:
    there = {path.name for path in (folder / "images").iterdir()}
    named = set(table["image"])
    assert there < named
    assert len(named - there) == 1
    assert len(there - set(photos)) == 1


def test_two_rows_of_one_design_share_a_photo_byte_for_byte(
    folder: Path, table: pd.DataFrame
) -> None:
    there = [path for path in (folder / "images").iterdir() if path.name.endswith(".jpg")]
    twins = [
        {a.name, b.name}
        for a, b in combinations(there, 2)
        if a.stat().st_size == b.stat().st_size and a.read_bytes() == b.read_bytes()
    ]
    assert len(twins) == 1
    rows = table[table["image"].isin(twins[0])]
    assert {tree.category(path, level=3) for path in rows["product_category_tree"]} == {
        "Table Lamps"
    }


def test_only_the_duplicates_look_alike_to_a_perceptual_hash(
    table: pd.DataFrame, photos: dict[str, Image.Image]
) -> None:
    hashes = {name: imagehash.phash(photo) for name, photo in photos.items()}
    near = [pair for pair in combinations(photos, 2) if hashes[pair[0]] - hashes[pair[1]] <= 2]
    designs = table.set_index("image")["product_category_tree"].map(
        lambda path: tree.category(path, level=3)
    )
    assert sorted((designs[a], designs[b]) for a, b in near) == [
        ("Coffee Mugs", "Coffee Mugs"),
        ("Table Lamps", "Table Lamps"),
    ]


def test_two_rows_share_only_a_description(table: pd.DataFrame) -> None:
    rows = shared(table, "description")
    assert len(rows) == 2
    assert rows["product_name"].is_unique
    assert set(rows.apply(category, axis=1)) == {"Bags"}


def test_one_photo_is_a_png_with_a_transparent_background(
    table: pd.DataFrame, photos: dict[str, Image.Image]
) -> None:
    names = [name for name in photos if name.endswith(".png")]
    assert len(names) == 1
    assert names[0] in set(table["image"])
    picture = photos[names[0]]
    assert picture.mode == "RGBA"
    alpha = np.asarray(picture.getchannel("A"))
    assert alpha[0, 0] == 0
    assert alpha.max() == 255


def test_one_jpeg_has_an_exif_orientation(folder: Path) -> None:
    orientations = []
    for path in (folder / "images").iterdir():
        with Image.open(path) as photo:
            orientations.append(photo.getexif().get(ORIENTATION))
    assert Counter(orientations)[6] == 1
    assert set(orientations) == {None, 6}


def test_a_sideways_photo_turned_upright_is_the_photo_that_was_drawn(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    design, look = DESIGNS["Shoes"][0], random_look(rng)
    drawn = photograph(design, look, rng=rng)
    product = Product("Shoes", design, look, 1, {"image": "shoe.jpg"}, tmp_path)
    save(drawn, product.photo)
    troubles.sideways_photo(product)
    with Image.open(product.photo) as photo:
        assert photo.size == (drawn.height, drawn.width)
        upright = ImageOps.exif_transpose(photo)
    difference = np.asarray(upright, dtype=int) - np.asarray(drawn, dtype=int)
    assert np.abs(difference).mean() < 6


def test_a_similar_photo_is_another_file_with_nearly_the_same_hash(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    for category_name, designs in DESIGNS.items():
        look = random_look(rng)
        product, twin = (
            Product(category_name, designs[0], look, model, {"image": f"{model}.jpg"}, tmp_path)
            for model in (1, 2)
        )
        save(photograph(designs[0], look, rng=rng), product.photo)
        troubles.similar_photo(product, twin, rng=rng)
        with Image.open(product.photo) as photo, Image.open(twin.photo) as again:
            assert photo.size != again.size
            assert imagehash.phash(photo) - imagehash.phash(again) <= 2


@pytest.mark.parametrize("each", [3, 5])
def test_a_tiny_catalogue_keeps_every_product_usable(each: int, tmp_path: Path) -> None:
    generate(products_per_category=each, seed=1, folder=tmp_path)
    table = read_table(tmp_path / "products.csv")
    counts = Counter(category(row) for _, row in table.iterrows())
    assert counts == dict.fromkeys(DESIGNS, each)
    assert table["description"].is_unique
    for name in table["image"]:
        with Image.open(tmp_path / "images" / name) as photo:
            photo.load()


def test_fewer_than_three_products_per_category_is_refused_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(AisleError, match=r"at least 3 products per category.*got 2") as refusal:
        generate(products_per_category=2, seed=1, folder=tmp_path / "raw")
    assert "catalogue.sample.products_per_category" in str(refusal.value)
    assert not (tmp_path / "raw").exists()
