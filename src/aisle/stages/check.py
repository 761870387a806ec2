"""Stage `check`: read both settings files before anything runs, and name every mistake in them.

Writes what later stages depend on: data/needs, data/competitors.json and the files named `none`.
"""

from typing import Any

from aisle import files, paths
from aisle.inputs.views import ORIGINAL
from aisle.methods.common import listing, registry
from aisle.settings import leftovers, params, rules
from aisle.stages import run
from aisle.standings import costs

PLACEHOLDERS = (
    paths.NOTHING,
    paths.embeddings(paths.NONE),
    paths.resized(paths.NONE),
    paths.weights(paths.NONE),
    paths.ENSEMBLES / paths.NONE,
    paths.REFITS / paths.NONE,
)
"""Empty inputs: DVC needs every file and folder that a stage may read."""


def check() -> rules.Settings:
    """Return all settings; AisleError with every mistake, one a line."""
    return rules.read_all(lambda raw, *, where: registry.parse(raw, where=where)[1])


def needs(settings: rules.Settings) -> dict[str, list[str]]:
    """Return the views that candidates read of each backbone's frozen pass, by variant."""
    readers = [
        name
        for name, candidate in settings.candidates.items()
        if registry.method(candidate.method).frozen_pass(candidate) != "never"
    ]
    return {
        variant: rules.views_needed(settings, variant=variant, readers=readers, original=ORIGINAL)
        for variant in settings.variants
    }


def competitors(settings: rules.Settings) -> dict[str, Any]:
    """Return the competitors: kind, what each reads, and all settings, defaults filled in."""
    return listing.described() | {
        "refits": {name: one.model_dump(mode="json") for name, one in settings.refits.items()},
        "variants": {name: {"size": one.size} for name, one in settings.variants.items()},
    }


def remove_leftovers() -> None:
    """Delete the outputs of what the settings no longer list; print which stages made them."""
    lock = params.load(paths.LOCK) if paths.LOCK.exists() else {}
    removed = leftovers.remove(lock, current=costs.stage_names())
    if removed:
        print(f"removed the outputs of {', '.join(removed)}; DVC's cache keeps them")


def main() -> None:
    """Write the needed views and sizes, the competitors, and that all settings are sound."""
    settings = check()
    views = needs(settings)
    sizes = rules.sizes_needed(settings, views=views)
    with files.replacing(paths.NEEDS) as temporary:
        (temporary / "resize").mkdir(parents=True)
        for variant, needed in views.items():
            files.write_json({"views": needed}, temporary / paths.needs(variant).name)
        for size in settings.sections["resize"].sizes:
            path = temporary / "resize" / paths.needed_size(size).name
            files.write_json({"needed": size in sizes}, path)
    files.write_json(competitors(settings), paths.COMPETITORS)
    remove_leftovers()
    for placeholder in PLACEHOLDERS:
        files.write_text("Nothing to read.\n", placeholder)
    # the same text every time: a changed setting reruns the stages that read it, and no other
    files.write_text("The settings were read and are sound.\n", paths.CHECKED)
    print(f"candidates: {', '.join(settings.candidates)}")


if __name__ == "__main__":
    run(main)
