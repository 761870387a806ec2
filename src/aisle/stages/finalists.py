"""Stage `finalists`: who competes in the contest, by the answers on val → data/finalists/.

Nothing on test is read but how many products there are.
"""

import pandas as pd

from aisle import files, paths
from aisle.answers import table
from aisle.catalogue import partitions
from aisle.errors import AisleError
from aisle.settings import params
from aisle.settings.refits import refits
from aisle.settings.sections import Compare
from aisle.stages import run
from aisle.standings import competitors, costs, finalists, records
from aisle.standings.finalists import Watched
from aisle.statistics.log_loss import losses


def watched() -> tuple[list[Watched], dict[str, pd.DataFrame]]:
    """Return each competitor that took part, and its answers on val, by name."""
    competing, found, tables = competitors.read(), [], {}
    untrained, origins = {}, {}
    for name, one in competing["candidates"].items():
        if records.left_out(name) is None:
            backbone = one["settings"]["backbone"]
            untrained[name] = records.untrained(backbone)
            origins[name] = files.read_json(paths.origin(name))["origin"]
            tables[name] = table.read(paths.validation(name))
    for name, one in competing["ensembles"].items():
        if records.left_out(name, ensemble=True) is None:
            members = one["members"]
            untrained[name] = any(untrained[member] for member in members)
            said = [one["method"], *members, *(origins[member] for member in members)]
            origins[name] = files.origin(read=[], said=said)
            tables[name] = table.read(paths.ensemble_validation(name))
    if tables:
        table.check_same_products(tables, where="on val")
    both = competing["candidates"] | competing["ensembles"]
    for name, answers in tables.items():
        one = both[name]
        found.append(
            Watched(
                name=name,
                kind=one["kind"],
                single="members" not in one,
                untrained=untrained[name],
                origin=origins[name],
                right=int(table.right(answers).sum()),
                products=len(answers),
                log_loss=float(
                    losses(
                        actual=table.ids(answers, table.ACTUAL),
                        probabilities=table.normalised(answers),
                    ).mean()
                ),
                size=tuple(costs.size(*one.get("members", [name])).values()),
            )
        )
    return found, tables


def main() -> None:
    """Write the finalists of each kind, the contest, and what the test can show."""
    settings = params.read("compare", Compare)
    found, tables = watched()
    if not tables:
        raise AisleError(
            "every candidate was left out, so there is nothing to compare. 'dvc repro' says why as "
            "each is trained; give the catalogue what they read, or add one that reads photos."
        )
    chosen = finalists.choose(found, contest=settings.contest)
    split = files.read_table(paths.SPLIT, text=(table.PRODUCT,))
    groups = partitions.groups_of(split)
    one = next(iter(tables.values()))
    size = finalists.size_of_the_test(
        {name: table.right(answers) for name, answers in tables.items()},
        contest=chosen.contest,
        folds=one[table.FOLD].to_numpy(),
        groups=groups.loc[one[table.PRODUCT]].to_numpy(),
        products=int((split["partition"] == "test").sum()),
        settings=settings,
    )
    finalists.write(chosen, watched=found, size=size, refits=refits())
    if len(chosen.contest) < 2:
        print(f"no contest: {chosen.contest[0]} is the only competitor")
    else:
        print(f"the contest: {' against '.join(chosen.contest)}, chosen by {chosen.chosen_by}")


if __name__ == "__main__":
    run(main)
