"""Pretrain a backbone to predict an image's formula and descriptors; resume when interrupted."""

import json
import math
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zipfile import BadZipFile

import numpy as np

from aisle import files, paths
from aisle.backbones import architecture
from aisle.errors import AisleError
from synthetic.pretraining import growing, saving, stream
from synthetic.pretraining import probe as probing
from synthetic.pretraining.descriptors import WIDTH
from synthetic.pretraining.settings import Settings

if TYPE_CHECKING:
    import keras

WARM_UP = 0.05
"""Share of the steps in which the learning rate rises to its peak; a cosine then lowers it to 0."""

DESCRIPTORS_WEIGHT = 15.0
"""Weight of the descriptors' mean squared error; the classes' cross-entropy has weight 1."""

STANDARDISED_BY = 256
"""Number of images, the first ones, from which the descriptors' mean and deviation are computed."""

LEAST_DEVIATION = 0.05
"""Least standard deviation to divide by, so that very rare words do not dominate the loss."""

SMOOTHING = 0.1
WEIGHT_DECAY = 0.02
"""Weight decay of AdamW, on kernels only."""

DIGITS = 4
"""Decimals of losses and accuracies in the card."""


@dataclass(frozen=True)
class Pace:
    """Images between two checkpoints, two reports, two probes."""

    keep: int
    report: int
    probe: int


def pretrain(
    settings: Settings, *, start: Path | None, into: Path, workers: int, pace: Pace
) -> None:
    """Train by the settings, from the weights `start` if given; write weights and card to `into`.

    With 0 images, `start` is only grown to the variant's size. An interrupted run in `into`
    continues. Raises AisleError if `start` does not fit, if the interrupted run has other settings,
    or if the loss becomes NaN or infinite.
    """
    unfinished = into / f"efficientnetv2-{settings.variant}_formula.unfinished.npz"
    with files.exclusive(into, what=f"a pretraining into '{into}'"):
        architecture.start_keras(seed=settings.seed)
        if start is None:
            backbone = growing.shallow(settings.variant)
        else:
            backbone = growing.load_or_grow(settings.variant, path=start, seed=settings.seed)
        history = []
        if settings.steps:
            history = train(
                backbone,
                settings=settings,
                unfinished=unfinished,
                workers=workers,
                pace=pace,
                score=scorer(backbone, settings.variant),
            )
        path = paths.pretrained(settings.variant, folder=into)
        digest = saving.save(backbone, path)
        saving.write_card(
            paths.pretrained_card(settings.variant, folder=into),
            settings=settings.written(),
            command=settings.command(),
            images=settings.steps * settings.batch,
            sha256=digest,
            history=history,
        )
        files.remove(unfinished)
    print(f"{path}: {path.stat().st_size / 1e6:.1f} MB")


def name_and_hash(path: Path) -> tuple[str, str]:
    """Return a file's name and SHA-256, as in `Settings.start`."""
    if not path.is_file():
        raise AisleError(f"no weights file '{path}'. Give its path to --from, or leave --from out.")
    return path.name, sha256(path.read_bytes()).hexdigest()


def scorer(backbone: "keras.Model", variant: str) -> Callable[[], probing.Score] | None:
    """Return a function that probes the backbone on the catalogue's val products.

    Without a usable catalogue it prints the reason and returns None.
    """
    try:
        found = probing.catalogue(variant)
    except AisleError as error:
        print(f"No probe during training: {error}")
        return None

    def score() -> probing.Score:
        embeddings = probing.embedded(backbone, found.photos)
        return probing.probe(embeddings, labels=found.labels, partitions=found.partitions)

    return score


