"""Measure the goals and write benchmarks/RESULTS.md. Only files tracked by git are measured."""

import argparse
import sys
from pathlib import Path

from aisle.errors import AisleError
from benchmarks import page, runner
from benchmarks.goals import GOALS, Given


def main() -> None:
    """Measure the goals on the command line; exit code 1 if a measurement failed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    names = ", ".join(goal.name for goal in GOALS)
    parser.add_argument("--only", default="", metavar="NAMES", help=f"some of: {names}")
    parser.add_argument("--catalogue", default="", help="folder of the real catalogue")
    parser.add_argument("--weights", default="", help="folder of the weights")
    parser.add_argument(
        "--folds", type=int, default=1, help="folds of a cross test for the goal `recipes`"
    )
    arguments = parser.parse_args()
    folder = Path(__file__).parent
    try:
        given = Given(
            existing(arguments.catalogue), existing(arguments.weights), folds=arguments.folds
        )
        succeeded = runner.benchmark(GOALS, only=arguments.only.split(), given=given, folder=folder)
    except AisleError as error:
        sys.exit(f"aisle: {error}")
    print(f"\nThe page: {(folder / page.PAGE).relative_to(Path.cwd())}")
    if not succeeded:
        sys.exit("aisle: a measurement failed; the page says which, and why.")


def existing(folder: str) -> Path | None:
    """Return the folder, None for an empty name; AisleError if it does not exist."""
    if folder and not Path(folder).is_dir():
        raise AisleError(f"no folder '{folder}'; CATALOGUE and WEIGHTS are folders.")
    return Path(folder).resolve() if folder else None


if __name__ == "__main__":
    main()
