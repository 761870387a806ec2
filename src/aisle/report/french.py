"""The sentences of the note and its figures in French, by the English ones, places included.

A noun that is counted has its plural under "NOUN (plural)" where it does not just take an s.
"""

import re
from collections.abc import Mapping

_FRENCH = {
    # numbers, lists
    "; ": " ; ",
    "and": "et",
    "or": "ou",
    "to": "à",
    "then": "puis",
    "level": "à égalité",
    "all": "ensemble",
    "nothing": "rien",
    "{number} times": "{number} fois",
    "{n} of {all}": "{n} sur {all}",
    "{number} others": "{number} autres",
    # nouns that are counted
    "answer": "réponse",
    "candidate": "candidat",
    "category": "catégorie",
    "competitor": "concurrent",
    "distinct group": "groupe distinct",
    "distinct group (plural)": "groupes distincts",
    "fold": "pli",
    "label": "étiquette",
    "network": "réseau",
    "network (plural)": "réseaux",
    "other": "autre",
    "pair": "paire",
    "photo": "photo",
    "product": "produit",
    "row": "ligne",
    "test product": "produit de test",
    "test product (plural)": "produits de test",
    "tie": "égalité",
    "time": "fois",
    "time (plural)": "fois",
    "tree": "arbre",
    "usable product": "produit utilisable",
    "usable product (plural)": "produits utilisables",
    # verdicts
    "better": "meilleur",
    "worse": "moins bon",
    "undecided": "indécis",
    "verdict: {word} ({low} to {high})": "verdict : {word} ({low} à {high})",
    "verdict: {word} (95 % interval of the difference {low} to {high})": (
        "verdict : {word} (intervalle à 95 % de la différence : {low} à {high})"
    ),
    "Yes.": "Oui.",
    "No.": "Non.",
    "They tie.": "Ils se valent.",
    "This test cannot tell.": "Ce test ne permet pas de le dire.",
    "Not measured.": "Non mesuré.",
    # kinds
    "Controls": "Témoins",
    "Photo: classical": "Photo : classiques",
    "Photo: networks from scratch": "Photo : réseaux sans préentraînement",
    "Photo: transfer learning": "Photo : apprentissage par transfert",
    "Photo: ensembles": "Photo : ensembles",
    "Text": "Texte",
    "Photo and text": "Photo et texte",
    "what knowing nothing, or next to nothing, is worth": (
        "ce que vaut de ne rien savoir, ou presque rien"
    ),
    "scikit-learn's models on pixels, or on edges and colours": (
        "les modèles de scikit-learn, sur les pixels ou sur les contours et couleurs"
    ),
    "trained on these photos alone": "entraînés sur ces seules photos",
    "on a pretrained EfficientNetV2: fine-tuned, or frozen below another model": (
        "sur un EfficientNetV2 préentraîné : ajusté, ou gelé sous un autre modèle"
    ),
    "one answer of several candidates that read photos": (
        "une seule réponse de plusieurs candidats qui lisent des photos"
    ),
    "the words of the products' texts": "les mots des textes des produits",
    "photo and text in one model, or two models' answers made one": (
        "photo et texte dans un modèle, ou les réponses de deux modèles réunies"
    ),
    "classical candidate": "candidat classique",
    "classical candidates": "candidats classiques",
    "candidate with transfer learning": "candidat par transfert",
    "candidates with transfer learning": "candidats par transfert",
    "candidate on random weights": "candidat à poids aléatoires",
    "candidates on random weights": "candidats à poids aléatoires",
    # the answer
    "Does transfer learning with EfficientNetV2 beat the classical baseline?": (
        "L'apprentissage par transfert avec EfficientNetV2 bat-il la référence classique ?"
    ),
    "Which candidate recognises the categories best?": (
        "Quel candidat reconnaît le mieux les catégories ?"
    ),
    "{name}, the only {one},": "{name}, seul {one},",
    "{name}, the best of {number} {several},": "{name}, le meilleur de {number} {several},",
    "{name} is the only competitor: right on {result}.": (
        "{name} est le seul concurrent : juste sur {result}."
    ),
    "{first} is right on {result}; {second} on {short}.": (
        "{first} est juste sur {result} ; {second} sur {short}."
    ),
    "{name} is right on {result}.": "{name} est juste sur {result}.",
    "{right} of {products} ({accuracy}, 95 % interval {low}–{high})": (
        "{right} de {products} ({accuracy}, intervalle à 95 % : {low}–{high})"
    ),
    "{opening} {short}, {compared} {name}; {verdict}.": (
        "{opening} {short}, {compared} {name} ; {verdict}."
    ),
    "They are level; {verdict}.": "Ils sont à égalité ; {verdict}.",
    "That is {gap} more; {verdict}.": "C'est {gap} de plus ; {verdict}.",
    "as many as": "autant que",
    "{gap} more than": "{gap} de plus que",
    "{gap} fewer than": "{gap} de moins que",
    "On photos {name} is ahead of both: right on": (
        "Sur les photos, {name} devance les deux : juste sur"
    ),
    "From the text alone, {name} is right on": "Sur le texte seul, {name} est juste sur",
    "From photo and text together, {name} is right on": (
        "Sur la photo et le texte ensemble, {name} est juste sur"
    ),
    "The best ensemble of photo candidates, {name}, is right on": (
        "Le meilleur ensemble de candidats sur photos, {name}, est juste sur"
    ),
    "The ensemble of photo candidates, {name}, is right on": (
        "L'ensemble de candidats sur photos, {name}, est juste sur"
    ),
    "the control {name} ({accuracy})": "le témoin {name} ({accuracy})",
    "the best control {name} ({accuracy})": "le meilleur témoin {name} ({accuracy})",
    "No candidate beats {control}: nothing was learnt.": (
        "Aucun candidat ne bat {control} : rien n'a été appris."
    ),
    "{name} does not beat {control}.": "{name} ne bat pas {control}.",
    "{name} is ahead of {control}; {verdict}.": "{name} devance {control} ; {verdict}.",
    "Left out: {names}.": "Écartés : {names}.",
    "Left out, and in none of the tables: {names}. Reason: {reason}": (
        "Écartés, et absents des tableaux : {names}. Raison : {reason}"
    ),
    # weights
    "Weights were random: no transfer learning was measured.": (
        "Les poids étaient aléatoires : aucun transfert n'a été mesuré."
    ),
    "Weights of {names} were random: no transfer learning was measured there.": (
        "Les poids de {names} étaient aléatoires : là, aucun transfert n'a été mesuré."
    ),
    "Weights were learnt from images drawn by formulas, not from photos; they are not the official "
    "ImageNet ones.": (
        "Les poids ont été appris d'images dessinées par des formules, non de photos ; ce ne sont "
        "pas ceux, officiels, d'ImageNet."
    ),
    "Weights of {names} were learnt from images drawn by formulas, not from photos; they are not "
    "the official ImageNet ones.": (
        "Les poids de {names} ont été appris d'images dessinées par des formules, non de photos ; "
        "ce ne sont pas ceux, officiels, d'ImageNet."
    ),
    "Weights of {names} are not the official ImageNet ones.": (
        "Les poids de {names} ne sont pas ceux, officiels, d'ImageNet."
    ),
    "The weights of {names} are not the official ImageNet ones.": (
        "Les poids de {names} ne sont pas ceux, officiels, d'ImageNet."
    ),
    "{name} (file {file})": "{name} (fichier {file})",
    "random weights": "poids aléatoires",
    "formula weights": "poids de formules",
    "Warning": "Attention",
    "Caution": "Prudence",
    "{name}: {what}": "{name} : {what}",
    "**No transfer learning was measured.**": (
        "**Aucun apprentissage par transfert n'a été mesuré.**"
    ),
    "**No transfer learning was measured for {names}.**": (
        "**Aucun apprentissage par transfert n'a été mesuré pour {names}.**"
    ),
    "The backbone {names} had random weights, so nothing was pretrained.": (
        "Le réseau de base {names} avait des poids aléatoires : rien n'était préentraîné."
    ),
    "The backbones {names} had random weights, so nothing was pretrained.": (
        "Les réseaux de base {names} avaient des poids aléatoires : rien n'était préentraîné."
    ),
    "**The weights are not the official ImageNet ones.**": (
        "**Les poids ne sont pas ceux, officiels, d'ImageNet.**"
    ),
    "**The weights of {names} are not the official ImageNet ones.**": (
        "**Les poids de {names} ne sont pas ceux, officiels, d'ImageNet.**"
    ),
    "The backbone {names} learnt from images drawn by formulas, not from photos.": (
        "Le réseau de base {names} a appris d'images dessinées par des formules, non de photos."
    ),
    "The backbones {names} learnt from images drawn by formulas, not from photos.": (
        "Les réseaux de base {names} ont appris d'images dessinées par des formules, non de photos."
    ),
    "Of {products} real products a linear model gets {formula} right from their frozen features, "
    "{random} from those of random weights, {food101} from those of weights that learnt from "
    "photos (Food-101).": (
        "De {products} produits réels, un modèle linéaire en reconnaît {formula} d'après leurs "
        "caractéristiques gelées, {random} d'après celles de poids aléatoires, {food101} d'après "
        "celles de poids appris de photos (Food-101)."
    ),
    "{low} to {high}": "{low} à {high}",
    "Until then the formula weights that come with this repository take their place.": (
        "D'ici là, les poids de formules livrés avec ce dépôt prennent leur place."
    ),
    "The ImageNet weights were not in Keras's cache and {host} did not answer. Once it does, run "
    "`dvc repro --force weights`, then `dvc repro`.": (
        "Les poids d'ImageNet n'étaient pas dans le cache de Keras et {host} n'a pas répondu. Dès "
        "qu'il répond, lancez `dvc repro --force weights`, puis `dvc repro`."
    ),
    "The catalogue is **synthetic**: its photos are drawings made by this repository. The scores "
    "show that the pipeline works, not how well it does on real photos.": (
        "Le catalogue est **synthétique** : ses photos sont des dessins faits par ce dépôt. Les "
        "scores montrent que la chaîne fonctionne, non ce qu'elle vaut sur de vraies photos."
    ),
    "The photos are synthetic.": "Les photos sont synthétiques.",
    "the published ImageNet weights": "les poids publiés pour ImageNet",
    "{file}, learnt from images drawn by formulas, not from photos; not the official ImageNet "
    "weights": (
        "{file}, appris d'images dessinées par des formules, non de photos ; pas ceux, officiels, "
        "d'ImageNet"
    ),
    "a file named {file}, not the official ImageNet weights": (
        "un fichier nommé {file}, qui n'est pas celui, officiel, d'ImageNet"
    ),
    "**random**, seed {seed}: nothing was pretrained": (
        "**aléatoires**, graine {seed} : rien n'était préentraîné"
    ),
    # catalogue
    "the embedded synthetic sample, drawn by this repository": (
        "l'échantillon synthétique intégré, dessiné par ce dépôt"
    ),
    "a table and a folder of photos": "un tableau et un dossier de photos",
    "a folder per category": "un dossier par catégorie",
    "an archive": "une archive",
    "missing id": "identifiant absent",
    "duplicate id": "identifiant répété",
    "unreadable tree": "arbre illisible",
    "missing photo": "photo absente",
    "unsafe name": "nom dangereux",
    "unreadable photo": "photo illisible",
    "too large": "trop grande",
    "products on two sides of a split": "produits des deux côtés d'une partition",
    "photos, byte for byte, on two sides": "photos, octet pour octet, des deux côtés",
    "groups of duplicates on two sides": "groupes de doublons des deux côtés",
    "products tested more than once": "produits testés plus d'une fois",
    "test photos other than the original": "photos de test autres que l'originale",
    "candidates or ensembles scored on other products, or in another order": (
        "candidats ou ensembles évalués sur d'autres produits, ou dans un autre ordre"
    ),
    # what candidates are
    "text": "texte",
    "text ({columns})": "texte ({columns})",
    "photo and text": "photo et texte",
    "name": "nom",
    "description": "description",
    "specifications": "caractéristiques",
    "photo, {side} × {side} pixels": "photo, {side} × {side} pixels",
    "photo, embedded by {name}": "photo, plongée par {name}",
    "photo, embedded by {name} ({layers})": "photo, plongée par {name} ({layers})",
    "file facts": "le fichier (largeur, hauteur, octets)",
    "pixels": "les pixels",
    "edges and colours": "les contours et couleurs",
    "shuffled labels": "étiquettes mélangées",
    "the mean colour": "la couleur moyenne",
    "forest": "forêt",
    "logistic regression": "régression logistique",
    "SVC": "SVC",
    "k-NN": "k plus proches voisins",
    "{model} on {what}": "{model} sur {what}",
    "{model} on words": "{model} sur les mots",
    "{model} on {layers} layers of {name}": "{model} sur {layers} couches de {name}",
    "{model} on the embeddings of {name}": "{model} sur les plongements de {name}",
    "control: forest on {what}": "témoin : forêt sur {what}",
    "control: always the most frequent category": "témoin : toujours la catégorie la plus fréquente",
    "forest on pixels": "forêt sur les pixels",
    "forest on pixels and words": "forêt sur les pixels et les mots",
    "softmax on pixels": "softmax sur les pixels",
    "MLP on pixels": "perceptron multicouche sur les pixels",
    "CNN with one convolution": "CNN à une convolution",
    "CNN in blocks": "CNN par blocs",
    "CNN in blocks with BatchNorm": "CNN par blocs avec BatchNorm",
    "EfficientNetV2-{variant}, fine-tuned (last blocks)": (
        "EfficientNetV2-{variant}, ajusté (derniers blocs)"
    ),
    "EfficientNetV2-{variant}, fine-tuned (whole)": "EfficientNetV2-{variant}, ajusté (en entier)",
    "late fusion": "fusion tardive",
    "hard vote": "vote dur",
    "soft vote": "vote doux",
    "{how} of {number}": "{how} de {number}",
    "nodes": "nœuds",
    "C {values}": "C {values}",
    "neighbours {values}": "voisins {values}",
    "hidden layers of {units}": "couches cachées de {units}",
    "on {views}": "sur {views}",
    "original photos": "les photos originales",
    "all views": "toutes les vues",
    "the mean over the views": "la moyenne des vues",
    "head, then from {block} on": "la tête, puis à partir de {block}",
    "every layer": "toutes les couches",
    "BatchNorm frozen": "BatchNorm gelé",
    "at most {epochs} epochs": "au plus {epochs} époques",
    "dropout {shares}": "dropout {shares}",
    "photos of {sizes} pixels": "photos de {sizes} pixels",
    "cosine": "cosinus",
    "exponential": "exponentielle",
    "inverse time": "inverse du temps",
    "cross-entropy": "entropie croisée",
    "{epochs} epochs without a better {monitor}": "{epochs} époques sans meilleure {monitor}",
    "label smoothing": "lissage des étiquettes",
    "MixUp": "MixUp",
    "L1 penalty": "pénalité L1",
    "L2 penalty": "pénalité L2",
    "L1 penalty on activities": "pénalité L1 sur les activités",
    "L2 penalty on activities": "pénalité L2 sur les activités",
    "largest norm": "norme maximale",
    "weight decay": "décroissance des poids",
    "precision": "précision",
    "photos that grow from stage to stage, and dropout, MixUp and augmentation with them": (
        "des photos qui grandissent d'étape en étape, et avec elles dropout, MixUp et augmentation"
    ),
    # costs
    "{who} took {fit} to train and {answer} per product to predict": (
        "{who} : {fit} d'entraînement et {answer} par produit pour prédire"
    ),
    "{who} took {fit} per fold to train and {answer} per product to predict": (
        "{who} : {fit} d'entraînement par pli et {answer} par produit pour prédire"
    ),
    "; {who} {fit}{ratio} and {answer}": " ; {who} : {fit}{ratio} et {answer}",
    "{times} as long": "{times} plus long",
    "{times} faster": "{times} plus rapide",
    "{fit} to train, {answer} per product and {parameters} parameters": (
        "{fit} d'entraînement, {answer} par produit et {parameters} paramètres"
    ),
    "{fit} per fold to train, {answer} per product and {parameters} parameters": (
        "{fit} d'entraînement par pli, {answer} par produit et {parameters} paramètres"
    ),
    # the rule, the size of the test
    "accuracy": "exactitude",
    "the lowest time to answer": "le temps de réponse le plus court",
    "the lowest size": "la taille la plus petite",
    "The highest {metric} wins. Among those that tie with it, which is to say whose difference "
    "lies within ±{margin} with all of its interval, {costs} decides.": (
        "La plus haute {metric} gagne. Entre ceux qui la valent, c'est-à-dire dont la différence "
        "tient dans ±{margin} avec tout son intervalle, {costs} décide."
    ),
    "Of the single candidates on photos, {name} wins by the rule": (
        "Parmi les candidats seuls sur photos, {name} gagne selon la règle"
    ),
    "Of all competitors, {name} wins by the rule": (
        "Parmi tous les concurrents, {name} gagne selon la règle"
    ),
    ": {name} has more right answers, ties with it, and costs more": (
        " : {name} a plus de réponses justes, le vaut, et coûte plus"
    ),
    "; {names} ties with it and costs more": " ; {names} le vaut et coûte plus",
    "; {names} tie with it and cost more": " ; {names} le valent et coûtent plus",
    ". The test leaves undecided whether {names} is as good": (
        ". Le test laisse indécis si {names} le vaut"
    ),
    ". The test leaves undecided whether {names} are as good": (
        ". Le test laisse indécis si {names} le valent"
    ),
    "With {products} and no disagreement on val, nothing can be said of its size.": (
        "Avec {products} et aucun désaccord en validation, on ne peut rien dire de sa taille."
    ),
    "Two candidates typically disagreed in being right on {share} of val": (
        "Typiquement, sur {share} de la validation, de deux candidats un seul avait raison"
    ),
    "{agreed}: of {products} that is too few to show any difference reliably.": (
        "{agreed} : sur {products}, c'est trop peu pour montrer sûrement une différence."
    ),
    "{agreed}. With as much disagreement, {products} show a difference of {share} ({number}) four "
    "times out of five; a smaller one will mostly stay undecided, and so will this one, more "
    "often, among many pairs.": (
        "{agreed}. À désaccord égal, {products} montrent une différence de {share} ({number}) "
        "quatre fois sur cinq ; une plus petite restera le plus souvent indécise, et celle-ci aussi, "
        "plus souvent, parmi beaucoup de paires."
    ),
    "no curve fits": "aucune courbe ne convient",
    "it is better than all of the others": "il est meilleur que tous les autres",
    "it is better than {number} of the others": "il est meilleur que {number} des autres",
    "it ties with {names}": "il vaut {names}",
    "undecided is whether it is better than {names}": (
        "il reste indécis s'il est meilleur que {names}"
    ),
    # conclusion
    "On these photos transfer learning beats the classical baseline.": (
        "Sur ces photos, l'apprentissage par transfert bat la référence classique."
    ),
    "On these photos the classical baseline beats transfer learning.": (
        "Sur ces photos, la référence classique bat l'apprentissage par transfert."
    ),
    "On these photos transfer learning and the classical baseline are practically as good as each "
    "other.": (
        "Sur ces photos, l'apprentissage par transfert et la référence classique se valent en "
        "pratique."
    ),
    "This test cannot tell transfer learning from the classical baseline.": (
        "Ce test ne sépare pas l'apprentissage par transfert de la référence classique."
    ),
    "Transfer learning was not measured: no backbone was pretrained.": (
        "L'apprentissage par transfert n'a pas été mesuré : aucun réseau n'était préentraîné."
    ),
    "Of the {number} single candidates on photos {name} has the most right answers; {stands}.": (
        "Des {number} candidats seuls sur photos, {name} a le plus de réponses justes ; {stands}."
    ),
    "There are only controls.": "Il n'y a que des témoins.",
    "All beat {control}.": "Tous battent {control}.",
    "It beats {control}.": "Il bat {control}.",
    "None is better than {control}: nothing was learnt that this test could see.": (
        "Aucun n'est meilleur que {control} : rien n'a été appris que ce test puisse voir."
    ),
    "Not clearly better than {control}: {names}; all others are.": (
        "Pas nettement meilleurs que {control} : {names} ; tous les autres le sont."
    ),
    # ensembles
    "multiplies the members' probabilities, each raised to its weight over the temperature; both "
    "are fitted on val, fold by fold, to the lowest log loss": (
        "multiplie les probabilités des membres, chacune élevée à son poids divisé par la "
        "température ; les deux sont ajustés en validation, pli par pli, à la plus basse log-perte"
    ),
    "gives each member one vote; the mean probability breaks ties": (
        "donne une voix à chaque membre ; la probabilité moyenne départage"
    ),
    "takes the mean of the members' probabilities": "prend la moyenne des probabilités des membres",
    "By the verdicts none is better than its best member.": (
        "Selon les verdicts, aucun n'est meilleur que son meilleur membre."
    ),
    "By the verdicts {names} is better than the best member, and no other.": (
        "Selon les verdicts, {names} est meilleur que son meilleur membre, et aucun autre."
    ),
    "By the verdicts {names} are better than the best member, and no other.": (
        "Selon les verdicts, {names} sont meilleurs que leur meilleur membre, et aucun autre."
    ),
    "Can several small models together match a big one?": (
        "Plusieurs petits modèles ensemble en valent-ils un grand ?"
    ),
    "Yes, and more.": "Oui, et plus.",
    "Not here.": "Pas ici.",
    "Whether small models match a big one was not asked: every vote has {name}, the biggest "
    "network, among its members.": (
        "Si de petits modèles en valent un grand n'a pas été demandé : chaque vote compte {name}, le "
        "plus grand réseau, parmi ses membres."
    ),
    "{small}, the best vote without {biggest}, is right on {compared} {big}, the biggest network "
    "and the best single candidate on photos{own}; {verdict}.": (
        "{small}, le meilleur vote sans {biggest}, est juste sur {compared} {big}, le plus grand "
        "réseau et le meilleur candidat seul sur photos{own} ; {verdict}."
    ),
    "{small}, the best vote without the biggest network, {biggest}, is right on {compared} {big}, "
    "the best single candidate on photos{own}; {verdict}.": (
        "{small}, le meilleur vote sans le plus grand réseau, {biggest}, est juste sur {compared} "
        "{big}, le meilleur candidat seul sur photos{own} ; {verdict}."
    ),
    "and one of its members": "et l'un de ses membres",
    "Its {number} members cost {price}; {big} costs {other}.": (
        "Ses {number} membres coûtent {price} ; {big} coûte {other}."
    ),
    # what answers stand on
    "its mean colour": "sa couleur moyenne",
    "its text": "son texte",
    "colour": "la couleur",
    "layout": "la disposition",
    "the photo": "la photo",
    "the name": "le nom",
    "the description": "la description",
    "the specifications": "les caractéristiques",
    "right": "juste",
    "wrong": "faux",
    "no competitor that reads photos was asked (`explain` in params.yaml)": (
        "aucun concurrent qui lit des photos n'a été interrogé (`explain` dans params.yaml)"
    ),
    "Test photos with what each part of them was worth to {names}, right and wrong answers.": (
        "Photos de test et ce que valait chacune de leurs parties pour {names}, réponses justes et "
        "fausses."
    ),
    "Above each photo: the answer and its probability. Right of it: red where covering the photo "
    "lowers that probability, blue where it raises it; each photo by a scale of its own.": (
        "Au-dessus de chaque photo : la réponse et sa probabilité. À sa droite : en rouge, là où "
        "couvrir la photo abaisse cette probabilité ; en bleu, là où cela l'élève ; à chaque photo "
        "son échelle."
    ),
    "Maps of what each part of a photo was worth on average, for {names}.": (
        "Cartes de ce que valait en moyenne chaque partie d'une photo, pour {names}."
    ),
    "Mean worth of each part of a photo over at most {products} of a category: red speaks for the "
    "answer, blue against it.": (
        "Valeur moyenne de chaque partie d'une photo sur au plus {products} d'une catégorie : le "
        "rouge parle pour la réponse, le bleu contre."
    ),
    " The other {categories} are not drawn.": " Les {categories} restantes ne sont pas dessinées.",
    # figures
    "train": "entraînement",
    "val": "validation",
    "test": "test",
    "products": "produits",
    "loss": "perte",
    "epoch": "époque",
    "actual category": "catégorie réelle",
    "predicted category, by its number": "catégorie prédite, par son numéro",
    "accuracy on the test products": "exactitude sur les produits de test",
    "accuracy on the test products, with its 95 % interval": (
        "exactitude sur les produits de test, avec son intervalle à 95 %"
    ),
    "F1 on the test products": "F1 sur les produits de test",
    "to train, seconds": "entraîner, secondes",
    "to answer one product, milliseconds": "répondre pour un produit, millisecondes",
    "products learnt from (log scale)": "produits appris (échelle logarithmique)",
    "Bars: products of each of the {number} categories in train, val and test.": (
        "Barres : produits de chacune des {number} catégories en entraînement, validation et test."
    ),
    "Products per category and partition.": "Produits par catégorie et partition.",
    "Products per category and partition of the first fold.": (
        "Produits par catégorie et partition du premier pli."
    ),
    " The {number} smaller categories are not drawn.": (
        " Les {number} catégories plus petites ne sont pas dessinées."
    ),
    "Thumbnails: up to {photos} of each category, one row per category.": (
        "Vignettes : jusqu'à {photos} de chaque catégorie, une ligne par catégorie."
    ),
    "Example photos, spread evenly over the catalogue.": (
        "Photos d'exemple, réparties également dans le catalogue."
    ),
    "Example photos of the {number} largest categories, spread evenly over the catalogue.": (
        "Photos d'exemple des {number} plus grandes catégories, réparties également dans le catalogue."
    ),
    "Accuracy of the best of each kind on the same test products. Bar: 95 % interval": (
        "Exactitude du meilleur de chaque genre sur les mêmes produits de test. Barre : intervalle à "
        "95 %"
    ),
    "Accuracy of every competitor on the same test products. Bar: 95 % interval": (
        "Exactitude de chaque concurrent sur les mêmes produits de test. Barre : intervalle à 95 %"
    ),
    "; dotted line: the best control": " ; pointillé : le meilleur témoin",
    "; hollow: random weights": " ; creux : poids aléatoires",
    "Accuracy and 95 % interval of {number} by kind; first: {name} {accuracy}.": (
        "Exactitude et intervalle à 95 % de {number} par genre ; premier : {name} {accuracy}."
    ),
    "Accuracy of {number} against time. No competitor is as fast and as right as {training} in "
    "training, or {answering} in answering.": (
        "Exactitude de {number} selon le temps. Aucun concurrent n'est aussi rapide et aussi juste "
        "que {training} à l'entraînement, ou {answering} à la réponse."
    ),
    "Accuracy of {number} against time. No photo competitor is as fast and as right as {training} "
    "in training, or {answering} in answering.": (
        "Exactitude de {number} selon le temps. Aucun concurrent sur photos n'est aussi rapide et "
        "aussi juste que {training} à l'entraînement, ou {answering} à la réponse."
    ),
    "Accuracy against time, by a logarithm. On the line: each competitor that no faster one equals, "
    "named where it gains {margin} or more. A difference in height may be chance: see the "
    "verdicts.": (
        "Exactitude selon le temps, en échelle logarithmique. Sur la ligne : chaque concurrent que "
        "nul plus rapide n'égale, nommé s'il gagne {margin} ou plus. Une différence de hauteur peut "
        "être due au hasard : voir les verdicts."
    ),
    "Accuracy against time, by a logarithm. On the line: each photo competitor that no faster one "
    "equals, named where it gains {margin} or more. A difference in height may be chance: see the "
    "verdicts.": (
        "Exactitude selon le temps, en échelle logarithmique. Sur la ligne : chaque concurrent sur "
        "photos que nul plus rapide n'égale, nommé s'il gagne {margin} ou plus. Une différence de "
        "hauteur peut être due au hasard : voir les verdicts."
    ),
    "F1 of {categories} by the best of each kind; lowest on average: {first} {low}, highest: {last} "
    "{high}.": (
        "F1 de {categories} par le meilleur de chaque genre ; en moyenne, la plus basse : {first} "
        "{low}, la plus haute : {last} {high}."
    ),
    "F1 per category of the best of each kind, the hardest category first.": (
        "F1 par catégorie du meilleur de chaque genre, la catégorie la plus difficile d'abord."
    ),
    " The {number} easier categories are not drawn.": (
        " Les {number} catégories plus faciles ne sont pas dessinées."
    ),
    "Training and validation loss by epoch of {names}.": (
        "Perte d'entraînement et de validation par époque de {names}."
    ),
    "Learning curves. A vertical line starts the next phase; a dot marks a phase's lowest "
    "validation loss.": (
        "Courbes d'apprentissage. Un trait vertical ouvre la phase suivante ; un point marque la plus "
        "basse perte de validation d'une phase."
    ),
    " Bold: the first fold; faint: the others.": " En gras : le premier pli ; pâles : les autres.",
    " Not drawn, for room: {names}.": " Non dessinés, faute de place : {names}.",
    "Confusion matrices of {names}: actual category by row, predicted by column.": (
        "Matrices de confusion de {names} : catégorie réelle en ligne, prédite en colonne."
    ),
    "Test products by actual (row) and predicted (column) category; the diagonal is right. Shown: "
    "the best of each kind.": (
        "Produits de test par catégorie réelle (ligne) et prédite (colonne) ; la diagonale est "
        "juste. Montrés : les meilleurs de chaque genre."
    ),
    " The least confused are lumped.": " Les moins confondues sont réunies.",
    "{actual} taken for {predicted}": "{actual} pris pour {predicted}",
    "taken for {predicted}": "pris pour {predicted}",
    "Thumbnails of the products that the most candidates mixed up: {told}.": (
        "Vignettes des produits que le plus de candidats ont confondus : {told}."
    ),
    "The pair of categories most often mixed up, over all test answers of the {candidates} that "
    "learn. Below a photo: how many of them made this mistake; up to {photos} photos, the most "
    "frequent first.": (
        "La paire de catégories la plus souvent confondue, sur toutes les réponses de test des "
        "{candidates} qui apprennent. Sous une photo : combien d'entre eux ont fait cette erreur ; "
        "jusqu'à {photos} photos, la plus fréquente d'abord."
    ),
    "The {number} pairs of categories most often mixed up, over all test answers of the "
    "{candidates} that learn. Below a photo: how many of them made this mistake; up to {photos} "
    "photos, the most frequent first.": (
        "Les {number} paires de catégories les plus souvent confondues, sur toutes les réponses de "
        "test des {candidates} qui apprennent. Sous une photo : combien d'entre eux ont fait cette "
        "erreur ; jusqu'à {photos} photos, la plus fréquente d'abord."
    ),
    "label: {name}": "étiquette : {name}",
    "rather: {name}": "plutôt : {name}",
    " The first {shown} of {all}.": " Les {shown} premiers de {all}.",
    "Thumbnails of {products} with the label and the category that the candidates find likelier.": (
        "Vignettes de {products} avec l'étiquette et la catégorie que les candidats trouvent plus "
        "probable."
    ),
    "Test products whose label all candidates that learn contradict, the most suspect first, with "
    "the category that they find likelier on average. The label may still be right: what all have "
    "learnt alike they also get wrong alike.": (
        "Produits de test dont tous les candidats qui apprennent contredisent l'étiquette, le plus "
        "suspect d'abord, avec la catégorie qu'ils trouvent en moyenne plus probable. L'étiquette "
        "peut être juste quand même : ce que tous ont appris de même, ils s'y trompent de même."
    ),
    "Who beats whom among {competitors}, {summary}.": "Qui bat qui parmi {competitors}, {summary}.",
    "{pairs}: {decided} decided, {ties}, {undecided} undecided; first: {name}": (
        "{pairs} : {decided} décidées, {ties}, {undecided} indécises ; premier : {name}"
    ),
    "; controls last": " ; les témoins en dernier",
    "The verdict about each row's competitor, held against the column's: the foremost {number} by "
    "accuracy{last}. Numbers: difference in accuracy, in points of a hundred, row minus column. "
    "Bold: who wins by the rule.": (
        "Le verdict sur le concurrent de chaque ligne face à celui de la colonne : les {number} "
        "premiers par exactitude{last}. Nombres : différence d'exactitude, en points de pourcentage, "
        "ligne moins colonne. En gras : qui gagne selon la règle."
    ),
    "The verdict about each row's competitor, held against the column's: all {number} by "
    "accuracy{last}. Numbers: difference in accuracy, in points of a hundred, row minus column. "
    "Bold: who wins by the rule.": (
        "Le verdict sur le concurrent de chaque ligne face à celui de la colonne : les {number}, par "
        "exactitude{last}. Nombres : différence d'exactitude, en points de pourcentage, ligne moins "
        "colonne. En gras : qui gagne selon la règle."
    ),
    " Star: random weights.": " Étoile : poids aléatoires.",
    " The other {competitors} are not drawn.": " Les {competitors} restants ne sont pas dessinés.",
    " One other competitor is not drawn.": " Un autre concurrent n'est pas dessiné.",
    "the row's is better": "celui de la ligne est meilleur",
    "the row's is worse": "celui de la ligne est moins bon",
    "= a tie: within {points} points": "= ils se valent : à {points} points près",
    "Accuracy by the number of products learnt from: {told}.": (
        "Exactitude selon le nombre de produits appris : {told}."
    ),
    "{name} {first} with {few}, {last} with {many}": "{name} {first} avec {few}, {last} avec {many}",
    "{gain} expected of more": "{gain} attendu de plus de produits",
    "Accuracy on the same test products when a candidate learns from fewer products. Band: "
    "{confidence} interval.": (
        "Exactitude sur les mêmes produits de test quand un candidat apprend de moins de produits. "
        "Bande : intervalle à {confidence}."
    ),
    " Dotted: where the fitted curve leads with {more} products more, a guess; its bar knows of "
    "chance in the test products, not of a curve that bends otherwise.": (
        " En pointillé : où mène la courbe ajustée avec {more} produits de plus, une conjecture ; sa "
        "barre connaît le hasard des produits de test, non une courbe qui s'infléchirait autrement."
    ),
    # why a figure is not there
    "the photo '{name}' cannot be read: {error}": "la photo « {name} » est illisible : {error}",
    "`report.examples` in params.yaml is 0": "`report.examples` dans params.yaml vaut 0",
    "results.png already shows every competitor": "results.png montre déjà tous les concurrents",
    "no candidate was trained for more than one epoch": (
        "aucun candidat n'a été entraîné plus d'une époque"
    ),
    "one product of a category has no mean (`explain.per_category` in params.yaml)": (
        "un seul produit d'une catégorie n'a pas de moyenne (`explain.per_category` dans "
        "params.yaml)"
    ),
    "params.yaml lists only controls": "params.yaml ne nomme que des témoins",
    "there are only controls": "il n'y a que des témoins",
    "there is only one competitor that learns": "un seul concurrent apprend",
    "there is only one competitor, so nobody to beat": "un seul concurrent, donc personne à battre",
    "no candidate that learns took a category for another": (
        "aucun candidat qui apprend n'a pris une catégorie pour une autre"
    ),
    "no label is contradicted by all candidates": (
        "aucune étiquette n'est contredite par tous les candidats"
    ),
    "no candidate of `refits` in params.yaml has shares": (
        "aucun candidat de `refits` dans params.yaml n'a de parts"
    ),
}


def spaced_french(text: str) -> str:
    """Return French as it is set: no line ends before these signs, or inside these quotes."""
    text = re.sub(r" (?=[:;?%»]|!(?!\[))", "\u00a0", text)  # `![` opens a picture
    return text.replace("« ", "«\u00a0")


FRENCH: Mapping[str, str] = {english: spaced_french(french) for english, french in _FRENCH.items()}
"""English sentence → French sentence."""
