"""`aisle predict`: a photo that is in no catalogue is answered as the evaluation would answer."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pandas as pd
import pytest
from conftest import CLASSICAL, ROOT, SILENT, TRAINING, run_stages, write_params, write_shop
from PIL import Image

from aisle import cli, files, paths
from aisle.errors import AisleError
from aisle.serving import export, occlusion, predict
from aisle.standings import finalists

Stage = Callable[..., None]

TEXT = SILENT | {"texts": ["description", "name"], "without_text": "stop"}
HOG = {
    "method": "classical",
    "photos": 32,
    "backbone": "none",
    "features": "hog_hsv",
    "views": "original",
    "model": "logistic",
    "C": [1],
}
FACTS = {
    "method": "control",
    "photos": "none",
    "backbone": "none",
    "sees": "file_facts",
    "trees": 5,
}
CANDIDATES: dict[str, Any] = {
    "majority": CLASSICAL["majority"],
    "forest": CLASSICAL["random_forest"],
    "hog": HOG,
    "words": TEXT,
    "facts": FACTS,
}
ENSEMBLES: dict[str, Any] = {
    "soft": {"method": "soft_vote", "members": ["forest", "hog"]},
    "hard": {"method": "hard_vote", "members": ["forest", "hog", "facts"]},
    "fused": {"method": "late_fusion", "members": ["hog", "words"]},
}
FOLDS = {"split": {"scheme": "cross_test", "folds": 3}}


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace in which every competitor was scored."""
    folder = tmp_path_factory.mktemp("finished")
    write_shop(folder / "shop")
    write_params(folder, FOLDS, candidates=CANDIDATES, ensembles=ENSEMBLES)
    each = [f"{step} {name}" for name in CANDIDATES for step in ("train", "evaluate")]
    each += ["gather", *(f"combine {name}" for name in ENSEMBLES)]
    start = ("catalogue", "extract", "split", "augment", "resize 16", "resize 32")
    run_stages(folder, *start, *each, "compare")
    return folder


