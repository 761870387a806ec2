"""Measures the goals and writes benchmarks/RESULTS.md; only files that git knows are measured."""

import argparse
import sys
from pathlib import Path

from aisle.errors import AisleError
from benchmarks import page, runner
from benchmarks.goals import GOALS, Given


def main() -> None:
    """Measure what the command line asks for; exit code 1 where a goal could not be measured."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    names = ", ".join(goal.name for goal in GOALS)
    parser.add_argument("--only", default="", metavar="NAMES", help=f"some of: {names}")
    parser.add_argument("--catalogue", default="", help="folder of the real catalogue")
    parser.add_argument("--weights", default="", help="folder of the weights")
    parser.add_argument(
        "--folds", type=int, default=1, help="of a cross test in which the recipes are tested"
    )
    said = parser.parse_args()
    folder = Path(__file__).parent
    try:
        given = Given(there(said.catalogue), there(said.weights), folds=said.folds)
        sound = runner.benchmark(GOALS, only=said.only.split(), given=given, folder=folder)
    except AisleError as error:
        sys.exit(f"aisle: {error}")
    print(f"\nThe page: {(folder / page.PAGE).relative_to(Path.cwd())}")
    if not sound:
        sys.exit("aisle: a goal could not be measured; the page says which, and why.")


def there(folder: str) -> Path | None:
    """Return a folder that was named, None where none was; AisleError where it does not exist."""
    if folder and not Path(folder).is_dir():
        raise AisleError(f"no folder '{folder}'; CATALOGUE and WEIGHTS are folders.")
    return Path(folder).resolve() if folder else None


if __name__ == "__main__":
    main()
