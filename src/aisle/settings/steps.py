"""The default learning rate of fine-tuning, by the source of the weights."""

from aisle.settings import params
from aisle.settings.params import Source

STEPS: dict[Source, float] = {"formula": 1e-3, "random": 1e-3, "imagenet": 1e-5, "file": 1e-5}
"""Weights from photos need small steps: larger ones destroy what they know
(docs/chosen-on-validation.md). Weights from formulas, or random ones, still have much to learn."""


def default_learning_rate(source: Source) -> float:
    """Return the learning rate of the trainable blocks for weights of this source."""
    return STEPS[source]


def weights_source() -> Source:
    """Return `weights.source` of params.yaml; formula where the key is missing."""
    section = params.load().get("weights")
    source = section.get("source") if isinstance(section, dict) else None
    return source if source in STEPS else "formula"
