"""Does a first run decide? `python -m benchmarks.first_runs 20`: the contest on 20 sample seeds.

Each seed draws another embedded catalogue by the committed settings, and runs the stages up to
`finalists` on it, which chooses the contest on val; test tells the two apart, or not. Prints a
Markdown table, one row per seed, and how many are decided. `--candidates` names those that take
part, because networks take minutes; `--changes split.test=0.5,split.train=0.4` tries other
settings.
"""

import argparse
import shutil
import sys
import tempfile
from collections.abc import Mapping
from contextlib import chdir, redirect_stdout
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

from aisle import files, parallel, paths
from aisle.answers import table
from aisle.catalogue import partitions
from aisle.settings import params
from aisle.settings.editing import merge
from aisle.settings.rules import Settings
from aisle.settings.sections import Compare
from aisle.stages.check import check
from aisle.standings import finalists
from aisle.statistics.paired import verdicts
from benchmarks import trials, workspace

COLUMNS = (
    *("sample seed", "transfer, right", "classical, right", "of", "difference"),
    *("only one right", "p", "word"),
)


def stage(name: str, *arguments: object) -> None:
    """Run a stage in this process, as `python -m aisle.stages.NAME ARGUMENTS` does."""
    sys.argv = [name, *map(str, arguments)]
    import_module(f"aisle.stages.{name}").main()


def run_stages(settings: Settings) -> None:
    """Run every stage up to `evaluate` in the current folder."""
    for name in ("check", "catalogue", "extract", "split", "augment"):
        stage(name)
    for size in settings.sections["resize"].sizes:
        stage("resize", size)
    for variant in settings.variants:
        stage("weights", variant)
        stage("embed", variant)
    for candidate in settings.candidates:
        stage("train", candidate)
        stage("evaluate", candidate)


def contest(seed: int, *, content: Mapping[str, Any], entries: Mapping[str, Any]) -> list[str]:
    """Return a seed's row of the table: the finalists on its sample, and the verdict of test."""
    root = Path.cwd()
    sample = {"catalogue": {"source": "sample", "sample": {"seed": seed}}}
    with tempfile.TemporaryDirectory() as temporary, chdir(temporary):
        workspace.write(merge(content, sample), paths.PARAMS)
        competitors = {"candidates": dict(entries), "ensembles": {}, "refits": {}}
        workspace.write(competitors, paths.COMPETITORS_FILE)
        shutil.copytree(root / paths.PRETRAINED, paths.PRETRAINED)
        with redirect_stdout(sys.stderr):
            run_stages(check())
            stage("finalists")
        names = finalists.read().contest
        tables = {name: table.read(paths.predictions(name)) for name in names}
        split = files.read_table(paths.SPLIT, text=("product_id",))
        answers = table.as_arrays(tables, groups=partitions.groups_of(split))
        compare = params.read("compare", Compare)
        (verdict,) = verdicts(
            answers.right,
            margin=compare.margin,
            confidence=compare.confidence,
            folds=answers.fold,
            groups=answers.group,
        )
        right = answers.right.sum(axis=1)
        cells = [f"`{name}` {count}" for name, count in zip(answers.names, right, strict=True)]
        cells += [str(len(answers.products)), f"{verdict.difference:+.3f}"]
        cells += [f"{verdict.only_first}, {verdict.only_second}", f"{verdict.p:.2g}", verdict.word]
        return cells


def main() -> None:
    """Print the table for the seeds on the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.first_runs", description=__doc__)
    parser.add_argument("seeds", type=int, help="how many sample seeds")
    parser.add_argument("--first", type=int, default=1, help="the first of them")
    parser.add_argument("--candidates", nargs="+", help="those that take part; else all")
    parser.add_argument("--changes", default=trials.AS_IT_IS, help="of params.yaml: A.B=VALUE,…")
    given = parser.parse_args()
    content = trials.changed(params.load(), given.changes)
    names = given.candidates or params.candidate_names()
    entries = {name: params.candidate(name) for name in names}
    print(f"| {' | '.join(COLUMNS)} |\n|{'---|' * len(COLUMNS)}")
    decided = 0
    for seed in range(given.first, given.first + given.seeds):
        one = partial(contest, seed, content=content, entries=entries)
        cells = parallel.in_new_process(one)  # TensorFlow keeps the memory of every network
        print(f"| {seed} | {' | '.join(cells)} |", flush=True)
        decided += cells[-1] != "undecided"
    print(f"\nDecided on {decided} of {given.seeds} sample seeds.")


if __name__ == "__main__":
    main()
