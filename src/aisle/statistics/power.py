"""How small a difference a test set of this size can show."""

import numpy as np

from aisle.errors import AisleError


def smallest_difference(
    n: int, discordant: float, *, confidence: float = 0.95, power: float = 0.8
) -> float | None:
    """Return the smallest difference in accuracy that n products show with probability `power`.

    `discordant` is the share of products on which only one of the two candidates is right. None
    where even that whole share on one side would not be seen: they agree too often for so few
    products. For one pair; a pair among many needs more.

    Source: R. J. Connor, "Sample size for testing differences in proportions for the paired-sample
    design", Biometrics 43 (1987), solved for the difference. His test is the normal limit of
    McNemar's; the exact test used here rejects a little less often, so the difference that it sees
    is a little larger: docs/statistics.md has the measured power.
    """
    alpha, beta = _quantiles(confidence, power)
    _require(discordant)
    if n < 1:
        raise AisleError(f"the number of products is {n}; expected 1 or more.")
    # n d² = (alpha √D + beta √(D - d²))², squared once more, is a quadratic equation in d.
    leading, middle = n + beta**2, alpha * np.sqrt(n * discordant)
    inside = middle**2 - leading * (alpha**2 - beta**2) * discordant
    if inside < 0:
        return None
    difference = float((middle + np.sign(beta) * np.sqrt(inside)) / leading)
    return difference if difference <= discordant else None


def products_needed(
    difference: float, discordant: float, *, confidence: float = 0.95, power: float = 0.8
) -> int:
    """Return how many test products show `difference` with probability `power`.

    `difference` in accuracy, above 0 and at most `discordant` (as above). Source: as above.
    Raises AisleError when the difference is larger than the share of disagreements allows.
    """
    alpha, beta = _quantiles(confidence, power)
    _require(discordant)
    if not 0 < difference <= discordant:
        raise AisleError(
            f"the difference is {difference}; expected more than 0 and at most {discordant}, the "
            "share of products on which only one of the two is right."
        )
    root = alpha * np.sqrt(discordant) + beta * np.sqrt(discordant - difference**2)
    # Less a rounding error: 1050.0000000001 products are 1050.
    return int(np.ceil((root / difference) ** 2 - 1e-6))


def _quantiles(confidence: float, power: float) -> tuple[float, float]:
    """Return the normal quantiles of a two-sided test and of its power."""
    from scipy.special import ndtri

    if not (0 < confidence < 1 and 0.5 <= power < 1):
        raise AisleError(
            f"confidence is {confidence} and power {power}; expected shares such as 0.95 and 0.8, "
            "power at least 0.5."
        )
    return float(ndtri((1 + confidence) / 2)), float(ndtri(power))


def _require(discordant: float) -> None:
    if not 0 < discordant <= 1:
        raise AisleError(
            f"the share of products on which two candidates disagree is {discordant}; expected "
            "more than 0 and at most 1. Candidates that never disagree cannot be told apart."
        )
