"""The competitors whose answers are explained, and a hash of those answers: finalists.json.

`explain` depends on this file, so it reruns only when a finalist's answers change.
"""

from aisle import files, paths
from aisle.standings.competitors import Competitor
from aisle.standings.standings import Standings


def finalists(standings: Standings) -> list[Competitor]:
    """Return both sides of the contest, the best text model, and the best on photo and text.

    No control, and no competitor on random weights: what these look at is random.
    """
    best = [*standings.contest, standings.best("text"), standings.best("both")]
    chosen = {c.name: c for c in best if c and c.kind != "control" and not c.untrained}
    return list(chosen.values())


def write(standings: Standings) -> None:
    """Write the finalists' names, kinds, and a hash of the answers of each."""
    found = {}
    for c in finalists(standings):
        answers = paths.ensemble_predictions(c.name) if c.members else paths.predictions(c.name)
        found[c.name] = {"kind": c.kind, "answers": files.origin(read=[answers], said=[])}
    files.write_json(found, paths.FINALISTS)
