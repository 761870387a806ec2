"""Texts and prices of the sample: name, description, specifications, category tree, prices.

Most words are shared by all categories, and many products never name what they are. As in real
catalogues, text helps but does not determine the category.
"""

from collections.abc import Mapping

import numpy as np

from synthetic.catalogue.objects import DESIGNS, Design
from synthetic.catalogue.sketch import Look

BRANDS = (
    "Norvik", "Ostrelle", "Maplewick", "Quillon", "Brindlow", "Sorrella", "Talvane", "Ferrow",
    "Hazelune", "Wendmoor", "Pellucci", "Castora",
)  # fmt: skip
SERIES = (
    "Alba", "Birch", "Cove", "Delta", "Ember", "Fjord", "Grove", "Halo", "Iris", "Juno", "Kite",
    "Luna", "Moss", "Nova", "Opal", "Pine", "Quartz", "Rio", "Sol", "Tide",
)  # fmt: skip
ADJECTIVES = (
    "Classic", "Modern", "Compact", "Premium", "Slim", "Large", "Small", "Vintage", "Handmade",
    "Everyday", "Travel", "Studio", "Office", "Kids", "Outdoor", "Designer",
)  # fmt: skip
VAGUE = ("Edition", "Collection Piece", "Gift", "Accessory", "Original", "Model", "Favourite")

SHARED_SENTENCES = (
    "A {colour} piece that suits every home.",
    "The {pattern} finish is easy to clean with a soft cloth.",
    "Light enough to carry, solid enough to last.",
    "It looks as good on a desk as on a shelf.",
    "A thoughtful gift for birthdays and housewarmings.",
    "Small differences in colour are part of the charm.",
    "Packed safely and sent within two working days.",
    "Take it to the office, to the studio or on a journey.",
    "The {colour} tone goes with wood, metal and linen.",
    "Designed in a small workshop and made in limited numbers.",
    "Comfortable to use all day long.",
    "Its round shape feels soft, its base keeps it steady.",
    "Keep it away from direct sun and heat.",
    "Reads well with a cup of coffee and quiet music.",
)

HINTS: Mapping[str, tuple[str, ...]] = {
    "Lamps": (
        "Warm light for reading in the evening.",
        "Takes any bulb up to 40 W; the cable has a switch.",
        "The shade spreads a soft glow over the table.",
    ),
    "Mugs": (
        "Holds a generous coffee and keeps it hot.",
        "The handle stays cool; safe in the dishwasher.",
        "For tea in the morning and soup at noon.",
    ),
    "Bags": (
        "Wide straps, a zip and room for a laptop.",
        "Pockets inside keep keys and phone in place.",
        "The lining resists rain, the strap is easy to adjust.",
    ),
    "Shoes": (
        "A cushioned sole for long walks.",
        "Fits true to size; the heel is reinforced.",
        "The upper breathes, the sole grips on wet ground.",
    ),
    "Clocks": (
        "A silent quartz movement that keeps good time.",
        "The hands are easy to read from across the room.",
        "Runs for a year on one battery.",
    ),
    "Plants": (
        "Water once a week and give it plenty of light.",
        "Comes in its pot with fresh soil.",
        "The leaves clean the air of a bright room.",
    ),
    "Headphones": (
        "Deep bass and clear voices at any volume.",
        "The battery plays music for twenty hours.",
        "Soft cushions keep the noise of the street out.",
    ),
}

SHARED_SPECIFICATIONS: Mapping[str, tuple[str, ...]] = {
    "Material": ("Ceramic", "Metal", "Cotton", "Leather", "Plastic", "Wood", "Glass", "Canvas"),
    "Weight": ("180 g", "250 g", "400 g", "650 g", "900 g", "1.2 kg"),
    "Height": ("8 cm", "12 cm", "18 cm", "25 cm", "40 cm"),
    "Ideal For": ("Men", "Women", "Boys, Girls", "Men, Women"),
    "Number of Contents in Sales Package": ("Pack of 1", "Pack of 2"),
    "Warranty": ("1 year", "2 years", "None"),
}

