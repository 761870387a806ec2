"""Stage `compare`: score all competitors on the same products and test what was chosen on val.

Writes reports/metrics/, comparison.json, comparison.csv, answers.csv, cost.json, and in data/
suspects.csv. Competitors are the candidates and ensembles that were not left out. Times, memory and
the machine go to cost.json, so that the rest is the same on every run.
"""

from aisle import files, paths
from aisle.answers import table
from aisle.catalogue import partitions
from aisle.settings import params
from aisle.settings.sections import Compare
from aisle.stages import resources_used, run
from aisle.standings import (
    comparison,
    costs,
    finalists,
    reach,
    records,
    refitted,
    scores,
    verdicts,
)


def main() -> None:
    """Compare the candidates of competitors.yaml, then its ensembles."""
    settings, seed = params.read("compare", Compare), params.seed()
    candidates = [one for one in params.candidate_names() if records.left_out(one) is None]
    ensembles = [
        one for one in params.ensemble_names() if records.left_out(one, ensemble=True) is None
    ]
    tables = {name: table.read(paths.predictions(name)) for name in candidates}
    tables |= {name: table.read(paths.ensemble_predictions(name)) for name in ensembles}
    table.check_same_products(tables)
    comparison.check_probabilities(tables)
    members = {name: [name] for name in candidates}
    members |= {name: list(params.ensemble(name).members) for name in ensembles}
    cost = costs.per_competitor(members)
    split = files.read_table(paths.SPLIT, text=(table.PRODUCT,))
    scored = comparison.scored(tables, split=split, settings=settings, seed=seed)
    learners = records.learners(candidates)
    given = comparison.Material(
        tables=tables,
        learners=learners,
        controls=[name for name in candidates if name not in learners],
        finalists=finalists.read(),
        size=files.read_json(paths.finalist("power")),
        refits=refitted.read(),
        products=files.read_table(paths.PRODUCTS, text=comparison.PRODUCT_TEXTS),
        split=split,
        counts=files.read_json(paths.LEAK_CHECKS),
        costs=cost,
        scores=scored,
    )
    extract = params.read("extract", params.Extract)
    found = comparison.compare(given, settings=settings, extract=extract, seed=seed)
    verdicts.write(found.pairs)
    files.write_table(found.suspects, paths.SUSPECTS)
    near = files.read_table(paths.REACH, text=(table.PRODUCT,))
    twin = params.read("split", params.Split).look.similarity
    groups = partitions.groups_of(split)
    reached = reach.reach(tables, near, groups=groups, twin=twin, settings=settings)
    files.write_json(found.facts | {"reach": reached}, paths.COMPARISON)
    scores.write_metrics(scored)
    table.write_all(tables, paths.ANSWERS)
    stages = costs.per_stage() | {"compare": resources_used()}
    files.write_json({"machine": costs.machine(), "candidates": cost, "stages": stages}, paths.COST)


if __name__ == "__main__":
    run(main, recorded=False)  # cost.json has it
