"""Writes everything the `report` stage reads, for a small made-up catalogue."""

import contextlib
import json
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from math import sqrt
from pathlib import Path
from types import MappingProxyType
from typing import Any

import conftest
import numpy as np
import pandas as pd
from PIL import Image

from aisle import files, paths
from aisle.answers import table
from aisle.methods.common import fitting, listing
from aisle.settings import params
from aisle.settings.params import Extract
from aisle.settings.sections import Compare
from aisle.stages import train
from aisle.standings import comparison, finalists, reach, verdicts
from aisle.standings.finalists import Watched
from aisle.standings.scores import details, write_metrics
from aisle.training.epoch import Epoch

CATEGORIES = ("Baby Care", "Computers", "Home | Décor", "Kitchen_&_<Dining>")
TRAINING = conftest.TRAINING | {"learning_rate": 1e-4, "epochs": 10, "patience": 2}
EFFICIENTNET: dict[str, Any] = {
    "method": "efficientnetv2",
    "photos": 224,
    "backbone": "b0",
    "recipe": "staged",
    "views": "all",
    "head_learning_rate": 1e-3,
    "head_epochs": 100,
    "training": TRAINING,
}
WORDS: dict[str, Any] = {
    "photos": "none",
    "backbone": "none",
    "texts": ["name", "description"],
    "ngrams": 2,
    "min_documents": 2,
    "without_text": "leave_out",
}
CANDIDATES: dict[str, dict[str, Any]] = {
    "majority": {"method": "majority", "photos": "none", "backbone": "none"},
    "random_forest": {
        "method": "classical",
        "features": "pixels",
        "model": "forest",
        "photos": 32,
        "backbone": "none",
        "views": "original",
        "trees": 300,
    },
    "efficientnetv2_b0": EFFICIENTNET,
    "efficientnetv2_b1": {
        **{key: EFFICIENTNET[key] for key in EFFICIENTNET if not key.startswith("head_")},
        "photos": 240,
        "backbone": "b1",
        "recipe": "full",
        "training": {**TRAINING, "dropout": 0.3},
    },
    "hog_svc": {
        "method": "classical",
        "photos": 224,
        "backbone": "none",
        "features": "hog_hsv",
        "views": "original",
        "model": "svc",
        "C": [1, 10],
    },
    "b0_knn": {
        "method": "classical",
        "photos": "none",
        "backbone": "b0",
        "features": "embedding",
        "layers": ["block6", "top"],
        "views": "mean",
        "model": "knn",
        "neighbours": [5, 10],
    },
    "cnn": {
        "method": "network",
        "architecture": "cnn",
        "photos": 32,
        "backbone": "none",
        "views": "original",
        "training": {
            **TRAINING,
            "optimizer": "sgd",
            "monitor": "val_accuracy",
            "patience": 8,
            "label_smoothing": 0.1,
        },
    },
    "tfidf": {**WORDS, "method": "tfidf", "model": "logistic", "C": [1, 10]},
    "photo_and_text": {
        **WORDS,
        "method": "photo_and_text",
        "photos": 32,
        "views": "original",
        "trees": 300,
    },
}
ENSEMBLES: dict[str, dict[str, Any]] = {
    "soft_vote": {"method": "soft_vote", "members": ["random_forest", "hog_svc", "cnn"]},
    "late_fusion": {"method": "late_fusion", "members": ["efficientnetv2_b0", "tfidf"]},
}
FEW = ("majority", "random_forest", "efficientnetv2_b0", "efficientnetv2_b1")
"""The candidates of a report without text and without ensembles."""

