"""Save a backbone's weights compactly, with a card that records how they were made."""

import hashlib
import importlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from aisle import files
from aisle.errors import AisleError

if TYPE_CHECKING:
    import h5py
    import keras


LICENCE = "made by this project from nothing but formulas; under the licence of this repository"


def save(backbone: "keras.Model", path: Path) -> str:
    """Write the weights in Keras's layout; return the file's SHA-256.

    Kernels are stored in float16, vectors in float32, compressed: half the usual size.
    `load_weights` reads the file directly. Raises AisleError if a weight is not finite or too large
    for float16.
    """
    import h5py

    small = np.finfo(np.float16).max
    for variable in backbone.weights:
        values = np.asarray(variable)
        if not (np.isfinite(values).all() and np.abs(values).max(initial=0) < small):
            raise AisleError(
                f"the weights of '{variable.path}' are not finite, or beyond {small:g}; '{path}' "
                "was not written. Train with a lower --learning-rate."
            )
    with files.replacing(path) as temporary:
        full = temporary.with_name(f".part.full.{temporary.name}")  # Keras requires its extension
        try:
            backbone.save_weights(full)
            with h5py.File(full, "r") as source, h5py.File(temporary, "w") as target:
                _copy(source, target)
        finally:
            files.remove(full)
    return hashlib.sha256(path.read_bytes()).hexdigest()


def versions() -> dict[str, str]:
    """Return the versions of Keras, its backend and NumPy."""
    import keras

    backend = keras.backend.backend()
    return {
        "keras": keras.__version__,
        "backend": f"{backend} {importlib.import_module(backend).__version__}",
        "numpy": np.__version__,
    }


def write_card(
    path: Path,
    *,
    settings: dict[str, Any],
    command: str,
    images: int,
    sha256: str,
    history: list[dict[str, Any]],
) -> None:
    """Write the card. It has no date, host or folder, so the same run gives the same card."""
    files.write_json(
        {
            "variant": settings["variant"],
            "trained_on": "images drawn from formulas; no photograph",
            "licence": LICENCE,
            "command": command,
            "settings": settings,
            "images_seen": images,
            "sha256": sha256,
            "versions": versions(),
            "history": history,
        },
        path,
    )


def _copy(source: "h5py.Group", target: "h5py.Group") -> None:
    """Copy groups, attributes and arrays; arrays of two or more dimensions become float16."""
    import h5py

    for name, value in source.attrs.items():
        target.attrs[name] = value
    for name, item in source.items():
        if isinstance(item, h5py.Group):
            _copy(item, target.create_group(name))
            continue
        values = item[()]
        if values.ndim >= 2:
            values = values.astype(np.float16)
        packed = {"compression": "gzip", "compression_opts": 9, "shuffle": True}
        target.create_dataset(name, data=values, **(packed if values.ndim else {}))