def train(
    backbone: "keras.Model",
    *,
    settings: Settings,
    unfinished: Path,
    workers: int,
    pace: Pace,
    score: Callable[[], probing.Score] | None,
) -> list[dict[str, Any]]:
    """Train in place; print and return one row per report.

    The checkpoint `unfinished` holds weights, optimizer, step and history; a later call with the
    same settings continues from it. The image stream depends on the step only.
    """
    import keras

    model = with_head(backbone, settings=settings)
    state = _restore(model, unfinished, settings=settings)
    step, sums = state["step"], np.array(state["sums"])
    history: list[dict[str, Any]] = state["history"]
    watch = _Watch(settings, step=step)
    drawing = stream.batches(
        islice(_plan(settings), step, None),
        size=settings.batch,
        seed=settings.seed,
        classes=settings.classes,
        workers=workers,
    )
    side = 0
    with closing(drawing) as batches:
        for images, labels, described in batches:
            if images.shape[1] != side:
                side = images.shape[1]
                model.make_train_function(force=True)  # a graph per size is faster than one for all
                mean, deviation = _scale(settings, side=side)
            targets = {
                "head": keras.utils.to_categorical(labels, settings.classes),
                "described": (described - mean) / deviation,
            }
            scores = model.train_on_batch(images.astype(np.float32), targets, return_dict=True)
            if not math.isfinite(scores["loss"]):
                raise AisleError(
                    f"the loss became NaN or infinite after {step * settings.batch} images; "
                    f"expected it to fall. Lower --learning-rate ({settings.learning_rate:g})."
                )
            step += 1
            sums += (scores["head_loss"], scores["described_loss"], scores["head_accuracy"], 1)
            last = step == settings.steps
            probes = score is not None and (_due(step, pace.probe, settings) or last)
            if _due(step, pace.report, settings) or probes or last:
                _synced(model)
                speed = watch.speed(step)
                row = _row(step * settings.batch, side, sums, score() if probes and score else None)
                print(watch.line(row, step=step, speed=speed), flush=True)
                history.append(row)
                sums[:] = 0
            if _due(step, pace.keep, settings) or last:
                _synced(model)
                _keep(model, unfinished, settings=settings, step=step, history=history, sums=sums)
    return history


def with_head(backbone: "keras.Model", *, settings: Settings) -> "keras.Model":
    """Return the compiled model: images → class logits and descriptors. The heads are temporary."""
    import keras

    for layer in backbone.layers:
        if isinstance(layer, keras.layers.Dropout):
            layer.rate = 0.0  # no image repeats, so the network cannot overfit
    # zero weights, or the first steps would only undo the random head
    outputs = {
        name: keras.layers.Dense(width, kernel_initializer="zeros", name=name)(backbone.output)
        for name, width in (("head", settings.classes), ("described", WIDTH))
    }
    model = keras.Model(backbone.input, outputs)
    warm_up = max(1, round(WARM_UP * settings.steps))
    rate = keras.optimizers.schedules.CosineDecay(
        0.0,
        decay_steps=max(1, settings.steps - warm_up),
        warmup_target=settings.learning_rate,
        warmup_steps=warm_up,
    )
    optimizer = keras.optimizers.AdamW(rate, weight_decay=WEIGHT_DECAY)
    optimizer.exclude_from_weight_decay(var_names=["gamma", "beta", "bias"])
    model.compile(
        optimizer=optimizer,
        loss={
            "head": keras.losses.CategoricalCrossentropy(
                from_logits=True, label_smoothing=SMOOTHING
            ),
            "described": "mean_squared_error",
        },
        loss_weights={"head": 1.0, "described": DESCRIPTORS_WEIGHT},
        metrics={"head": ["accuracy"]},
        jit_compile="auto",
    )
    model.optimizer.build(model.trainable_variables)
    return model


def _scale(settings: Settings, *, side: int) -> tuple[np.ndarray, np.ndarray]:
    """Return mean and standard deviation [688] of the descriptors, at least LEAST_DEVIATION."""
    first = stream.draw_batch(
        0, side, size=STANDARDISED_BY, seed=settings.seed, classes=settings.classes
    )
    return first[2].mean(axis=0), np.maximum(first[2].std(axis=0), LEAST_DEVIATION)