SKILL = {
    "majority": 0.0,
    "random_forest": 0.7,
    "efficientnetv2_b0": 0.62,
    "efficientnetv2_b1": 0.5,
    "hog_svc": 0.6,
    "b0_knn": 0.55,
    "cnn": 0.4,
    "tfidf": 0.9,
    "photo_and_text": 0.85,
    "soft_vote": 0.72,
    "late_fusion": 0.93,
}
SOURCES = {"b0": "random", "b1": "random"}
COMPARE: dict[str, Any] = {
    "contest": "validation",
    "metric": "accuracy",
    "margin": 0.02,
    "confidence": 0.95,
    "resamples": 200,
    "more_products": 500,
    "ties": ["parameters", "bytes"],
}
EXTRACT: dict[str, Any] = {
    "level": 1,
    "max_megapixels": 300,
    "near_duplicate_bits": 2,
    "duplicate_texts": ["name", "description"],
}
REFITS: dict[str, Any] = {"random_forest": {"seeds": [1, 2], "shares": [0.2, 0.4]}}
PROBES = {
    "b0": {"products": 840, "random": 0.48, "formula": 0.6, "food101": 0.81},
    "b1": {"products": 840, "random": 0.48, "formula": 0.61, "food101": 0.82},
}
NO_TEXT = "the texts it reads (name, description) are empty for all 56 train products."


WRITTEN: dict[str, tempfile.TemporaryDirectory[str]] = {}
"""What was written already, by its settings: most tests begin with the same report."""


def write(root: Path, **settings: Any) -> None:
    """Put a tiny report below `root`; `_write` says which settings there are."""
    key = repr(sorted(settings.items()))
    if key not in WRITTEN:
        fresh = tempfile.TemporaryDirectory()
        with contextlib.chdir(fresh.name):
            _write(Path(fresh.name), **settings)
        WRITTEN[key] = fresh
    shutil.copytree(WRITTEN[key].name, root, dirs_exist_ok=True)