@pytest.fixture
def workspace(finished: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(finished)
    return finished


@pytest.fixture
def aisle(
    workspace: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[str, str, int]]:
    """Call the command line; return what it printed on both channels, and its exit code."""

    def call(*arguments: str) -> tuple[str, str, int]:
        monkeypatch.setattr(sys, "argv", ["aisle", *arguments])
        code: object = 0
        try:
            cli.main()
        except SystemExit as stopped:
            code = stopped.code
        out, err = capsys.readouterr()
        return out, err + (code if isinstance(code, str) else ""), 1 if code else 0

    return call


def answered_on_test(name: str, *, fold: int) -> pd.DataFrame:
    """Return a competitor's answers on the test products of one fold."""
    ensemble = name in ENSEMBLES
    path = paths.ensemble_predictions(name) if ensemble else paths.predictions(name)
    table = files.read_table(path, text=("product_id",))
    return table[table["fold"] == fold]


@pytest.mark.parametrize("name", ["forest", "hog", "words", "facts", "soft", "hard", "fused"])
def test_the_answers_are_those_of_the_evaluation(workspace: Path, name: str) -> None:
    """Product by product, as texts differ; a photo on another path and under another name."""
    expected = answered_on_test(name, fold=1).head(4)
    products = files.read_table(paths.PRODUCTS, text=("product_id",)).set_index("product_id")
    model = predict.load(name, fold=1)
    for row in expected.to_dict("records"):
        product = products.loc[row["product_id"]]
        photo = Path(shutil.copy(paths.RAW_IMAGES / product["image"], workspace / "mine.png"))
        shown, unusable = predict.read_photos(
            [photo], model=model, text=f"{product['description']}\n{product['name']}"
        )
        assert not unusable
        answered = predict.table(model, shown).to_dict("records")[0]
        assert answered["predicted"] == row["predicted"]
        for key in (key for key in row if key.startswith("p_")):
            assert answered[key] == pytest.approx(row[key], abs=3e-6)


def test_a_frozen_backbone_sees_every_view_that_its_candidate_averages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    frozen = HOG | {"photos": "none", "backbone": "b0", "features": "embedding", "views": "mean"}
    monkeypatch.chdir(tmp_path)
    write_shop(Path("shop"), per_category=6)
    write_params(Path(), candidates={"frozen": frozen})
    start = ("check", "catalogue", "extract", "split", "augment", "resize 32", "weights b0")
    run_stages(tmp_path, *start, "embed b0", "train frozen", "evaluate frozen")
    expected = files.read_table(paths.predictions("frozen"), text=("product_id",))
    products = files.read_table(paths.PRODUCTS, text=("product_id",)).set_index("product_id")
    photos = [paths.RAW_IMAGES / name for name in products["image"][expected["product_id"]]]
    model = predict.load("frozen", fold=0)
    answered = predict.table(model, predict.read_photos(photos, model=model)[0])
    for key in (key for key in expected if key.startswith("p_")):
        assert answered[key].to_numpy() == pytest.approx(expected[key].to_numpy(), abs=1e-4)


def test_a_network_prints_its_answer_and_nothing_of_tensorflow(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    network = {"method": "network", "architecture": "linear", "photos": 16, "backbone": "none"}
    network |= {"views": "original", "training": TRAINING}
    monkeypatch.chdir(tmp_path)
    write_shop(Path("shop"), per_category=6)
    write_params(Path(), candidates={"network": network})
    start = ("catalogue", "extract", "split", "augment", "resize 16")
    run_stages(tmp_path, *start, "train network", "evaluate network")
    photo = "data/raw/images/rings3.png"
    answered = subprocess.run(
        [sys.executable, "-m", "aisle.cli", "predict", photo, "--candidate", "network"],
        env={key: value for key, value in os.environ.items() if not key.startswith("TF_")}
        | {"PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        check=True,
    )
    assert answered.stdout.startswith(f"{photo}: ") and answered.stdout.count("\n") == 1
    assert answered.stderr == "Predicted by network, fold 0.\n"


def test_many_photos_are_answered_like_each_by_itself(workspace: Path) -> None:
    model = predict.load("hog", fold=0)
    photos = predict.photo_files([paths.RAW_IMAGES])
    assert len(photos) == 42
    together = predict.table(model, predict.read_photos(photos, model=model)[0])
    alone = predict.table(model, predict.read_photos(photos[7:8], model=model)[0])
    assert together["predicted"].nunique() == 3
    assert together.iloc[7].tolist()[:2] == alone.iloc[0].tolist()[:2]


def test_the_command_prints_the_likeliest_categories_and_the_model_that_answered(
    aisle: Callable[..., tuple[str, str, int]],
) -> None:
    photo = str(paths.RAW_IMAGES / "rings3.png")
    out, err, code = aisle("predict", photo, "--candidate", "hog")
    assert code == 0 and err == "Predicted by hog, fold 0.\n"
    name, _, said = out.strip().partition(": ")
    assert name == photo and said.startswith("Rings ")
    out, _, _ = aisle("predict", photo, "--candidate", "hog", "--json")
    (answer,) = json.loads(out)
    assert answer["predicted"] == "Rings"
    assert list(answer["probabilities"]) == ["Boxes", "Rings", "Stripes"]
    assert sum(answer["probabilities"].values()) == pytest.approx(1, abs=1e-5)
    out, _, _ = aisle("predict", photo, photo, "--candidate", "hog", "--csv")
    assert out.splitlines()[0] == "photo,predicted,p_Boxes,p_Rings,p_Stripes"
    assert len(out.splitlines()) == 2, "the same photo twice is one photo"


def test_without_a_name_the_best_that_needs_nothing_else_answers(
    workspace: Path, aisle: Callable[..., tuple[str, str, int]]
) -> None:
    _, err, _ = aisle("predict", str(paths.RAW_IMAGES / "rings3.png"))
    chosen = err.removeprefix("Predicted by ").partition(",")[0]
    assert chosen in ("soft", "hard", finalists.read().photo)


def test_what_cannot_be_used_is_named_and_the_others_are_answered(
    workspace: Path, aisle: Callable[..., tuple[str, str, int]], tmp_path: Path
) -> None:
    good = tmp_path / "a photo, with a comma.PNG"
    shutil.copy(paths.RAW_IMAGES / "boxes1.png", good)
    (tmp_path / "empty.jpg").touch()
    (tmp_path / "text.jpg").write_text("no photo", encoding="utf-8")
    (tmp_path / "notes.txt").write_text("not even called one", encoding="utf-8")
    cut = (paths.RAW_IMAGES / "boxes2.png").read_bytes()
    (tmp_path / "cut.png").write_bytes(cut[: len(cut) // 2])
    out, err, code = aisle("predict", str(tmp_path), "--candidate", "hog", "--csv")
    assert code == 1
    assert len(out.splitlines()) == 2 and f'"{good}"' in out
    assert "empty.jpg' cannot be used: the file is empty (0 bytes)" in err
    assert "text.jpg' cannot be used" in err and "cut.png' cannot be used" in err
    assert "notes.txt" not in err and "Traceback" not in err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nowhere.jpg"], "no file 'nowhere.jpg'"),
        (["data/raw/images/rings3.png", "--candidate", "forrest"], "Did you mean 'forest'?"),
        (["data/raw/images/rings3.png", "--candidate", "hog", "--fold", "7"], "fold 7"),
        (["data/raw/images/rings3.png", "--candidate", "fused"], "--text"),
        (["shop/empty"], "no photo below"),
    ],
)
def test_a_mistake_is_one_message(
    workspace: Path,
    aisle: Callable[..., tuple[str, str, int]],
    arguments: list[str],
    message: str,
) -> None:
    (workspace / "shop" / "empty").mkdir(exist_ok=True)
    out, err, code = aisle("predict", *arguments)
    assert code == 1 and not out
    assert message in err and "Traceback" not in err


def test_an_explanation_shows_what_was_covered(workspace: Path, tmp_path: Path) -> None:
    """For a model that reads only one corner, only that corner is important."""

    class Corner:
        sides: ClassVar = {32}
        texts = ()

        def probabilities(self, shown: predict.Products) -> np.ndarray:
            dark = shown.squares[32][:, 16:20, 24:28].mean(axis=(1, 2, 3)) < 100
            return np.stack([dark, ~dark], axis=1).astype(float)

    photo = np.full((32, 32, 3), 255, dtype=np.uint8)
    photo[16:20, 24:28] = 0
    shown = predict.Products(pd.DataFrame({"photo": ["p"], "text": [""]}), {32: photo[None]})
    worth = occlusion.importance(Corner(), shown, at=0, category=0)
    assert worth.shape == (8, 8)
    assert worth.argmax() == 4 * 8 + 6
    assert worth[4, 6] == pytest.approx(1)
    assert not worth[:3].any() and not worth[:, :5].any()
    assert (shown.squares[32][0] == photo).all(), "the photo itself is as it was"


def test_the_picture_of_an_explanation_is_written_whole(
    workspace: Path, aisle: Callable[..., tuple[str, str, int]], tmp_path: Path
) -> None:
    photos = [str(paths.RAW_IMAGES / f"{name}.png") for name in ("rings3", "boxes4")]
    path = tmp_path / "new" / "why.png"
    _, err, code = aisle("predict", *photos, "--candidate", "soft", "--explain", str(path))
    assert code == 0 and str(path) in err
    with Image.open(path) as picture:
        assert picture.width == 1152
    _, err, code = aisle(
        "predict", photos[0], "--candidate", "words", "--text", "rings", "--explain", str(path)
    )
    assert code == 1 and "reads no photo" in err


def test_a_pool_is_that_of_the_fold(workspace: Path) -> None:
    record = files.read_json(paths.facts("combine", "fused"))
    for fold in range(3):
        loaded = predict.load("fused", fold=fold)
        assert isinstance(loaded, predict.Ensemble) and loaded.pool is not None
        assert loaded.pool.weights.tolist() == record["weights"][fold]


@pytest.mark.parametrize("name", ENSEMBLES)
def test_an_exported_ensemble_says_how_its_members_are_combined(
    workspace: Path, tmp_path: Path, name: str
) -> None:
    """The answers follow from the card and the members' answers alone."""
    card = export.competitor(tmp_path / name, name=name, fold=1)
    assert files.read_json(tmp_path / name / export.CARD) == card
    for member in card["members"]:
        own = files.read_json(tmp_path / name / member / export.CARD)
        assert own["labels"] == card["labels"]
    columns = [f"p_{label}" for label in card["labels"]]
    given = np.stack([answered_on_test(one, fold=1)[columns] for one in card["members"]])
    if name == "soft":
        assert card["combined"] == "mean of the members' p"
        combined = given.mean(axis=0)
    elif name == "hard":
        assert card["combined"] == "(votes for a label + mean of the members' p) / (members + 1)"
        votes = given.argmax(axis=2)[..., None] == np.arange(len(columns))
        combined = (votes.sum(axis=0) + given.mean(axis=0)) / (len(given) + 1)
    else:
        assert "p is raised to at least 1e-07; exp(sum of weight * log p" in card["combined"]
        logs = np.log(np.clip(given, 1e-7, None))
        weights = np.reshape(card["weights"], (-1, 1, 1))
        combined = np.exp((weights * logs).sum(axis=0) / card["temperature"])
        combined /= combined.sum(axis=1, keepdims=True)
    expected = answered_on_test(name, fold=1)[columns].to_numpy()
    assert combined == pytest.approx(expected, abs=1e-5)


def test_a_candidate_that_was_left_out_cannot_answer(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = paths.facts("evaluate", "words")
    before = path.read_bytes()
    files.write_json({"left_out": "no words"}, path)
    try:
        with pytest.raises(AisleError, match="'words' cannot predict, it was left out: no words"):
            predict.load("words", fold=0)
    finally:
        path.write_bytes(before)
