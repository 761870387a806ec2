"""Power analysis: the smallest difference a test set can show, and the products needed for one."""

import numpy as np

from aisle.errors import AisleError


def smallest_difference(
    n: int, discordant: float, *, confidence: float = 0.95, power: float = 0.8
) -> float | None:
    """Return the smallest difference in accuracy that n products detect with probability `power`.

    `discordant` is the share of products on which exactly one of the two candidates is right. None
    if even a difference of that whole share would go undetected: the candidates agree too often for
    so few products. This holds for a single pair; one pair among many needs more products.

    Source: R. J. Connor, "Sample size for testing differences in proportions for the paired-sample
    design", Biometrics 43 (1987), solved for the difference. That is the normal limit of McNemar's
    test; the exact test used here rejects slightly less often, so it needs a slightly larger
    difference. docs/statistics.md has the measured power.
    """
    alpha, beta = _quantiles(confidence, power)
    _check_discordant(discordant)
    if n < 1:
        raise AisleError(f"the number of products is {n}; expected 1 or more.")
    # n d² = (alpha √D + beta √(D - d²))², squared again, is a quadratic equation in d.
    leading, middle = n + beta**2, alpha * np.sqrt(n * discordant)
    inside = middle**2 - leading * (alpha**2 - beta**2) * discordant
    if inside < 0:
        return None
    difference = float((middle + np.sign(beta) * np.sqrt(inside)) / leading)
    return difference if difference <= discordant else None


def products_needed(
    difference: float, discordant: float, *, confidence: float = 0.95, power: float = 0.8
) -> int:
    """Return how many test products are needed to detect `difference` with probability `power`.

    `difference` in accuracy, above 0 and at most `discordant`, which is as in
    `smallest_difference`; so is the source. Raises AisleError outside these bounds.
    """
    alpha, beta = _quantiles(confidence, power)
    _check_discordant(discordant)
    if not 0 < difference <= discordant:
        raise AisleError(
            f"the difference is {difference}; expected more than 0 and at most {discordant}, the "
            "share of products on which only one of the two is right."
        )
    root = alpha * np.sqrt(discordant) + beta * np.sqrt(discordant - difference**2)
    # Guard against rounding errors: 1050.0000000001 products are 1050.
    return int(np.ceil((root / difference) ** 2 - 1e-6))


def _quantiles(confidence: float, power: float) -> tuple[float, float]:
    """Return the normal quantiles for a two-sided test and for its power."""
    from scipy.special import ndtri

    if not (0 < confidence < 1 and 0.5 <= power < 1):
        raise AisleError(
            f"confidence is {confidence} and power {power}; expected shares such as 0.95 and 0.8, "
            "power at least 0.5."
        )
    return float(ndtri((1 + confidence) / 2)), float(ndtri(power))


def _check_discordant(discordant: float) -> None:
    if not 0 < discordant <= 1:
        raise AisleError(
            f"the share of products on which two candidates disagree is {discordant}; expected "
            "more than 0 and at most 1. Candidates that never disagree cannot be distinguished."
        )