def _write(
    root: Path,
    *,
    categories: Sequence[str] = CATEGORIES,
    per_category: int = 20,
    candidates: Sequence[str] = FEW,
    ensembles: Sequence[str] = (),
    left_out: Mapping[str, str] = MappingProxyType({}),
    skill: dict[str, float] | None = None,
    sources: dict[str, str] | None = None,
    folds: int = 1,
    rejects: int = 3,
    examples: int = 3,
    source: str = "sample",
    epochs: int = 12,
    confidence: float = 0.95,
) -> None:
    """Write params.yaml, data/ and reports/ as the stages before `report` leave them.

    `left_out` has candidates that could not be fitted, with the reason: their tables have no rows.
    """
    rng = np.random.default_rng(0)
    skill, sources = {**SKILL, **(skill or {})}, {**SOURCES, **(sources or {})}
    products = _products(root, categories=sorted(categories), per_category=per_category, rng=rng)
    split = _split(products, folds=folds)
    views = _views(split)
    _params(
        root,
        candidates=candidates,
        ensembles=ensembles,
        folds=folds,
        examples=examples,
        source=source,
    )
    write_competitors(root)
    _csv(root / "data/products.csv", products)
    _csv(root / "data/split.csv", split)
    _csv(root / "data/views.csv", views)
    _csv(root / "reports/rejects.csv", _rejects(rejects))
    write_json(root / "reports/split.json", _split_summary(products, split, folds=folds))
    tables: dict[str, pd.DataFrame] = {}
    costs: dict[str, dict[str, float]] = {}
    for name in candidates:
        facts = {"left_out": left_out[name]} if name in left_out else {"parameters": 1}
        write_json(root / f"data/facts/evaluate/{name}.json", facts)
        predictions = _predictions(products, split, skill=skill[name], rng=rng)
        if name in left_out:
            predictions = predictions.iloc[:0]
        else:
            tables[name], costs[name] = predictions, _cost(name)
        _csv(root / f"data/predictions/{name}.csv", predictions)
        watched = _predictions(
            products, split, skill=skill[name], rng=np.random.default_rng(len(tables))
        )
        _csv(root / f"data/validation/{name}.csv", watched)
        if name in REFITS:
            rng_again = np.random.default_rng(2)  # of its own: the other tables stay as they are
            again = _refits(products, split, skill=skill[name], rng=rng_again)
            _csv(root / f"data/refits/{name}.csv", again)
        if name != "majority":
            history = _history(name, folds=folds, epochs=epochs, rng=rng)
            history = history.iloc[: 0 if name in left_out else None]
            _csv(root / f"data/history/{name}.csv", history)
            write_json(root / f"data/facts/train/{name}.json", {"fits": _fits(history)})
        backbone = CANDIDATES[name]["backbone"]
        if backbone != "none":
            write_json(root / f"data/facts/weights/{backbone}.json", _weights(backbone, sources))
            embedded = {"multiply_additions": 705_000_000}
            write_json(root / f"data/facts/embed/{backbone}.json", embedded)
    for name in ensembles:
        members = ENSEMBLES[name]["members"]
        predictions = _predictions(products, split, skill=skill[name], rng=rng)
        lost = [member for member in members if member in left_out]
        if lost:
            record = {"left_out": f"its member '{lost[0]}' was left out: {left_out[lost[0]]}"}
            predictions = predictions.iloc[:0]
        else:
            record = _record(name, answers=[tables[member] for member in members], folds=folds)
            tables[name] = predictions
            costs[name] = {
                key: sum(costs[member][key] for member in members) for key in costs[members[0]]
            }
        _csv(root / f"data/ensembles/predictions/{name}.csv", predictions)
        write_json(root / f"data/facts/combine/{name}.json", record)
    if tables:
        scores = {name: _scores(answers) for name, answers in tables.items()}
        refits = [name for name in candidates if name in REFITS]
        write_finalists(root, scores)
        _comparison(
            root,
            tables=tables,
            costs=costs,
            scores=scores,
            refits=refits,
            settings=Compare.model_validate(COMPARE | {"confidence": confidence}),
        )
        table.write_all(tables, root / paths.ANSWERS)
    asked = [name for name in ("random_forest", "efficientnetv2_b0", "tfidf") if name in tables]
    _explained(root, names=asked, tables=tables)
    machine = {
        "processor": "Imaginary CPU",
        "cores": 2,
        "memory_gb": 23.4,
        "python": "3.11.7",
        "tensorflow": "2.21.0",
        "keras": "3.15.1",
        "scikit-learn": "1.9.1",
    }
    stages = _stages(candidates, ensembles=ensembles)
    write_json(
        root / "reports/cost.json", {"machine": machine, "candidates": costs, "stages": stages}
    )


def edit_params(root: Path, **sections: object) -> None:
    """Replace top-level sections of the settings files, and write competitors.json again."""
    for file in (paths.PARAMS, paths.COMPETITORS_FILE):
        content = json.loads((root / file).read_text())
        found = {key: value for key, value in sections.items() if params.file_of(key) == file}
        write_json(root / file, content | found)
    write_competitors(root)


def write_competitors(root: Path) -> None:
    """Write data/competitors.json as the stage `check` does."""
    with contextlib.chdir(root):
        write_json(root / "data/competitors.json", listing.described())


def read_scores(root: Path) -> dict[str, dict[str, Any]]:
    """Return all scores of each competitor, from reports/metrics and comparison.json."""
    rest = read_json(root / paths.COMPARISON)["scores"]
    return {name: read_json(root / paths.metrics(name)) | rest[name] for name in rest}


def write_scores(root: Path, scores: dict[str, dict[str, Any]]) -> None:
    """Replace the scores of all competitors, and choose the finalists as if val had the same."""
    write_finalists(root, scores)
    found = read_json(root / paths.COMPARISON) | {"scores": details(scores)}
    write_json(root / paths.COMPARISON, found)
    with contextlib.chdir(root):
        write_metrics(scores)


