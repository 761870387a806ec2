"""The `aisle` command: what DVC has no verb for."""

import argparse

from aisle import paths, stages


def check(arguments: argparse.Namespace) -> None:
    """Read params.yaml and say what is wrong in it, if anything."""
    from aisle.stages.check import check as check_params

    check_params()


def headline(arguments: argparse.Namespace) -> None:
    """Print where the note is and what it says first."""
    from aisle.reporting.facts import headline as note_headline

    print(f"\n{note_headline()}\n\nThe whole note: {paths.NOTE}")


def publish(arguments: argparse.Namespace) -> None:
    """Run the pipeline on another catalogue, in a clone, and keep its reports."""
    from aisle.publish import publish as run_and_keep

    run_and_keep(name=arguments.name, values=dict(pair.split("=", 1) for pair in arguments.set))


def parser() -> argparse.ArgumentParser:
    """Return the command line."""
    top = argparse.ArgumentParser(prog="aisle", description=__doc__)
    verbs = top.add_subparsers(required=True, metavar="VERB")
    for verb in (check, headline, publish):
        sub = verbs.add_parser(verb.__name__, help=verb.__doc__, description=verb.__doc__)
        sub.set_defaults(verb=verb)
        if verb is publish:
            sub.add_argument("name", help="of a profile: profiles/NAME.yaml → reports/NAME/")
            sub.add_argument(
                "--set",
                action="append",
                default=[],
                metavar="PLACE=PATH",
                help="what a $PLACE in the profile stands for",
            )
    return top


def main() -> None:
    """Run the verb on the command line; a user's mistake is one line and exit code 1."""
    arguments = parser().parse_args()
    stages.run(lambda: arguments.verb(arguments))


if __name__ == "__main__":
    main()
