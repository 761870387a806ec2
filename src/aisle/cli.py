"""The `aisle` command: what DVC has no verb for."""

import argparse
import sys

from aisle import paths, stages
from aisle.errors import AisleError


def check(arguments: argparse.Namespace) -> None:
    """Read params.yaml and say what is wrong in it, if anything."""
    from aisle.stages.check import check as check_params

    check_params()


def headline(arguments: argparse.Namespace) -> None:
    """Print where the note is and what it says first."""
    from aisle.reporting.facts import headline as note_headline

    print(f"\n{note_headline()}\n\nThe whole note: {paths.NOTE}")


def ablation(arguments: argparse.Namespace) -> None:
    """Fit one network as it is, with one change at a time and with all; a table on val."""
    from aisle.ablation import ablation as fit_and_compare

    fit_and_compare()
    print(f"\nThe table: {paths.ABLATION.with_suffix('.md')}")


def leaks(arguments: argparse.Namespace) -> None:
    """Count the duplicates the split and a plain one cut, and measure what leaks are worth."""
    from aisle.leaks import leaks as audit_and_price

    audit_and_price()
    print(f"\nThe page: {paths.LEAK_PRICE.with_suffix('.md')}")


def compare(arguments: argparse.Namespace) -> None:
    """Compare the answers here with those of another git revision, product by product."""
    from aisle import against
    from aisle.reporting.against import as_markdown, as_text

    try:
        found = against.against(arguments.revision)
    except AisleError as error:
        print(f"aisle: not comparable: {error}", file=sys.stderr)
        sys.exit(against.NOT_COMPARABLE)
    print(as_markdown(found) if arguments.markdown else as_text(found))
    sys.exit(found.exit_code)


def publish(arguments: argparse.Namespace) -> None:
    """Run the pipeline on another catalogue, in a clone, and keep its reports."""
    from aisle.publish import publish as run_and_keep

    run_and_keep(name=arguments.name, values=dict(arguments.set))


def use(arguments: argparse.Namespace) -> None:
    """Choose which of the sets of params.yaml is run."""
    from aisle.publish import use as point_to

    point_to(arguments.name)
    print(f"{paths.PARAMS} now runs the set '{arguments.name}'. Next: dvc repro")


def parser() -> argparse.ArgumentParser:
    """Return the command line."""
    top = argparse.ArgumentParser(prog="aisle", description=__doc__)
    verbs = top.add_subparsers(required=True, metavar="VERB")
    for verb in (check, headline, compare, ablation, leaks, publish, use):
        sub = verbs.add_parser(verb.__name__, help=verb.__doc__, description=verb.__doc__)
        sub.set_defaults(verb=verb)
        if verb is publish:
            sub.add_argument("name", help="of a profile: profiles/NAME.yaml → reports/NAME/")
            sub.add_argument(
                "--set",
                type=_place,
                action="append",
                default=[],
                metavar="PLACE=PATH",
                help="what a $PLACE in the profile stands for",
            )
        elif verb is compare:
            sub.epilog = (
                "Exit code: 0 no regression, 1 a regression (worse for sure, and by the margin or "
                "more), 2 not comparable."
            )
            sub.add_argument("revision", help="branch, tag, commit or DVC experiment")
            sub.add_argument(
                "--markdown", action="store_true", help="print Markdown, for a pull request"
            )
        elif verb is use:
            sub.add_argument("name", help="of a set: sets.NAME in params.yaml")
    return top


def _place(text: str) -> tuple[str, str]:
    place, equals, path = text.partition("=")
    if not equals:
        raise argparse.ArgumentTypeError(f"expected PLACE=PATH, got '{text}'")
    return place, path


def main() -> None:
    """Run the verb on the command line; a user's mistake is one line and exit code 1."""
    arguments = parser().parse_args()
    stages.run(lambda: arguments.verb(arguments), recorded=False)  # no stage of dvc.yaml


if __name__ == "__main__":
    main()