def write_finalists(
    root: Path,
    scores: Mapping[str, Mapping[str, Any]],
    *,
    contest: str | tuple[str, str] = "validation",
) -> None:
    """Write data/finalists by its own code, from these scores on val."""
    competing = read_json(root / paths.COMPETITORS)
    watched = []
    for name, one in (competing["candidates"] | competing["ensembles"]).items():
        if name not in scores:
            continue
        members = [competing["candidates"][member] for member in one.get("members", ())] or [one]
        backbones = {member["settings"]["backbone"] for member in members} - {"none"}
        sources = [
            read_json(root / paths.facts("weights", variant))["source"] for variant in backbones
        ]
        watched.append(
            Watched(
                name=name,
                kind=one["kind"],
                single="members" not in one,
                untrained="random" in sources,
                origin=name,
                right=int(scores[name]["correct"]),
                products=int(scores[name]["products"]),
                log_loss=scores[name]["log_loss"],
                size=(1.0, 1.0),
            )
        )
    with contextlib.chdir(root):
        found = finalists.choose(watched, contest=contest)
        tables = {one.name: table.read(paths.validation(one.name)) for one in watched if one.single}
        answers = next(iter(tables.values()))
        size = finalists.size_of_the_test(
            {name: table.right(rows) for name, rows in tables.items()},
            contest=found.contest,
            folds=answers[table.FOLD].to_numpy(),
            groups=np.arange(len(answers)),
            products=int(next(iter(scores.values()))["products"]),
            settings=Compare.model_validate(COMPARE),
        )
        finalists.write(found, watched=watched, size=size, refits=())


def read_answers(root: Path, name: str) -> pd.DataFrame:
    """Return what a competitor answered, as the note reads it."""
    return table.read_all(root / paths.ANSWERS)[name]


def write_answer(root: Path, name: str, predicted: Sequence[str]) -> None:
    """Replace what a competitor answered; its probabilities stay."""
    whole = pd.read_csv(root / paths.ANSWERS)
    _csv(root / paths.ANSWERS, whole.assign(**{name: predicted}))


def read_json(path: Path) -> Any:
    """Return what a JSON file holds."""
    return json.loads(path.read_text(encoding="utf-8"))


def _params(
    root: Path,
    *,
    candidates: Sequence[str],
    ensembles: Sequence[str],
    folds: int,
    examples: int,
    source: str,
) -> None:
    none = {"id": "none", "name": "none", "description": "none", "specifications": "none"}
    content = {
        "seed": 42,
        "catalogue": {
            "source": source,
            "path": "data/none",
            "table": "products.csv",
            "images": "Images",
            "columns": {**none, "category_tree": "tree", "image": "image"},
            "sample": {"products_per_category": 20, "seed": 7},
            "archive": {
                "url": "none",
                "sha256": "none",
                "layout": "table",
                "max_gigabytes": 10,
                "max_files": 200000,
            },
        },
        "extract": EXTRACT,
        "split": {
            "scheme": "holdout" if folds == 1 else "cross_test",
            "train": 0.7,
            "val": 0.15,
            "test": 0.15,
            "folds": max(folds, 2),
        },
        "augment": {
            "transforms": ["horizontal_flip", "vertical_flip", "rotate_90"],
            "partitions": ["train", "val"],
        },
        "resize": {"fit": "pad", "sizes": [32, 224, 240]},
        "embed": {
            "trainable_from": "block6",
            "layers": ["block6", "top"],
            "batch_size": 32,
            "engine": "keras",
        },
        "compare": COMPARE,
        "explain": {"per_category": 2, "words": 3},
        "report": {"examples": examples, "language": "en", "published": "none", "weights": "none"},
    }
    competitors = {
        "candidates": {name: CANDIDATES[name] for name in candidates},
        "ensembles": {name: ENSEMBLES[name] for name in ensembles},
        "refits": {name: REFITS[name] for name in candidates if name in REFITS},
    }
    write_json(root / paths.PARAMS, content)
    write_json(root / paths.COMPETITORS_FILE, competitors)


