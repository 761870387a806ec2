"""Which candidates of competitors.yaml are fitted again, and how."""

from typing import Annotated, Any, Literal, get_args

from pydantic import Field

from aisle.settings import params
from aisle.settings.params import Section

Role = Literal["transfer_finalist", "classical_finalist"]
ROLES: tuple[Role, ...] = get_args(Role)
"""Names in `refits` for what the stage `finalists` chooses; no competitor may be called so."""


class Refit(Section):
    """How a candidate is fitted again: from other seeds, and on shares of its training products."""

    seeds: tuple[Annotated[int, Field(ge=0, lt=2**31)], ...]
    shares: tuple[params.Share, ...]


def refit(name: str) -> Refit:
    """Return how a candidate is fitted again, by its name or role."""
    return params.parse(refits().get(name), shape=Refit, where=f"refits.{name}")


def refits() -> dict[str, Any]:
    """Return the candidates and roles that are fitted again, as competitors.yaml has them."""
    return params.entries("refits")
