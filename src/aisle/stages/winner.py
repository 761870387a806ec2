"""Stage `winner`: the winner of the comparison → data/winner/, a model with its card."""

from aisle import files, paths
from aisle.inputs import rows
from aisle.serving import export
from aisle.stages import run


def main() -> None:
    """Write what `aisle export model` writes, of the competitor that wins by the rule."""
    name = files.read_json(paths.COMPARISON)["winner"]["winner"]
    files.remove(paths.WINNER)
    export.competitor(paths.WINNER, name=name, fold=rows.folds()[0])
    print(f"{name} is in {paths.WINNER}")


if __name__ == "__main__":
    run(main, recorded=False)  # its seconds would come after cost.json
