"""Published results on a catalogue, cited and not measured here; and where they are reversed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aisle.report.translation import N_, gettext
from aisle.report.wording import code, local, share
from aisle.standings.competitors import Competitor, Reads
from aisle.standings.standings import Standings


@dataclass(frozen=True)
class Published:
    """One published accuracy, of `right` of `tested` products where these are known."""

    reads: Reads
    accuracy: float
    right: int | None
    tested: int | None
    method: str
    source: str


@dataclass(frozen=True)
class PooledViews:
    """What a forest gains from views pooled before the split, as `aisle leaks` measured it.

    `page`: the page with it, beside the published note.
    """

    honest: float
    pooled: float
    page: str


@dataclass(frozen=True)
class Contrast:
    """A study, by its title, that found its forest ahead of its network; and a likely reason."""

    study: str
    forest: Published
    network: Published
    pooled_views: PooledViews


EARLIER = N_("the study reproduced here")
BEFORE = N_("the same study, an earlier project")

FOREST = Published(*("photo", 0.8286, 174, 210, "random forest, fit 62 s"), EARLIER)
B0 = Published(*("photo", 0.7975, 126, 158, "EfficientNetV2-B0, fit 4589 s"), EARLIER)

FLIPKART: tuple[Published, ...] = (
    Published(
        *("photo", 0.905, 190, 210, "ConvNeXt-Base, frozen, and a dense layer of 256"),
        "OceaneYYT/Classifiez-automatiquement-des-biens-de-consommation",
    ),
    Published(
        *("photo", 0.881, 185, 210, "EfficientNetV2-M, frozen; fit 1206 s"),
        "OceaneYYT/Classifiez-automatiquement-des-biens-de-consommation",
    ),
    Published(
        *("photo", 0.867, 273, 315, "VGG features, PCA and SVC"),
        "JohanRocheteau/Formation_DS_P5_Classif_Biens_Consommation",
    ),
    Published(*("photo", 0.852, 179, 210, "CLIP, zero-shot, detailed prompts"), "AdelineLR (note)"),
    FOREST,
    Published(*("photo", 0.805, 169, 210, "EfficientNet-B0 (V1), head only"), "Hedredo/oc_p9"),
    B0,
    Published(*("photo", 0.7911, 125, 158, "EfficientNetV2-B1, fit 3418 s"), EARLIER),
    Published(*("photo", 0.7129, None, None, "CNN, augmented"), BEFORE),
    Published(*("photo", 0.6962, 110, 158, "EfficientNetV2-B2, fit 4598 s"), EARLIER),
    Published(
        *("text", 0.948, 199, 210, "MiniLM embeddings, logistic regression"),
        "pizzzi/realisation_dashboard_veille_technique",
    ),
    Published(
        *("text", 0.914, 192, 210, "TF-IDF, random forest"),
        "GTellier94/Classification_biens_consommation",
    ),
    Published(
        *("photo and text", 0.954, 166, 174, "ALBEF, fine-tuned for 20 epochs"),
        "HelmiTounssi/Classifier-automatiquement-des-biens-de-consommation",
    ),
    Published(*("photo and text", 0.8381, 176, 210, "random forest, augmented"), BEFORE),
    Published(*("photo and text", 0.8238, 173, 210, "random forest"), BEFORE),
)
"""On the Flipkart sample of 1,050 products, by input, the best first. Repositories on GitHub."""

SCALES: Mapping[str, tuple[float, str, str, str]] = {
    "b0": (0.787, "7.1 M", "0.72 G", "1.0, 1.0"),
    "b1": (0.798, "8.1 M", "1.2 G", "1.0, 1.1"),
    "b2": (0.805, "10.1 M", "1.7 G", "1.1, 1.2"),
    "b3": (0.821, "14.4 M", "3.0 G", "1.2, 1.4"),
    "s": (0.839, "21.5 M", "8.4 G", "–"),
    "m": (0.852, "54.1 M", "24.7 G", "–"),
    "l": (0.857, "119.5 M", "56.3 G", "–"),
}
"""Variant → accuracy on ImageNet, parameters with its top of 1000 classes, multiply-additions per
photo (there called FLOPs), from github.com/google/automl, efficientnetv2/README.md; then how many
times as wide and as deep as B0 it is, from keras/src/applications/efficientnet_v2.py."""

CATALOGUES: Mapping[str, Sequence[Published]] = {"none": (), "flipkart": FLIPKART}
"""By `report.published` in params.yaml."""

CONTRASTS: Mapping[str, Contrast] = {
    "flipkart": Contrast(
        study="Note méthodologique : POC",
        forest=FOREST,
        network=B0,
        pooled_views=PooledViews(honest=0.590, pooled=0.753, page="leaks.md"),
    )
}
"""By `report.published`. The pooled views are those of reports/flipkart/leaks.json."""

TUNED_HERE = frozenset({"flipkart"})
"""By `report.published`: defaults were chosen on its val products; docs/chosen-on-validation.md."""


def against_the_study(standings: Standings, *, published: str) -> str:
    """Return how the study's forest and network compare here; "" without a study, or without both.

    Their counterparts are the first forest on pixels and the first fine-tuned B0 of the settings.
    """
    found = CONTRASTS.get(published)
    forest = _first(standings, method="classical", model="forest", features="pixels")
    network = _first(standings, method="efficientnetv2", backbone="b0")
    if found is None or forest is None or network is None:
        return ""
    theirs = gettext(
        "*{study}*, the study reproduced here, found its random forest ahead of its "
        "EfficientNetV2-B0 ({forest} against {network}).",
        study=found.study,
        forest=share(found.forest.accuracy),
        network=share(found.network.accuracy),
    )
    ours = {"network": _result(network), "forest": _result(forest)}
    if network.score.correct <= forest.score.correct:
        same_here = gettext("Here too: {forest}, {network}.", **ours)
        return f"{theirs} {same_here}"
    reversed_here = gettext(
        "Here it is the other way round: {network}, {forest}. How the study split its photos is "
        "not known; views of the photos pooled before the split lift a forest on these pixels from "
        "{honest} to {pooled} ([leaks]({page})).",
        honest=share(found.pooled_views.honest),
        pooled=share(found.pooled_views.pooled),
        page=found.pooled_views.page,
        **ours,
    )
    return f"{theirs} {reversed_here}"


def _first(standings: Standings, *, method: str, **settings: str) -> Competitor | None:
    return next(
        (
            c
            for c in standings.candidates
            if c.method == method and all(c.settings[key] == settings[key] for key in settings)
        ),
        None,
    )


def _result(competitor: Competitor) -> str:
    score = competitor.score
    return gettext(
        "{name} gets {right} of {products} right ({accuracy})",
        name=code(competitor.name),
        right=local(f"{score.correct:,}"),
        products=local(f"{score.products:,}"),
        accuracy=share(score.accuracy),
    )