def _products(
    root: Path, *, categories: Sequence[str], per_category: int, rng: np.random.Generator
) -> pd.DataFrame:
    images = root / "data/raw/images"
    images.mkdir(parents=True)
    rows = []
    for number in range(per_category * len(categories)):
        category = number % len(categories)
        width, height = (int(side) for side in rng.integers(40, 90, size=2))
        Image.fromarray(_photo(category, width=width, height=height, rng=rng)).save(
            images / f"photo_{number}.png"
        )
        rows.append(
            {
                "product_id": f"p{number:04d}",
                "row": number + 2,
                "category_id": category,
                "category": categories[category],
                "image": f"photo_{number}.png",
                "name": f"Product {number}",
                "description": f"A thing, number {number}.",
                "specifications": "",
                "width": width,
                "height": height,
                "bytes": 1000,
                "sha256": f"{number:064x}",
                "phash": f"{number:016x}",
                "group": "p0000" if number in {0, len(categories)} else f"p{number:04d}",
            }
        )
    return pd.DataFrame(rows)


def _photo(category: int, *, width: int, height: int, rng: np.random.Generator) -> np.ndarray:
    photo = np.full((height, width, 3), 255, dtype=np.uint8)
    colour = np.array(
        [60 + 37 * category % 180, 90 + 61 * category % 150, 200 - 43 * category % 180]
    )
    y, x = np.mgrid[:height, :width]
    radius = min(width, height) * (0.25 + 0.15 * rng.random())
    if category % 2:
        inside = (abs(y - height / 2) < radius) & (abs(x - width / 2) < radius * 0.7)
    else:
        inside = (y - height / 2) ** 2 + (x - width / 2) ** 2 < radius**2
    photo[inside] = np.clip(colour + rng.normal(0, 12, size=(int(inside.sum()), 3)), 0, 255)
    return photo


def _split(products: pd.DataFrame, *, folds: int) -> pd.DataFrame:
    place = products.groupby("category_id").cumcount().to_numpy()
    size = int(place.max()) + 1
    tables = []
    for fold in range(folds):
        if folds == 1:
            test = place >= size * 0.85
            val = (place >= size * 0.7) & ~test
        else:
            test, val = place % folds == fold, place % folds == (fold + 1) % folds
        partition = np.select([test, val], ["test", "val"], default="train")
        tables.append(
            pd.DataFrame(
                {
                    "product_id": products["product_id"],
                    "fold": fold,
                    "partition": partition,
                    "group": products["group"],
                }
            )
        )
    return pd.concat(tables, ignore_index=True)


def _split_summary(products: pd.DataFrame, split: pd.DataFrame, *, folds: int) -> dict[str, Any]:
    counts = split[split["fold"] == 0]["partition"].value_counts()
    return {
        "scheme": "holdout" if folds == 1 else "cross_test",
        "keep_together": "duplicates",
        "folds": folds,
        "products": len(products),
        "groups": int(products["group"].nunique()),
        "products_in_groups": 2,
        "train": int(counts["train"]),
        "val": int(counts["val"]),
        "test": int(counts["test"]),
        "leaks": {"products": 0, "photos": 0, "groups": 0},
        "largest_share_gap": 0.012,
    }


def _views(split: pd.DataFrame) -> pd.DataFrame:
    rows = [
        (row.fold, row.product_id, row.partition, view)
        for row in split.itertuples()
        for view in ("original", "horizontal_flip", "vertical_flip", "rotate_90")
        if view == "original" or row.partition != "test"
    ]
    return pd.DataFrame(rows, columns=["fold", "product_id", "partition", "view"])


def _rejects(number: int) -> pd.DataFrame:
    rows = [
        {
            "row": 100 + i,
            "product_id": f"bad_{i}",
            "image": f"bad_{i}.jpg",
            "reason": "photo cannot be decoded: broken | data" if i % 3 else "photo is not there",
            "kind": "unreadable photo" if i % 3 else "missing photo",
        }
        for i in range(number)
    ]
    return pd.DataFrame(rows, columns=["row", "product_id", "image", "reason", "kind"])