class _Watch:
    """Speed and remaining time, estimated by pixels because image sizes differ."""

    def __init__(self, settings: Settings, *, step: int) -> None:
        self.settings = settings
        self.began = self.last = time.monotonic()
        self.first = self.last_step = step

    def speed(self, step: int) -> float:
        """Return images per second since the last report."""
        seconds = max(time.monotonic() - self.last, 1e-6)
        return (step - self.last_step) * self.settings.batch / seconds

    def line(self, row: dict[str, Any], *, step: int, speed: float) -> str:
        """Return the text of a report, and restart the measurement of speed."""
        of, now = self.settings, time.monotonic()
        done, todo = _pixels(of, self.first, step), _pixels(of, step, of.steps)
        left = timedelta(seconds=round((now - self.began) * todo / done))
        self.last, self.last_step = now, step
        probed = f", probe on val {row['probe_accuracy']:.4f}" if "probe_accuracy" in row else ""
        return (
            f"{of.variant}: {row['images']:,} of {of.steps * of.batch:,} images, {row['side']} px, "
            f"{speed:.0f}/s, loss {row['loss']:.4f}, accuracy {row['accuracy']:.4f}, "
            f"descriptors' error {row['descriptors_error']:.4f}{probed}, about {left} left"
        )


def _pixels(settings: Settings, start: int, end: int) -> int:
    """Return the total pixels from step `start` to step `end`, counting one image per step."""
    total, begins = 0, 0
    for phase in settings.phases():
        ends = begins + phase.steps
        total += phase.side**2 * max(0, min(end, ends) - max(start, begins))
        begins = ends
    return total


def _plan(settings: Settings) -> Iterator[tuple[int, int]]:
    """Yield, per step, the number of the batch's first image and its side."""
    step = 0
    for phase in settings.phases():
        for _ in range(phase.steps):
            yield step * settings.batch, phase.side
            step += 1


def _due(step: int, images: int, settings: Settings) -> bool:
    """Return whether this step reached a multiple of `images`."""
    return step * settings.batch // images > (step - 1) * settings.batch // images


def _row(images: int, side: int, sums: np.ndarray, probed: probing.Score | None) -> dict[str, Any]:
    loss, described, accuracy, _ = (sums / sums[3]).tolist()
    row = {
        "images": images,
        "side": side,
        "loss": round(loss, DIGITS),
        "accuracy": round(accuracy, DIGITS),
        "descriptors_error": round(described, DIGITS),
    }
    if probed is not None:
        row["probe_accuracy"] = round(probed.accuracy, DIGITS)
        row["probe_log_loss"] = round(probed.log_loss, DIGITS)
    return row


def _synced(model: "keras.Model") -> None:
    """Copy JAX's training state back into the model; other backends need nothing."""
    getattr(model, "jax_state_sync", lambda: None)()


def _variables(model: "keras.Model") -> dict[str, Any]:
    both = [*model.variables, *model.optimizer.variables]
    return {f"variable{number}": variable for number, variable in enumerate(both)}


def _keep(model: "keras.Model", path: Path, *, settings: Settings, step: int, **rest: Any) -> None:
    state = {
        "settings": settings.written(),
        "step": step,
        "history": rest["history"],
        "sums": rest["sums"].tolist(),
    }
    kept = {name: np.asarray(variable) for name, variable in _variables(model).items()}
    with files.replacing(path) as temporary, temporary.open("wb") as file:
        np.savez(file, allow_pickle=False, state=json.dumps(state), **kept)


def _restore(model: "keras.Model", path: Path, *, settings: Settings) -> dict[str, Any]:
    """Load the checkpoint `path` into the model; return its state, or the initial one without it.

    Raises AisleError if the checkpoint has other settings, because it may hold hours of work.
    """
    try:
        with np.load(path, allow_pickle=False) as found:
            arrays = dict(found)
        state: dict[str, Any] = json.loads(str(arrays.pop("state")))
    except (FileNotFoundError, BadZipFile, EOFError, ValueError, KeyError):
        return {"step": 0, "history": [], "sums": [0.0, 0.0, 0.0, 0.0]}
    if state["settings"] != settings.written():
        raise AisleError(
            f"'{path}' holds an unfinished run with other settings, {_differing(state, settings)}. "
            "Use those settings, delete the file, or name another folder with --into."
        )
    for name, variable in _variables(model).items():
        variable.assign(arrays[name])
    print(f"Resuming after {state['step'] * settings.batch:,} images.")
    return state


def _differing(state: dict[str, Any], settings: Settings) -> str:
    now = settings.written()
    return "; ".join(
        f"{name} {before}, now {now.get(name)}"
        for name, before in state["settings"].items()
        if before != now.get(name)
    )
