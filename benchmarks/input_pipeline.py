"""Goal 2: does training wait for its input?

Views per second of `model.fit` on the candidates' input, `networks.datasets`, compared with
those of the same model on one batch held in memory and repeated. The two alternate epoch by epoch,
after one epoch each in which the graph is traced. The result is the median ratio of neighbouring
epochs.
"""

import statistics
import time
from collections.abc import Callable, Mapping
from contextlib import chdir
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from aisle import paths
from aisle.backbones import architecture
from aisle.inputs import rows
from aisle.methods import efficientnetv2
from aisle.methods.common import registry
from aisle.settings import params
from aisle.training import block, networks, progressive
from benchmarks import workspace
from benchmarks.goals import Given, Result

if TYPE_CHECKING:
    import keras

LEAST = 0.95
NAME = "efficientnetv2_b0"
AUGMENTATION = 0.2
"""Strength of the augmentation in the last case."""

STEPS = {"staged": 40, "full": 12}
"""Batches per epoch, of all four views."""

REPEATS = 7


def measure(given: Given, *, changes: Mapping[str, Any] | None = None) -> Result:
    """Measure the tail of `staged`, `full`, and `full` with augmentation.

    `changes` override the candidate's entry in params.yaml.
    """
    entry = workspace.candidate(NAME) | {
        "views": "all",
        "photos": workspace.SIDE,
        **(changes or {}),
    }
    ready = workspace.embedded(NAME, entry, scheme="holdout", given=given)
    with ready as (folder, on), chdir(folder):
        found = cases(entry)
    worst = min(ratio for *_, ratio in found.values())
    return Result(
        measured=", ".join(f"{name} {ratio:.2f}" for name, (*_, ratio) in found.items()),
        met=worst >= LEAST,
        on=f"{on}; B0 at {entry['photos']} px, all views",
        table=[
            {
                "what trains": name,
                "views/s as fed": f"{fed:.1f}",
                "views/s of one batch in memory": f"{held:.1f}",
                "ratio": f"{ratio:.3f}",
            }
            for name, (fed, held, ratio) in found.items()
        ],
        remarks=(
            f"Medians of {REPEATS} alternating epochs each; batches of "
            f"{entry['training']['batch_size']}, {STEPS['staged']} per epoch for the tail and "
            f"{STEPS['full']} for the whole network.",
        ),
    )


def cases(entry: Mapping[str, Any]) -> dict[str, tuple[float, float, float]]:
    """Return, per case, views/s as fed, views/s of one batch in memory, and their ratio."""
    _, settings = registry.parse(dict(entry), where=f"candidates.{NAME}")
    classes = len(rows.categories())
    keras = networks.start(settings.training, classes=classes, seed=params.seed())
    train, val = rows.fitting_rows(settings=settings, fold=rows.folds()[0])
    found = {}
    change = partial(progressive.augmented, strength=AUGMENTATION)
    for name, recipe, augmented in (
        ("tail of `staged`", "staged", None),
        ("`full`", "full", None),
        ("`full`, augmented", "full", change),
    ):
        backbone = architecture.load(
            settings.backbone, side=settings.photos, path=paths.weights(settings.backbone)
        )
        head = efficientnetv2.new_head(
            width=backbone.output.shape[1], training=settings.training, classes=classes
        )
        part = backbone
        if recipe == "staged":
            _, part = architecture.cut(
                backbone, trainable_from=train.inputs.embedding["trainable_from"]
            )
            architecture.freeze_batch_normalisation(backbone)
        model = keras.Model(part.input, head(part.output))
        views = np.arange(STEPS[recipe] * settings.training.batch_size) % len(train)
        fed = networks.datasets(
            train.take(views),
            val,
            read=activations if recipe == "staged" else photos,
            training=settings.training,
            classes=classes,
            generator=np.random.default_rng(params.seed()),
            change=augmented,
        )["train"]
        found[name] = speeds(model, fed=fed, training=settings.training)
        print(name, found[name], flush=True)
    return found


def activations(part: rows.Rows) -> networks.Reader:
    """Return the reader of the tail's input."""
    return part.activations


def photos(part: rows.Rows) -> networks.Reader:
    """Return the reader of the whole network's input."""
    return part.photos


def speeds(
    model: "keras.Model", *, fed: Any, training: block.Training
) -> tuple[float, float, float]:
    """Return views/s as fed, views/s of the first batch repeated, and the ratio, as medians."""
    import tensorflow

    model.compile(
        optimizer=block.optimizer(training, steps_per_epoch=len(fed)),
        loss=training.loss,
        metrics=[block.accuracy(training)],
        jit_compile="auto",
    )
    model.optimizer.build(model.trainable_variables)
    streamed = networks.stream(fed)
    # same options: tf.data's autotuning would make the repeated batch slower than the input
    held = tensorflow.data.Dataset.from_tensors(fed[0]).repeat(len(fed))
    held = held.with_options(streamed.options())
    views = len(fed) * training.batch_size
    epoch = partial(model.fit, verbose=0, shuffle=False)
    for one in (streamed, held):
        epoch(one)
    as_fed, in_memory = [], []
    for _ in range(REPEATS):
        as_fed.append(views / seconds(partial(epoch, streamed)))
        in_memory.append(views / seconds(partial(epoch, held)))
    ratios = [one / other for one, other in zip(as_fed, in_memory, strict=True)]
    return tuple(statistics.median(each) for each in (as_fed, in_memory, ratios))  # type: ignore[return-value]


def seconds(call: Callable[[], object]) -> float:
    """Return the seconds that a call takes."""
    started = time.perf_counter()
    call()
    return time.perf_counter() - started
