"""Stage `resize`: data/raw/images → data/resized/SIZE.npy, uint8 [n, size, size, 3]."""

import argparse

from aisle import files, paths
from aisle.catalogue.squares import write_squares
from aisle.parallel import cores
from aisle.settings import params
from aisle.stages import run


def main() -> None:
    """Write the array of the size given on the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("size", type=int, help="side in pixels")
    side = parser.parse_args().size
    need = paths.needed_size(side)
    needed = not need.exists() or files.read_json(need)["needed"]  # by hand: without `check`
    images = files.read_table(paths.PRODUCTS, text=("image",))["image"].tolist() if needed else []
    if not needed:
        print(f"no competitor reads photos of {side} pixels")
    with files.replacing(paths.resized(side)) as temporary:
        write_squares(
            images,
            folder=paths.RAW_IMAGES,
            side=side,
            fit=params.read("resize", params.Resize).fit,
            target=temporary,
        )


if __name__ == "__main__":
    run(main, workers=cores())