OWN_SPECIFICATIONS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "Lamps": {"Power": ("5 W", "12 W", "40 W"), "Bulb": ("E14", "E27", "LED")},
    "Mugs": {"Capacity": ("0.2 L", "0.3 L", "0.5 L"), "Microwave Safe": ("Yes", "No")},
    "Bags": {"Capacity": ("8 L", "15 L", "40 L"), "Closure": ("Zip", "Buckle", "Magnet")},
    "Shoes": {"Size": ("37", "39", "42", "44"), "Closure": ("Laces", "Slip On", "Buckle")},
    "Clocks": {"Power": ("Battery", "Mains"), "Display": ("Analog", "Digital")},
    "Plants": {"Size": ("Small", "Medium", "Large"), "Watering": ("Weekly", "Monthly")},
    "Headphones": {"Power": ("Battery", "None"), "Connection": ("Bluetooth", "Cable")},
}

# Probabilities that a text reveals the category, drawn independently.
NAMES_ITSELF = 0.65
HINTS_AT_ITSELF = 0.65
SPECIFIES_ITSELF = 0.65
MENTIONS_ANOTHER = 0.15


def write(
    category: str, design: Design, look: Look, *, model: int, rng: np.random.Generator
) -> dict[str, str]:
    """Return the text and price columns of a row; the number `model` makes the name unique."""
    brand, series = _pick(BRANDS, rng), _pick(SERIES, rng)
    noun = design.name if rng.random() < NAMES_ITSELF else _pick(VAGUE, rng)
    name = f"{brand} {series} {model} {_pick(ADJECTIVES, rng)} {noun}"
    if rng.random() < 0.3:
        name += f" ({look.main})"
    retail = int(rng.integers(3, 60)) * 100 - 1
    priced = rng.random() > 0.02
    return {
        "product_name": name,
        "product_category_tree": _tree(category, design, name),
        "retail_price": f"{retail}.0" if priced else "",
        "discounted_price": f"{round(retail * rng.uniform(0.4, 1))}.0" if priced else "",
        "description": _description(category, look, name=name, rng=rng),
        "brand": brand if rng.random() < 0.7 else "",
        "product_specifications": _specifications(category, look, brand=brand, rng=rng),
    }


def _tree(category: str, design: Design, name: str) -> str:
    tail = name if len(name) <= 47 else f"{name[:47]}..."
    plural = f"{design.name}es" if design.name.endswith("s") else f"{design.name}s"
    return f'["{category} >> {design.group} >> {plural} >> {tail}"]'


def _description(category: str, look: Look, *, name: str, rng: np.random.Generator) -> str:
    if rng.random() < 0.1:
        return f"{name}. New in our shop."
    amount = int(rng.integers(1, 5))
    sentences = [str(s) for s in rng.choice(SHARED_SENTENCES, size=amount, replace=False)]
    if rng.random() < HINTS_AT_ITSELF:
        sentences.append(_pick(HINTS[category], rng))
    if rng.random() < MENTIONS_ANOTHER:
        other = DESIGNS[_pick(tuple(DESIGNS), rng)]
        sentences.append(f"Goes well with our {other[int(rng.integers(len(other)))].name}.")
    words = " ".join(str(sentence) for sentence in rng.permutation(sentences))
    return f"{name}. " + words.format(colour=look.main.lower(), pattern=look.pattern)


def _specifications(category: str, look: Look, *, brand: str, rng: np.random.Generator) -> str:
    if rng.random() < 0.08:
        return '{"product_specification"=>nil}'
    facts = {"Brand": brand, "Color": look.main}
    for key, values in SHARED_SPECIFICATIONS.items():
        if rng.random() < 0.5:
            facts[key] = _pick(values, rng)
    if rng.random() < SPECIFIES_ITSELF:
        for key, values in OWN_SPECIFICATIONS[category].items():
            facts[key] = _pick(values, rng)
    pairs = ", ".join(f'{{"key"=>"{key}", "value"=>"{value}"}}' for key, value in facts.items())
    return f'{{"product_specification"=>[{pairs}]}}'


def _pick(choices: tuple[str, ...], rng: np.random.Generator) -> str:
    return choices[int(rng.integers(len(choices)))]