def _predictions(
    products: pd.DataFrame, split: pd.DataFrame, *, skill: float, rng: np.random.Generator
) -> pd.DataFrame:
    names = sorted(products["category"].unique())
    tests = split[split["partition"] == "test"].merge(products, on="product_id")
    actual = tests["category_id"].to_numpy()
    knows = rng.random(len(tests)) < skill
    guess = rng.integers(0, len(names), size=len(tests)) if skill else np.zeros_like(actual)
    answer = np.where(knows, actual, guess)
    probabilities = np.full((len(tests), len(names)), 0.3 / max(len(names) - 1, 1))
    probabilities[np.arange(len(tests)), answer] = 0.7
    table = pd.DataFrame(
        {
            "product_id": tests["product_id"],
            "fold": tests["fold"],
            "actual": [names[i] for i in actual],
            "predicted": [names[i] for i in answer],
        }
    )
    return pd.concat(
        [table, pd.DataFrame(probabilities, columns=[f"p_{name}" for name in names])], axis=1
    )


def _classification(predictions: pd.DataFrame) -> pd.DataFrame:
    rows = []
    for category in sorted(predictions["actual"].unique()):
        actual, said = predictions["actual"] == category, predictions["predicted"] == category
        right = int((actual & said).sum())
        rows.append(
            {
                "category": category,
                "precision": right / max(int(said.sum()), 1),
                "recall": right / int(actual.sum()),
                "f1": 2 * right / int(actual.sum() + said.sum()),
                "support": int(actual.sum()),
            }
        )
    columns = ["category", "precision", "recall", "f1", "support"]
    return pd.DataFrame(rows, columns=columns).round(4)


def _record(name: str, *, answers: Sequence[pd.DataFrame], folds: int) -> dict[str, Any]:
    said = np.stack([table["predicted"].to_numpy() for table in answers])
    record: dict[str, Any] = {"disagree": round(float((said != said[0]).any(axis=0).mean()), 6)}
    if ENSEMBLES[name]["method"] == "late_fusion":
        record["weights"] = [[0.2 + 0.1 * fold, 0.8 - 0.1 * fold] for fold in range(folds)]
        record["temperature"] = [0.9 + 0.05 * fold for fold in range(folds)]
    return record


def _scores(predictions: pd.DataFrame) -> dict[str, float]:
    products = len(predictions)
    right = predictions["actual"] == predictions["predicted"]
    p, z = float(right.mean()), 1.959964
    centre = (p + z * z / (2 * products)) / (1 + z * z / products)
    half = z / (1 + z * z / products)
    half *= sqrt(p * (1 - p) / products + z * z / (4 * products**2))
    chance = [
        row[f"p_{actual}"]
        for row, actual in zip(
            predictions.to_dict("records"), predictions["actual"].tolist(), strict=True
        )
    ]
    scores = {
        "accuracy": p,
        "accuracy_low": centre - half,
        "accuracy_high": centre + half,
        "macro_f1": float(_classification(predictions)["f1"].mean()),
        "log_loss": float(-np.log(chance).mean()),
        "calibration_error": abs(p - 0.7),
    }
    return {key: round(value, 4) for key, value in scores.items()} | {
        "correct": int(right.sum()),
        "products": products,
    }


def _refits(
    products: pd.DataFrame,
    split: pd.DataFrame,
    *,
    skill: float,
    rng: np.random.Generator,
) -> pd.DataFrame:
    trained_on = int((split[split["fold"] == 0]["partition"] == "train").sum())
    again = []
    for seed, share in ((1, 1.0), (2, 1.0), (42, 0.2), (42, 0.4)):
        table = _predictions(products, split, skill=skill * (0.5 + share / 2), rng=rng)
        table = table[["product_id", "fold", "actual", "predicted"]]
        again.append(table.assign(seed=seed, share=share, trained_on=round(share * trained_on)))
    return pd.concat(again, ignore_index=True)


