"""Where everything lies, relative to the repository root: the one place that spells a path."""

from pathlib import Path
from typing import Literal

PARAMS = Path("params.yaml")
COMPETITORS_FILE = Path("competitors.yaml")

CHECKED = Path("data/checked.txt")
COMPETITORS = Path("data/competitors.json")
NEEDS = Path("data/needs")
DOWNLOADS = Path("data/downloads")
PRETRAINED = Path("data/pretrained")
RAW = Path("data/raw")
RAW_TABLE = RAW / "products.csv"
RAW_IMAGES = RAW / "images"
PRODUCTS = Path("data/products.csv")
SPLIT = Path("data/split.csv")
VIEWS = Path("data/views.csv")
PREDICTIONS = Path("data/predictions")
ENSEMBLES = Path("data/ensembles")
RECORDS = Path("data/records")
REFITS = Path("data/refits")
SUSPECTS = Path("data/suspects.csv")
DRAWINGS = Path("data/figures.json")
EXPLAINED = Path("data/explained")
EXPLANATIONS = EXPLAINED / "facts.json"

REJECTS = Path("reports/rejects.csv")
LEAK_CHECKS = Path("reports/split.json")
METRICS = Path("reports/metrics.json")
ANSWERS = Path("reports/answers.csv")
COST = Path("reports/cost.json")
COMPARISON = Path("reports/comparison.json")
LEAK_PRICE = Path("reports/leaks.json")
NOTE = Path("reports/note.md")
PAGE = Path("reports/note.html")
ABLATION = Path("reports/ablation.json")
FIGURES = Path("reports/figures")

NONE = "none"
"""In params.yaml: an input that is not read. Files of that name in data/ stand for it."""


EMBEDDINGS = "embeddings.npy"
ACTIVATIONS = "activations.npy"
EMBEDDING_CARD = "embedding.json"


def needs(variant: str) -> Path:
    """Return what candidates read of a backbone's frozen pass."""
    return NEEDS / f"{variant}.json"


def resized(size: int | str) -> Path:
    """Return the array of all photos at one resolution."""
    return Path(f"data/resized/{size}.npy")


def weights(variant: str) -> Path:
    """Return the file of one backbone's weights."""
    return Path(f"data/weights/{variant}.weights.h5")


def pretrained(variant: str, *, folder: Path = PRETRAINED) -> Path:
    """Return the file of the weights that a variant learnt from formulas; in git where bundled."""
    return folder / f"efficientnetv2-{variant}_formula.weights.h5"


def pretrained_card(variant: str, *, folder: Path = PRETRAINED) -> Path:
    """Return the file that says how those weights came about."""
    return folder / f"efficientnetv2-{variant}_formula.json"


def embeddings(variant: str) -> Path:
    """Return the folder of one backbone's frozen features."""
    return Path("data/embeddings") / variant


def embedded(variant: str) -> Path:
    """Return the folder of what `embed` ran last, unknown to DVC."""
    return Path("data/embedded") / variant


def model(candidate: str, fold: int) -> Path:
    """Return the folder of a candidate's fitted model for one fold."""
    return Path("data/models") / candidate / f"fold_{fold}"


def interrupted(candidate: str) -> Path:
    """Return where a candidate is fitted, unknown to DVC: an interrupted fit goes on from there."""
    return Path("data/interrupted") / candidate


def history(candidate: str) -> Path:
    """Return the table of a candidate's scores while it was fitted."""
    return Path("data/history") / f"{candidate}.csv"


def predictions(candidate: str) -> Path:
    """Return the table of a candidate's answers, one row per test product."""
    return PREDICTIONS / f"{candidate}.csv"


def validation(candidate: str) -> Path:
    """Return the table of a candidate's answers on val, one row per fold and product."""
    return Path("data/validation") / f"{candidate}.csv"


def classification(candidate: str) -> Path:
    """Return a candidate's precision, recall and F1 per category."""
    return Path("data/classification") / f"{candidate}.csv"


def ensemble_predictions(ensemble: str) -> Path:
    """Return the table of an ensemble's answers: the columns of a candidate's."""
    return ENSEMBLES / "predictions" / f"{ensemble}.csv"


def refit(candidate: str) -> Path:
    """Return the table of a candidate's answers when fitted again: other seeds, fewer products."""
    return REFITS / f"{candidate}.csv"


def record(step: str, name: str) -> Path:
    """Return what a step noted: `weights` their source; `embed`, `train`, `evaluate` their cost."""
    return RECORDS / step / f"{name}.json"


def stage_record(stage: str) -> Path:
    """Return what a stage, by its name in DVC, took.

    That of `check`, which runs for a changed comment too, lies where `compare` does not depend on.
    """
    return Path("data/check.json") if stage == "check" else record("stages", stage)


def ensemble(what: Literal["predictions", "classification", "records"], name: str) -> Path:
    """Return what `combine` made of an ensemble: the same tables as a candidate's, and a record."""
    return ENSEMBLES / what / f"{name}.{'json' if what == 'records' else 'csv'}"
