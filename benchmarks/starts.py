"""Compare three initial weights of a backbone by probe: `python -m benchmarks.starts RUN WEIGHTS`.

RUN is a folder where the pipeline has read a real catalogue; its params.yaml, data/products.csv,
data/split.csv and data/resized/ are read. WEIGHTS has `efficientnetv2-VARIANT_food101.weights.h5`
for each variant with weights in data/pretrained; they were trained on Food-101 and are not the
official ImageNet ones. Compared are random weights with that run's seed, the weights of
data/pretrained here, and those of WEIGHTS, on the same photos and folds. Prints a Markdown table
and writes the figures to the cards in data/pretrained, key `probe`.
"""

import sys
from collections.abc import Mapping
from contextlib import chdir
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from aisle import files, paths
from aisle.backbones import architecture, pretrained
from aisle.errors import AisleError
from aisle.settings import params
from aisle.statistics.intervals import wilson
from benchmarks.workspace import ROOT
from synthetic.pretraining import probe as probing
from synthetic.pretraining.probe import Catalogue, Score

STARTS = {"random": "random", "formula": "formula", "food101": "Food-101"}
"""Initial weights → their name in the table."""

PARTITIONS: tuple[Literal["val"], Literal["test"]] = ("val", "test")
UNOFFICIAL = "the weights of food101 are not the official ImageNet ones"


@dataclass(frozen=True)
class Probed:
    """Scores of one start on val, where the probe's C was also chosen, and on test."""

    val: Score
    test: Score


def probed(variant: str, *, found: Catalogue, start: Path | None, seed: int) -> Probed:
    """Return the scores of the weights in the file `start`, or of random weights if None."""
    architecture.start_keras(seed=seed)
    side = found.photos.shape[1]
    if start is None:
        backbone = architecture.build(variant, side=side)
    else:
        backbone = architecture.load(variant, side=side, path=start)
    embeddings = probing.embedded(backbone, found.photos)
    val, test = (
        probing.probe(
            embeddings, labels=found.labels, partitions=found.partitions, scored=partition
        )
        for partition in PARTITIONS
    )
    return Probed(val=val, test=test)


def closed(scores: Mapping[str, Score]) -> float | None:
    """Return the share of the gap from random to Food-101 that formulas close; None if no gap."""
    gap = scores["food101"].accuracy - scores["random"].accuracy
    return (scores["formula"].accuracy - scores["random"].accuracy) / gap if gap > 0 else None


def card(starts: Mapping[str, Probed], *, catalogue: str, found: Catalogue) -> dict[str, Any]:
    """Return the card's entry `probe`: accuracies, with Wilson intervals on test."""
    share = closed({name: one.test for name, one in starts.items()})
    return {
        "catalogue": catalogue,
        "products": len(found.labels),
        "folds": len(found.partitions),
        "photo_side": int(found.photos.shape[1]),
        "starts": {name: _figures(one) for name, one in starts.items()},
        "share_of_gap_closed_on_test": None if share is None else round(share, 4),
        "remark": UNOFFICIAL,
    }


def rows(variant: str, starts: Mapping[str, Probed]) -> list[str]:
    """Return a variant's two rows of the table, for val and for test."""
    lines = []
    for scored in PARTITIONS:
        scores = {name: getattr(one, scored) for name, one in starts.items()}
        share = closed(scores)
        cells = [
            variant,
            scored,
            *(_cell(scores[name]) for name in STARTS),
            "–" if share is None else f"{share:.2f}",
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def main() -> None:
    """Probe every variant with bundled weights, and write the result to its card."""
    if len(sys.argv) != 3:
        sys.exit("usage: python -m benchmarks.starts RUN WEIGHTS")
    run, weights = (Path(folder).resolve() for folder in sys.argv[1:])
    try:
        measure(run, weights=weights)
    except AisleError as error:
        sys.exit(f"aisle: {error}")


def measure(run: Path, *, weights: Path) -> None:
    """Print the table row by row, and write each card as soon as its rows are known."""
    with chdir(ROOT):
        variants = [name for name in architecture.CLASSES if paths.pretrained(name).is_file()]
        formula = {variant: ROOT / pretrained.formula(variant) for variant in variants}
    food101 = {name: weights / f"efficientnetv2-{name}_food101.weights.h5" for name in variants}
    missing = [path for path in food101.values() if not path.is_file()]
    if missing:
        raise AisleError(f"no weights file '{missing[0]}'; WEIGHTS is the folder that holds them.")
    print(f"| variant | scored | {' | '.join(STARTS.values())} | share of the gap closed |")
    print("|---|---|---|---|---|---:|")
    for variant in variants:
        with chdir(run):
            found, seed = probing.catalogue(variant), params.seed()
            source = params.read("catalogue", params.Catalogue)
        files_of = {"random": None, "formula": formula[variant], "food101": food101[variant]}
        starts = {
            name: probed(variant, found=found, start=path, seed=seed)
            for name, path in files_of.items()
        }
        print("\n".join(rows(variant, starts)), flush=True)
        path = ROOT / paths.pretrained_card(variant)
        name = source.table if source.source == "table" else source.path.name
        entry = card(starts, catalogue=name, found=found)
        files.write_json(files.read_json(path) | {"probe": entry}, path)


def _figures(one: Probed) -> dict[str, float | int]:
    low, high = wilson(successes=one.test.right, trials=one.test.answered)
    return {
        "val_right": one.val.right,
        "val_answered": one.val.answered,
        "val_accuracy": round(one.val.accuracy, 4),
        "test_right": one.test.right,
        "test_answered": one.test.answered,
        "test_accuracy": round(one.test.accuracy, 4),
        "test_low": round(low, 4),
        "test_high": round(high, 4),
    }


def _cell(score: Score) -> str:
    """Return "0.546 (459/840, 0.512–0.579)": accuracy, right answers, Wilson interval."""
    low, high = wilson(successes=score.right, trials=score.answered)
    return f"{score.accuracy:.3f} ({score.right}/{score.answered}, {low:.3f}–{high:.3f})"


if __name__ == "__main__":
    main()
