"""Stage `gather`: the answers of each ensemble's members → data/members/ENSEMBLE/.

So `combine` depends on its own members only, not on every candidate.
"""

import shutil

from aisle import files, paths
from aisle.settings import params
from aisle.stages import run
from aisle.standings import records


def main() -> None:
    """Write the members' answers on test and val, or the reason why a member has none."""
    chosen = {name: params.ensemble(name) for name in params.ensemble_names()}
    with files.replacing(paths.MEMBERS) as folder:
        for name, settings in chosen.items():
            here = folder / name
            for member in settings.members:
                params.candidate(member)  # refused here if there is none of that name
                reason = records.left_out(member)
                if reason is not None:
                    absent = {"left_out": f"its member '{member}' was left out: {reason}"}
                    files.write_json(absent, here / paths.LEFT_OUT)
                for kind, path in (
                    ("test", paths.predictions(member)),
                    ("val", paths.validation(member)),
                ):
                    (here / kind).mkdir(parents=True, exist_ok=True)
                    shutil.copy(path, here / kind)
        # never empty: DVC does not bring an empty folder back
        listed = {name: list(settings.members) for name, settings in chosen.items()}
        files.write_json(listed, folder / "ensembles.json")


if __name__ == "__main__":
    run(main)
