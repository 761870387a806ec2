"""The `synthetic` command: draw the sample catalogue, pretrain a backbone on formula images."""

import argparse
from pathlib import Path

from aisle import stages
from aisle.backbones.architecture import CLASSES
from aisle.errors import AisleError
from aisle.parallel import cores
from synthetic.pretraining.settings import SIDES


def draw(arguments: argparse.Namespace) -> None:
    """Draw the sample catalogue into a folder, to read with `catalogue.source: table`."""
    from synthetic.catalogue import generate

    folder = arguments.folder
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise AisleError(f"'{folder}' is not an empty folder; name a new one.")
    generate(products_per_category=arguments.products, seed=arguments.seed, folder=folder)
    print(f"{folder}: products.csv and images/, {arguments.products} products per category")


def pretrain(arguments: argparse.Namespace) -> None:
    """Train a backbone on images drawn from formulas. An interrupted run continues."""
    from synthetic.pretraining import fitting, settings

    chosen = settings.Settings(
        variant=arguments.variant,
        images=arguments.images,
        classes=arguments.classes,
        sides=settings.parse_sides(arguments.sides),
        batch=arguments.batch,
        learning_rate=arguments.learning_rate,
        seed=arguments.seed,
        start=fitting.name_and_hash(arguments.start) if arguments.start else None,
    )
    every = {
        "--checkpoint-every": arguments.checkpoint_every,
        "--report-every": arguments.report_every,
        "--probe-every": arguments.probe_every,
    }
    settings.check(chosen)
    settings.check_running(into=arguments.into, workers=arguments.workers, every=every)
    fitting.pretrain(
        chosen,
        start=arguments.start,
        into=arguments.into,
        workers=arguments.workers,
        pace=fitting.Pace(*every.values()),
    )


def parser() -> argparse.ArgumentParser:
    """Return the command line."""
    top = argparse.ArgumentParser(prog="synthetic", description=__doc__)
    verbs = top.add_subparsers(required=True, metavar="VERB")
    for verb, add_arguments in ((draw, _draw_arguments), (pretrain, _pretrain_arguments)):
        sub = verbs.add_parser(verb.__name__, help=verb.__doc__, description=verb.__doc__)
        sub.formatter_class = argparse.ArgumentDefaultsHelpFormatter
        sub.set_defaults(verb=verb)
        add_arguments(sub)
    return top


def _draw_arguments(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("folder", type=Path, metavar="FOLDER", help="a new folder")
    sub.add_argument("--products", type=int, default=30, help="products per category")
    sub.add_argument("--seed", type=int, default=7, help="seed of the drawings and texts")


def _pretrain_arguments(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("variant", choices=CLASSES, metavar="VARIANT", help="b0, b1, b2 …")
    sub.add_argument(
        "--images",
        type=int,
        default=72_000,
        help="total number of images; 0 with --from only grows the given weights",
    )
    sub.add_argument("--classes", type=int, default=2000, help="number of formulas to classify")
    sub.add_argument(
        "--sides",
        default=SIDES,
        metavar="SIDE:SHARE,…",
        help="image sizes in pixels, increasing, each with its share of the images",
    )
    sub.add_argument("--batch", type=int, default=64, help="images per step")
    sub.add_argument("--learning-rate", type=float, default=2e-3, help="peak learning rate")
    sub.add_argument("--seed", type=int, default=0, help="seed of the formulas and the weights")
    sub.add_argument(
        "--workers",
        type=int,
        default=max(1, cores() - 1),
        help="processes that draw images; 0 draws in the main process",
    )
    sub.add_argument(
        "--from",
        type=Path,
        dest="start",
        metavar="FILE",
        help="initial weights, of this variant or of a smaller one of b0 to b3",
    )
    sub.add_argument("--into", type=Path, default=Path("weights"), help="output folder")
    sub.add_argument(
        "--checkpoint-every",
        type=int,
        default=16_000,
        metavar="IMAGES",
        help="images between checkpoints",
    )
    sub.add_argument(
        "--report-every",
        type=int,
        default=4_000,
        metavar="IMAGES",
        help="images between progress lines",
    )
    sub.add_argument(
        "--probe-every",
        type=int,
        default=24_000,
        metavar="IMAGES",
        help="images between linear probes on the catalogue's val products, if there are any",
    )


def main() -> None:
    """Run the verb on the command line; an AisleError is one line and exit code 1."""
    arguments = parser().parse_args()
    stages.run(lambda: arguments.verb(arguments), recorded=False, leave=False)  # it is no stage


if __name__ == "__main__":
    main()
