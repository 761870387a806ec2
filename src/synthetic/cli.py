"""The `synthetic` command: makes weights from formulas, without any photo."""

import argparse
from pathlib import Path

from aisle import stages
from aisle.backbones.architecture import CLASSES
from aisle.parallel import cores
from synthetic.pretraining.settings import SIDES


def pretrain(arguments: argparse.Namespace) -> None:
    """Train a backbone on images drawn from formulas, without any photo; go on if cut off."""
    from synthetic.pretraining import fitting, settings

    chosen = settings.Settings(
        variant=arguments.variant,
        images=arguments.images,
        classes=arguments.classes,
        sides=settings.parse_sides(arguments.sides),
        batch=arguments.batch,
        learning_rate=arguments.learning_rate,
        seed=arguments.seed,
        start=fitting.named(arguments.start) if arguments.start else None,
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
    sub = verbs.add_parser("pretrain", help=pretrain.__doc__, description=pretrain.__doc__)
    sub.set_defaults(verb=pretrain)
    _pretrain_arguments(sub)
    return top


def _pretrain_arguments(sub: argparse.ArgumentParser) -> None:
    sub.formatter_class = argparse.ArgumentDefaultsHelpFormatter
    sub.add_argument("variant", choices=CLASSES, metavar="VARIANT", help="b0, b1, b2 …")
    sub.add_argument(
        "--images", type=int, default=72_000, help="drawn in all; 0, with --from, only grows"
    )
    sub.add_argument("--classes", type=int, default=2000, help="formulas to tell apart")
    sub.add_argument("--sides", default=SIDES, metavar="SIDE:SHARE,…", help="sizes, growing")
    sub.add_argument("--batch", type=int, default=64, help="images in a step")
    sub.add_argument("--learning-rate", type=float, default=2e-3, help="its peak")
    sub.add_argument("--seed", type=int, default=0, help="of the formulas and the weights")
    sub.add_argument("--workers", type=int, default=max(1, cores() - 1), help="that draw")
    sub.add_argument(
        "--from",
        type=Path,
        dest="start",
        metavar="FILE",
        help="weights to begin with, of this variant or of a smaller one of b0 to b3",
    )
    sub.add_argument("--into", type=Path, default=Path("weights"), help="folder of the results")
    sub.add_argument("--checkpoint-every", type=int, default=16_000, metavar="IMAGES", help="kept")
    sub.add_argument("--report-every", type=int, default=4_000, metavar="IMAGES", help="told")
    sub.add_argument(
        "--probe-every", type=int, default=24_000, metavar="IMAGES", help="on val, if it can be"
    )


def main() -> None:
    """Run the verb on the command line; a user's mistake is one line and exit code 1."""
    arguments = parser().parse_args()
    stages.run(lambda: arguments.verb(arguments), recorded=False, leave=False)  # it is no stage


if __name__ == "__main__":
    main()
