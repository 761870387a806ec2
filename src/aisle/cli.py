"""The `aisle` command: one function per verb, for what DVC has no command for."""

import argparse
import json
import sys
from pathlib import Path

from aisle import paths, stages
from aisle.errors import AisleError


def check(arguments: argparse.Namespace) -> None:
    """Read params.yaml and competitors.yaml, and name every mistake in them."""
    from aisle.stages.check import check as check_settings

    settings = check_settings()
    number = len(settings.candidates) + len(settings.ensembles)
    print(f"{paths.PARAMS} and {paths.COMPETITORS_FILE} are sound. Competitors: {number}.")


def headline(arguments: argparse.Namespace) -> None:
    """Print the first lines of the note and where it is."""
    from aisle.report.headline import headline as note_headline

    print(f"\n{note_headline()}\n\nThe whole note: {paths.NOTE}")


def ablation(arguments: argparse.Namespace) -> None:
    """Fit one network with one setting changed at a time, and with all; compare on validation."""
    from aisle.studies.ablation import ablation as fit_and_compare

    fit_and_compare()
    print(f"\nThe table: {paths.ABLATION.with_suffix('.md')}")


def leaks(arguments: argparse.Namespace) -> None:
    """Count duplicates across partitions, here and in a plain split, and what such leaks gain."""
    from aisle.studies.leaks import leaks as audit_and_price

    audit_and_price()
    print(f"\nThe page: {paths.LEAK_PRICE.with_suffix('.md')}")


def compare(arguments: argparse.Namespace) -> None:
    """Compare the answers here with those of another git revision, product by product."""
    from aisle.revisions import changes
    from aisle.revisions.rendering import as_markdown, as_text

    try:
        found = changes.compare_revision(arguments.revision)
    except AisleError as error:
        print(f"aisle: not comparable: {error}", file=sys.stderr)
        sys.exit(changes.NOT_COMPARABLE)
    print(as_markdown(found) if arguments.markdown else as_text(found))
    sys.exit(found.exit_code)


def publish(arguments: argparse.Namespace) -> None:
    """Run the pipeline on another catalogue, in a clone, and keep its reports."""
    from aisle.studies.publish import publish as run_and_keep

    run_and_keep(name=arguments.name, values=dict(arguments.set))


def use(arguments: argparse.Namespace) -> None:
    """Choose a set of competitors: copy competitors/NAME.yaml to competitors.yaml."""
    from aisle.settings.editing import use as copy_set

    copy_set(arguments.name, overwrite=arguments.overwrite)
    print(f"{paths.COMPETITORS_FILE} is now the set '{arguments.name}'. Next: dvc repro")


def predict(arguments: argparse.Namespace) -> None:
    """Predict the categories of your own photos, with the winner or another competitor."""
    from aisle.serving import predict as predicting

    given = predicting.photo_files(arguments.photos)
    name = arguments.candidate or predicting.winner(with_text=bool(arguments.text))
    model = predicting.load(name, fold=arguments.fold)
    products, unusable = predicting.read_photos(given, model=model, text=arguments.text)
    answers = predicting.table(model, products)
    if arguments.csv:
        print(answers.to_csv(index=False, float_format="%.6f"), end="")
    elif arguments.json:
        print(json.dumps(predicting.as_list(answers), indent=2, ensure_ascii=False))
    else:
        for line in predicting.as_lines(answers):
            print(line)
        if len(answers):
            print(f"Predicted by {name}, fold {arguments.fold}.", file=sys.stderr)
    if arguments.explain and len(answers):
        from aisle.report import overlays
        from aisle.serving import occlusion

        overlays.draw(*occlusion.maps(model, products, answers=answers), path=arguments.explain)
        print(f"The importance of each part of the photo: {arguments.explain}", file=sys.stderr)
    for path, reason in unusable.items():
        print(f"aisle: '{path}' cannot be used: {reason}", file=sys.stderr)
    if unusable:
        sys.exit(1)


