"""Learning curves: fit accuracy by number of labelled products, and extrapolate it."""

import warnings
from dataclasses import dataclass

import numpy as np

# Bounds of the exponent c. Outside them, three to six points cannot distinguish the curve from a
# straight line in log(n), or from a flat line.
POWERS = (0.05, 3.0)


@dataclass(frozen=True)
class Curve:
    """accuracy(n) = a - b · n^-c: a is the limit, c the speed of approach."""

    a: float
    b: float
    c: float

    def at(self, n: float) -> float:
        """Return the accuracy expected from n labelled products."""
        return float(self.a - self.b * n**-self.c)


def fit(*, sizes: np.ndarray, accuracies: np.ndarray) -> Curve | None:
    """Return the least-squares curve through `sizes` int [k] and `accuracies` float [k].

    None with fewer than three different sizes, or if the fit does not converge. The limit `a` is at
    most 1 and the curve never falls. Source of the form: C. Cortes et al., "Learning curves:
    asymptotic values and rate of convergence", NIPS 1993; fitted by scipy.
    """
    from scipy.optimize import OptimizeWarning, curve_fit

    sizes, accuracies = np.asarray(sizes, dtype=float), np.asarray(accuracies, dtype=float)
    if len(np.unique(sizes)) < 3:
        return None
    largest = sizes.max()

    def curve(x: np.ndarray, a: float, b: float, c: float) -> np.ndarray:
        return np.asarray(a - b * x**-c)

    def slopes(x: np.ndarray, a: float, b: float, c: float) -> np.ndarray:
        power = x**-c
        return np.stack([np.ones_like(x), -power, b * np.log(x) * power], axis=1)

    best = float(accuracies.max())
    start = (min(1.0, best + 0.05), 0.05, 0.5)
    try:
        with warnings.catch_warnings():
            # three points determine three parameters, so scipy has no covariance to give
            warnings.simplefilter("ignore", OptimizeWarning)
            # Sizes as shares of the largest: a, b and c are then all of the order of 1.
            (a, b, c), _ = curve_fit(
                curve,
                sizes / largest,
                accuracies,
                p0=start,
                jac=slopes,
                bounds=([0, 0, POWERS[0]], [1, 1, POWERS[1]]),
                method="dogbox",  # same curves as the default in two thirds of the time
            )
    except RuntimeError:
        return None
    return Curve(a=float(a), b=float(b * largest**c), c=float(c))


def gain(
    *,
    sizes: np.ndarray,
    right: np.ndarray,
    more: int,
    confidence: float = 0.95,
    resamples: int = 500,
    seed: int = 0,
) -> tuple[float, float, float] | None:
    """Return (gain, low, high): the accuracy expected from `more` products beyond the largest size.

    `sizes`, int [k]: labelled products trained on; `right`, bool [k, n]: whether the model trained
    on that many is right on each test product. The percentile interval resamples test products. It
    covers neither seed-to-seed noise nor a curve that changes its shape beyond the data. None if no
    curve can be fitted (see `fit`), or if fewer than half of the resamples can be fitted.
    """
    sizes, right = np.asarray(sizes), np.asarray(right, dtype=bool)
    expected = _gain(sizes=sizes, accuracies=right.mean(axis=1), more=more)
    if expected is None:
        return None
    # Products with the same column of right and wrong are interchangeable: draw distinct columns.
    columns, counts = np.unique(right, axis=1, return_counts=True)
    n = counts.sum()
    drawn = np.random.default_rng(seed).multinomial(n, counts / n, size=resamples)
    gains = [_gain(sizes=sizes, accuracies=row, more=more) for row in drawn @ columns.T / n]
    known = [value for value in gains if value is not None]
    if len(known) * 2 < resamples:
        return None
    outside = (1 - confidence) / 2
    low, high = np.quantile(known, [outside, 1 - outside])
    return expected, float(low), float(high)


def _gain(*, sizes: np.ndarray, accuracies: np.ndarray, more: int) -> float | None:
    curve = fit(sizes=sizes, accuracies=accuracies)
    if curve is None:
        return None
    largest = int(sizes.max())
    return curve.at(largest + more) - curve.at(largest)