def _comparison(
    root: Path,
    *,
    tables: Mapping[str, pd.DataFrame],
    costs: Mapping[str, Any],
    scores: dict[str, Any],
    refits: Sequence[str],
    settings: Compare,
) -> None:
    """Write what `compare` finds in these tables, by its own code, with these scores."""
    learners = [name for name in tables if name in CANDIDATES and name != "majority"]
    with contextlib.chdir(root):
        chosen = finalists.read()
    given = comparison.Material(
        tables=tables,
        learners=learners,
        controls=[name for name in tables if name == "majority"],
        finalists=chosen,
        size=files.read_json(root / paths.finalist("power")),
        refits={name: table.read(root / paths.refit(name)) for name in refits},
        products=files.read_table(root / paths.PRODUCTS, text=comparison.PRODUCT_TEXTS),
        split=files.read_table(root / paths.SPLIT, text=(table.PRODUCT,)),
        counts=files.read_json(root / paths.LEAK_CHECKS),
        costs=costs,
        scores=scores,
    )
    found = comparison.compare(
        given,
        settings=settings,
        extract=Extract.model_validate(EXTRACT),
        seed=42,
    )
    with contextlib.chdir(root):
        verdicts.write(found.pairs)
        write_metrics(scores)
    files.write_table(found.suspects, root / paths.SUSPECTS)
    near = _near(
        tables, backbone=any(CANDIDATES.get(n, {}).get("backbone") == "b0" for n in tables)
    )
    reached = reach.reach(
        tables,
        near,
        groups=given.products.set_index(table.PRODUCT)["group"],
        twin=0.6,
        settings=settings,
    )
    write_json(root / paths.COMPARISON, found.facts | {"reach": reached})


def _near(tables: Mapping[str, pd.DataFrame], *, backbone: bool) -> pd.DataFrame:
    """Return a table as the stage `reach` writes it: three products in four have a near twin."""
    rows = next(iter(tables.values()))[["product_id", "fold"]]
    similarity = np.resize([0.45, 0.62, 0.75, 0.95], len(rows))
    found = rows.assign(nearest="p0", similarity=similarity, backbone="b0")
    return found if backbone else found.iloc[:0]


def _cost(name: str) -> dict[str, float]:
    settings = CANDIDATES[name]
    keys = ("fit_seconds", "embed_seconds", "predict_milliseconds", "parameters", "bytes")
    if name == "majority":
        values: list[float] = [0.01, 0, 0.02, 4, 300]
    elif settings["method"] == "efficientnetv2":
        times = [184.0, 12.5] if settings["recipe"] == "staged" else [4589.0, 0]
        values = [*times, 84.7, 5_928_276, 24_100_000]
    elif "trees" in settings:
        values = [3.2, 0, 21.4, 91_234, 4_500_000]
    elif settings["backbone"] != "none":
        values = [0.6, 12.5, 81.0, 6_700_000, 28_000_000]
    else:
        values = [9.1, 0, 2.2, 210_000, 900_000]
    return dict(zip(keys, values, strict=True))


def _stages(candidates: Sequence[str], *, ensembles: Sequence[str]) -> dict[str, dict[str, float]]:
    """Return what the stages took; that `efficientnetv2_b1` is trained for an hour shows."""
    first = [("check", 1.2), ("catalogue", 41.0), ("extract", 5.5), ("split", 1.1), ("augment", 1)]
    sizes = [(f"resize@{side}", side / 100) for side in (32, 224, 240)]
    fits = [
        (f"{stage}@{name}", _cost(name)[key] * scale + 2)
        for stage, key, scale in (("train", "fit_seconds", 1), ("evaluate", "bytes", 1e-6))
        for name in candidates
    ]
    votes = [(f"combine@{name}", 1.4) for name in ensembles]
    return {
        name: {"seconds": round(seconds, 2), "peak_megabytes": 90 + seconds / 2}
        for name, seconds in [*first, *sizes, *fits, *votes, ("compare", 12.25)]
    }