def export(arguments: argparse.Namespace) -> None:
    """Export photos as one directory per category, or a fitted model with its card."""
    from aisle.serving import export as exporting
    from aisle.serving.predict import winner

    if arguments.what == "photos":
        number = exporting.photo_tree(
            arguments.folder,
            partition=arguments.partition,
            side=arguments.size,
            fold=arguments.fold,
        )
        print(f"{number} photos of {arguments.partition}: {arguments.folder}")
    else:
        name = arguments.candidate or winner(with_text=True)
        exporting.competitor(arguments.folder, name=name, fold=arguments.fold)
        print(f"{name}, fold {arguments.fold}: {arguments.folder}")


def parser() -> argparse.ArgumentParser:
    """Return the command line."""
    top = argparse.ArgumentParser(prog="aisle", description=__doc__)
    verbs = top.add_subparsers(required=True, metavar="VERB")
    for verb in (check, headline, predict, export, compare, ablation, leaks, publish, use):
        sub = verbs.add_parser(verb.__name__, help=verb.__doc__, description=verb.__doc__)
        sub.set_defaults(verb=verb)
        if verb is publish:
            sub.add_argument("name", help="a profile: profiles/NAME.yaml → reports/NAME/")
            sub.add_argument(
                "--set",
                type=_place,
                action="append",
                default=[],
                metavar="PLACE=PATH",
                help="the path to use for $PLACE in the profile",
            )
        elif verb is predict:
            _predict_arguments(sub)
        elif verb is export:
            _export_arguments(sub)
        elif verb is compare:
            sub.epilog = (
                "Exit code: 0 no regression, 1 a regression (significantly worse, by the margin or "
                "more), 2 not comparable."
            )
            sub.add_argument("revision", help="branch, tag, commit or DVC experiment")
            sub.add_argument(
                "--markdown", action="store_true", help="print Markdown, for a pull request"
            )
        elif verb is use:
            sub.add_argument("name", help="a set: competitors/NAME.yaml")
            sub.add_argument(
                "--overwrite", action="store_true", help="even if entries of your own are lost"
            )
    return top


def _predict_arguments(sub: argparse.ArgumentParser) -> None:
    sub.epilog = "Exit code: 0 if all photos were predicted, 1 if any of them could not be used."
    sub.add_argument("photos", nargs="+", type=Path, metavar="PHOTO", help="a file or a folder")
    _fitted_arguments(sub)
    sub.add_argument("--text", default="", help="name and description, for models that read text")
    form = sub.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print all probabilities as JSON")
    form.add_argument("--csv", action="store_true", help="print all probabilities as CSV")
    sub.add_argument(
        "--explain", type=Path, metavar="PNG", help="draw how important each part of a photo was"
    )


def _export_arguments(sub: argparse.ArgumentParser) -> None:
    whats = sub.add_subparsers(required=True, dest="what", metavar="WHAT")
    photos = whats.add_parser("photos", help="one directory per category")
    photos.add_argument("folder", type=Path, help="a new folder")
    photos.add_argument("--partition", choices=("train", "val", "test"), default="train")
    photos.add_argument("--size", type=int, default=224, help="side in pixels")
    photos.add_argument("--fold", type=int, default=0)
    model = whats.add_parser(
        "model", help="a fitted model with its labels and a description of its input"
    )
    model.add_argument("folder", type=Path, help="a new folder")
    _fitted_arguments(model)


def _fitted_arguments(sub: argparse.ArgumentParser) -> None:
    sub.add_argument(
        "--candidate", metavar="NAME", help="a name in competitors.yaml; by default the winner"
    )
    sub.add_argument(
        "--fold", type=int, default=0, help="use the model fitted on this fold; 0 is the first"
    )


def _place(text: str) -> tuple[str, str]:
    place, equals, path = text.partition("=")
    if not equals:
        raise argparse.ArgumentTypeError(f"expected PLACE=PATH, got '{text}'")
    return place, path


def main() -> None:
    """Run one verb; a user's mistake is one line on stderr and exit code 1."""
    arguments = parser().parse_args()
    stages.run(lambda: arguments.verb(arguments), recorded=False, leave=False)  # not a stage


if __name__ == "__main__":
    main()
