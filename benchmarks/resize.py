"""Speed and memory of `resize` on large photos: `python -m benchmarks.resize`.

Draws 24 photos of 1 to 94 megapixels from a seed in a temporary folder: 3 PNG and 21 JPEG, with
enough grain for 0.20 to 0.26 bytes per pixel (the Flipkart sample has 0.25). The stage makes
squares of 224 pixels on all cores; the plain Pillow loop decodes and resizes whole photos on one
core. Prints the ratio of their times, median of 3 alternating runs, for all photos and for subsets;
and the peak memory of all processes of the stage, also for PNG photos of the largest size only.
"""

import multiprocessing
import resource
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from aisle.catalogue.squares import write_squares
from aisle.parallel import cores

SIDE, ROUNDS, SCENE, BAND = 224, 3, 1024, 1024
MEGAPIXELS = np.geomspace(1, 94, 24)
PNG = (3, 11, 19)
"""Indices of the PNG photos: 1.8, 9 and 43 megapixels. Most shops have JPEG, as from cameras."""
FACTOR, GIGABYTES = 4, 1.5


def scene(generator: np.random.Generator) -> Image.Image:
    """Return smooth shapes at every scale, as in photos: SCENE x SCENE pixels."""
    values = np.full((SCENE, SCENE, 3), 128.0, dtype=np.float32)
    for octave in range(2, 9):
        colours = generator.integers(0, 256, (2**octave, 2**octave, 3), dtype=np.uint8)
        layer = Image.fromarray(colours).resize((SCENE, SCENE), Image.Resampling.BICUBIC)
        values += (np.asarray(layer) - 128.0) / 1.5 ** (octave - 1)
    return Image.fromarray(np.clip(values, 0, 255).astype(np.uint8))


def draw(name: str, *, megapixels: float, seed: int, folder: Path) -> None:
    """Save a photo of this size, made band by band to save memory."""
    generator = np.random.default_rng(seed)
    width = round(1000 * (megapixels * generator.uniform(0.6, 1.6)) ** 0.5)
    height = round(1e6 * megapixels / width)
    shapes, photo = scene(generator), Image.new("RGB", (width, height))
    for top in range(0, height, BAND):
        bottom = min(top + BAND, height)
        box = (0, SCENE * top / height, SCENE, SCENE * bottom / height)
        band = np.asarray(shapes.resize((width, bottom - top), Image.Resampling.BICUBIC, box=box))
        grain = generator.integers(-9, 10, band.shape, dtype=np.int8)
        grainy = np.clip(band.astype(np.int16) + grain, 0, 255).astype(np.uint8)
        photo.paste(Image.fromarray(grainy), (0, top))
    photo.save(folder / name, quality=90, compress_level=1)


def plain(images: list[str], *, folder: Path, target: Path) -> None:
    """Write the squares with a plain Pillow loop: one photo at a time, decoded whole."""
    Image.MAX_IMAGE_PIXELS = None
    made = np.empty((len(images), SIDE, SIDE, 3), dtype=np.uint8)
    for row, image in enumerate(images):
        with Image.open(folder / image) as photo:
            upright = ImageOps.exif_transpose(photo.convert("RGB"))
        square = ImageOps.pad(upright, (SIDE, SIDE), Image.Resampling.BICUBIC, color="white")
        made[row] = np.asarray(square)
    np.save(target, made)


def ours(images: list[str], *, folder: Path, target: Path) -> None:
    """Write the squares as the stage does."""
    write_squares(images, folder=folder, side=SIDE, fit="pad", target=target)


def cost(make: Callable[..., None], images: list[str], *, folder: Path) -> tuple[float, float]:
    """Return the seconds of `make` and its peak memory in GB; call it in a fresh process.

    The memory is an upper bound: it assumes that all workers are as large as the largest at once.
    """
    started = time.perf_counter()
    make(images, folder=folder, target=folder / "squares.npy")
    seconds = time.perf_counter() - started
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    largest = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return seconds, (own + cores() * largest) * 1024 / 1e9


def processes(number: int) -> ProcessPoolExecutor:
    """Return a pool of spawned processes; forked ones would count the parent's memory too."""
    return ProcessPoolExecutor(number, mp_context=multiprocessing.get_context("spawn"))


def in_fresh_process(
    make: Callable[..., None], images: list[str], *, folder: Path
) -> tuple[float, float]:
    """Return `cost`, measured in a fresh process."""
    with processes(1) as pool:
        return pool.submit(cost, make, images, folder=folder).result()


def draw_all(folder: Path) -> tuple[list[str], list[str]]:
    """Return the names of the photos, and of one PNG of the largest size per core."""
    sizes = {f"{n}{'.png' if n in PNG else '.jpg'}": size for n, size in enumerate(MEGAPIXELS)}
    largest = {f"largest{n}.png": MEGAPIXELS[-1] for n in range(cores())}
    with processes(cores()) as pool:
        drawn = [
            pool.submit(draw, name, megapixels=size, seed=seed, folder=folder)
            for seed, (name, size) in enumerate({**sizes, **largest}.items())
        ]
    for each in drawn:
        each.result()
    return list(sizes), list(largest)


def measure() -> list[tuple[str, str, str, bool]]:
    """Return the goal's row: what, target, measured, met; print details."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        images, largest = draw_all(folder)
        jpeg = [image for image in images if image.endswith("jpg")]
        groups = {
            "all": images,
            "JPEG": jpeg,
            "the 6 smallest JPEG, 8 times": 8 * jpeg[:6],
            "PNG": [image for image in images if image.endswith("png")],
        }
        ratios, peaks = {}, []
        for name, members in groups.items():
            found = []
            for _ in range(ROUNDS):
                slow, _ = in_fresh_process(plain, members, folder=folder)
                fast, peak = in_fresh_process(ours, members, folder=folder)
                found.append(slow / fast)
                peaks.append(peak)
            ratios[name] = float(np.median(found))
            print(f"{name}: {len(members)} photos, {ratios[name]:.1f} times the plain loop")
        peaks.append(in_fresh_process(ours, largest, folder=folder)[1])
    print(f"peak memory: {max(peaks[:-1]):.2f} GB; {cores()} largest PNG: {peaks[-1]:.2f} GB")
    return [
        (
            "resize of photos of 1 to 94 megapixels",
            f"at least {FACTOR} times the plain Pillow loop, under {GIGABYTES} GB",
            f"{ratios['all']:.1f} times, {max(peaks):.2f} GB",
            ratios["all"] >= FACTOR and max(peaks) < GIGABYTES,
        )
    ]


if __name__ == "__main__":
    for row in measure():
        print(*row, sep=" | ")
