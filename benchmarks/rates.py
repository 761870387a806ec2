"""A rate measured by simulation, as a row of a Markdown table."""

from dataclasses import dataclass

HEADER = """| what | where | products | repetitions | should be | measured | ± |
|---|---|---|---|---|---|---|"""


@dataclass(frozen=True)
class Row:
    """One row of the table: a rate, the number of repetitions, and the target."""

    what: str
    case: str
    products: int
    repetitions: int
    rate: float
    target: str

    def __str__(self) -> str:
        error = (self.rate * (1 - self.rate) / self.repetitions) ** 0.5
        return (
            f"| {self.what} | {self.case} | {self.products:,} | {self.repetitions:,} "
            f"| {self.target} | {self.rate:.1%} | {error:.1%} |"
        )
