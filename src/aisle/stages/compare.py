"""Stage `compare`: score all competitors on the same products and compare each pair.

Writes reports/metrics/, comparison.json, comparison.csv, answers.csv, cost.json, and in data/
suspects.csv and finalists.json. Competitors are the candidates and ensembles that were not
left out. Times, memory and the machine go to cost.json, so that the rest is the same on every run.
"""

from aisle import files, paths
from aisle.answers import table
from aisle.errors import AisleError
from aisle.settings import params
from aisle.settings.refits import refits
from aisle.settings.sections import Compare
from aisle.stages import resources_used, run
from aisle.standings import (
    comparison,
    costs,
    finalists,
    reach,
    records,
    scores,
    standings,
    verdicts,
)


def main() -> None:
    """Compare the candidates of competitors.yaml, then its ensembles."""
    settings, seed = params.read("compare", Compare), params.seed()
    candidates = [one for one in params.candidate_names() if records.left_out(one) is None]
    ensembles = [
        one for one in params.ensemble_names() if records.left_out(one, ensemble=True) is None
    ]
    if not candidates:
        raise AisleError(
            "every candidate was left out, so there is nothing to compare. 'dvc repro' says why as "
            "each is trained; give the catalogue what they read, or add one that reads photos."
        )
    tables = {name: table.read(paths.predictions(name)) for name in candidates}
    tables |= {name: table.read(paths.ensemble_predictions(name)) for name in ensembles}
    table.check_same_products(tables)
    comparison.check_probabilities(tables)
    members = {name: [name] for name in candidates}
    members |= {name: list(params.ensemble(name).members) for name in ensembles}
    cost = costs.per_competitor(members)
    scored = comparison.scored(tables, settings=settings, seed=seed)
    learners = records.learners(candidates)
    given = comparison.Material(
        tables=tables,
        learners=learners,
        validation={name: table.read(paths.validation(name)) for name in learners},
        refits={name: table.read(paths.refit(name)) for name in refits()},
        products=files.read_table(paths.PRODUCTS, text=comparison.PRODUCT_TEXTS),
        split=files.read_table(paths.SPLIT, text=(table.PRODUCT,)),
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
    reached = reach.reach(tables, near, twin=twin, settings=settings)
    files.write_json(found.facts | {"reach": reached}, paths.COMPARISON)
    scores.write_metrics(scored)
    table.write_all(tables, paths.ANSWERS)
    stages = costs.per_stage() | {"compare": resources_used()}
    files.write_json({"machine": costs.machine(), "candidates": cost, "stages": stages}, paths.COST)
    finalists.write(standings.load())


if __name__ == "__main__":
    run(main, recorded=False)  # cost.json has it