def _history(name: str, *, folds: int, epochs: int, rng: np.random.Generator) -> pd.DataFrame:
    if "training" not in CANDIDATES[name]:
        rows: list[list[Any]] = [[f, "fit", 1, 0.1, 1.0, 0.9, 0.6, True] for f in range(folds)]
        return pd.DataFrame(rows, columns=train.COLUMNS)
    phases = {
        "staged": {"head": epochs, "tail": max(epochs // 3, 1)},
        "full": {"full": epochs},
        "": {"fit": epochs},
    }[CANDIDATES[name].get("recipe", "")]
    if CANDIDATES[name].get("progressive"):
        phases = {f"progressive{n}": epochs for n in (1, 2, 3)}
    rows = []
    for fold in range(folds):
        step, lowest = 0, np.inf
        for phase, length in phases.items():
            for epoch in range(1, length + 1):
                step += 1
                loss = 1.4 * np.exp(-step / 6) + 0.05 * rng.random()
                val_loss = 0.5 + 0.9 * np.exp(-step / 5) + 0.01 * step + 0.08 * rng.random()
                rows.append([fold, phase, epoch, loss, 0.9, val_loss, 0.6, False])
            best = min(rows[-length:], key=lambda row: row[5])
            best[-1], lowest = best[5] <= lowest, min(best[5], lowest)
    return pd.DataFrame(rows, columns=train.COLUMNS).round(4)


def _fits(history: pd.DataFrame) -> list[dict[str, Any]]:
    """Return what the stage `train` records of this history."""
    return [
        {"fold": int(fold)}
        | fitting.outcome([Epoch(**row) for row in rows.drop(columns="fold").to_dict("records")])
        for fold, rows in history.groupby("fold")
    ]


def _weights(variant: str, sources: dict[str, str]) -> dict[str, Any]:
    source = sources[variant]
    file = {"file": "my_food.weights.h5", "formula": paths.pretrained(variant).name}
    return {
        "variant": variant,
        "source": source,
        "file": file.get(source),
        "sha256": None if source == "random" else (variant.encode().hex() * 16)[:64],
        "seed": 42 if source == "random" else None,
        "probe": PROBES[variant] if source == "formula" else None,
    }


def _explained(root: Path, *, names: Sequence[str], tables: Mapping[str, pd.DataFrame]) -> None:
    """Write what the stage `explain` would: of the first products of each category, made up."""
    rng = np.random.default_rng(5)
    folder = root / "data/explained"
    folder.mkdir(parents=True, exist_ok=True)
    competitors = {}
    for name in names:
        picked = tables[name].groupby("actual").head(2)
        told = [
            {
                "product_id": row["product_id"],
                "actual": row["actual"],
                "predicted": row["predicted"],
                "probability": 0.75,
            }
            for row in picked.to_dict("records")
        ]
        if "texts" in CANDIDATES[name]:
            without = {"name": 0.5, "description": 0.25}
            for one in told:
                one["words"] = {"soft": 0.125, "a|b": 0.0625}
        else:
            without = {"colour": 0.5, "layout": 0.375, "photo": 0.25}
            np.save(folder / f"{name}.maps.npy", rng.normal(size=(len(told), 8, 8)))
            shades = rng.integers(0, 256, size=(len(told), 1, 1, 3), dtype=np.uint8)
            np.save(folder / f"{name}.photos.npy", np.repeat(np.repeat(shades, 24, 1), 24, 2))
        competitors[name] = {
            "tested": len(tables[name]),
            "accuracy": 0.625,
            "without": without,
            "products": told,
        }
    write_json(folder / "facts.json", {"fold": 0, "competitors": competitors})


def _csv(path: Path, table: pd.DataFrame) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    table.to_csv(path, index=False)


def write_json(path: Path, content: Any) -> None:
    """Write a JSON file, folders included."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, indent=2), encoding="utf-8")
