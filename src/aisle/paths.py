"""Where everything lies, relative to the repository root: the one place that spells a path."""

from pathlib import Path

PARAMS = Path("params.yaml")
COMPETITORS_FILE = Path("competitors.yaml")
COMPETITOR_SETS = Path("competitors")
LOCK = Path("dvc.lock")

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
REACH = Path("data/reach.csv")
MODELS = Path("data/models")
PREDICTIONS = Path("data/predictions")
ENSEMBLES = Path("data/ensembles")
FACTS = Path("data/facts")
TIMINGS = Path("data/timings")
MEMBERS = Path("data/members")
REFITS = Path("data/refits")
SUSPECTS = Path("data/suspects.csv")
DRAWINGS = Path("data/figures.json")
EXPLAINED = Path("data/explained")
EXPLANATIONS = EXPLAINED / "facts.json"
FINALISTS = Path("data/finalists")
WINNER = Path("data/winner")

REJECTS = Path("reports/rejects.csv")
LEAK_CHECKS = Path("reports/split.json")
METRICS = Path("reports/metrics")
ANSWERS = Path("reports/answers.csv")
COST = Path("reports/cost.json")
COMPARISON = Path("reports/comparison.json")
LEAK_PRICE = Path("reports/leaks.json")
NOTE = Path("reports/note.md")
PAGE = Path("reports/note.html")
ABLATION = Path("reports/ablation.json")
FIGURES = Path("reports/figures")

NONE = "none"
"""In the settings: an input that is not read."""

NOTHING = Path("data/none")
"""In the settings: no file to read. `check` writes it, as DVC needs every file of dvc.yaml."""

LEFT_OUT = "left_out.json"
"""In a candidate's folder of models, or an ensemble's of members, that took no part."""

EMBEDDINGS = "embeddings.npy"
ACTIVATIONS = "activations.npy"
EMBEDDING_CARD = "embedding.json"


def needs(variant: str) -> Path:
    """Return what candidates read of a backbone's frozen pass."""
    return NEEDS / f"{variant}.json"


def needed_size(size: int | str) -> Path:
    """Return the file that says whether a competitor reads photos of this size."""
    return NEEDS / "resize" / f"{size}.json"


def resized(size: int | str) -> Path:
    """Return the array of all photos at one resolution."""
    return Path(f"data/resized/{size}.npy")


def weights(variant: str) -> Path:
    """Return the file of one backbone's weights."""
    return Path(f"data/weights/{variant}.weights.h5")


def pretrained(variant: str, *, folder: Path = PRETRAINED) -> Path:
    """Return the file of a variant's formula weights; the bundled ones are in git."""
    return folder / f"efficientnetv2-{variant}_formula.weights.h5"


def pretrained_card(variant: str, *, folder: Path = PRETRAINED) -> Path:
    """Return the card of those weights, which says how they were made."""
    return folder / f"efficientnetv2-{variant}_formula.json"


def embeddings(variant: str) -> Path:
    """Return the folder of one backbone's frozen features."""
    return Path("data/embeddings") / variant


def embedded(variant: str) -> Path:
    """Return the folder where `embed` keeps its last arrays; DVC does not track it."""
    return Path("data/embedded") / variant


def models(candidate: str) -> Path:
    """Return the folder of a candidate's fitted models, or of the reason why it was left out."""
    return MODELS / candidate


def origin(candidate: str) -> Path:
    """Return the hash of all that a candidate's fitted models come from."""
    return models(candidate) / "origin.json"


def model(candidate: str, fold: int) -> Path:
    """Return the folder of a candidate's fitted model for one fold."""
    return models(candidate) / f"fold_{fold}"


def interrupted(candidate: str) -> Path:
    """Return the folder of unfinished fits, where the next run continues; DVC does not track it."""
    return Path("data/interrupted") / candidate


def history(candidate: str) -> Path:
    """Return the table of a candidate's scores during training."""
    return Path("data/history") / f"{candidate}.csv"


def predictions(candidate: str) -> Path:
    """Return the table of a candidate's answers, one row per test product."""
    return PREDICTIONS / f"{candidate}.csv"


def validation(candidate: str) -> Path:
    """Return the table of a candidate's answers on val, one row per fold and product."""
    return Path("data/validation") / f"{candidate}.csv"


def ensemble_predictions(ensemble: str) -> Path:
    """Return the table of an ensemble's answers: the columns of a candidate's."""
    return ENSEMBLES / "predictions" / f"{ensemble}.csv"


def ensemble_validation(ensemble: str) -> Path:
    """Return the table of an ensemble's answers on val: the columns of a candidate's."""
    return ENSEMBLES / "validation" / f"{ensemble}.csv"


def members(ensemble: str) -> Path:
    """Return the folder of the answers that an ensemble is made from."""
    return MEMBERS / ensemble


def finalist(name: str) -> Path:
    """Return what the stage `finalists` says of one role, or of what all roles come from."""
    return FINALISTS / f"{name}.json"


def refitted(entry: str) -> Path:
    """Return which candidate an entry of `refits` names, and the origin of its fit."""
    return FINALISTS / "refits" / f"{entry}.json"


def refit(entry: str) -> Path:
    """Return the table of a candidate's answers when retrained: other seeds, fewer products."""
    return REFITS / f"{entry}.csv"


def metrics(competitor: str) -> Path:
    """Return a competitor's three scores, as `dvc metrics show` prints them."""
    return METRICS / f"{competitor}.json"


def facts(step: str, name: str) -> Path:
    """Return what a stage found that is the same on every run: parameters, bytes, weights, …"""
    return FACTS / step / f"{name}.json"


def timings(stage: str) -> Path:
    """Return the seconds and memory of a stage, by its name in DVC, such as `train@forest`.

    `check` reruns for a changed comment too, so its timings are outside the folder that `compare`
    depends on.
    """
    return Path("data/check.json") if stage == "check" else TIMINGS / f"{stage}.json"
