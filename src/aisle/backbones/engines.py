"""Engines that run a frozen backbone: Keras, or OpenVINO (the optional extra `fast`).

OpenVINO computes the same network, in bfloat16 if the CPU has instructions for it. TensorFlow,
Keras and OpenVINO are imported inside the functions.
"""

import importlib
import sys
import tempfile
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from aisle.backbones import architecture
from aisle.settings.params import Engine

if TYPE_CHECKING:
    import keras

Forward = Callable[[Iterable[np.ndarray]], Iterator[list[np.ndarray]]]
"""Batches of photos [k, side, side, 3] → for each batch, the list of the model's outputs."""


def usable(requested: Engine) -> tuple[Engine, str]:
    """Return the engine requested, or Keras and the reason if OpenVINO cannot be imported."""
    if requested == "openvino":
        try:
            _openvino()
        except ImportError as error:
            return "keras", (
                f"embed.engine is openvino, which cannot be imported ({error}): Keras embeds. "
                "'pip install --editable .[fast]' adds it; then 'dvc repro --force embed@VARIANT'."
            )
    return requested, ""


def describe(engine: Engine) -> str:
    """Return the engine's name and version and, for OpenVINO, its precision."""
    if engine == "openvino":
        return f"openvino {version('openvino')} {_precision(_openvino().Core())}"
    import keras

    name = keras.backend.backend()
    return f"{name} {importlib.import_module(name).__version__}"


def as_function(model: "keras.Model", *, engine: Engine) -> Forward:
    """Return a function that runs the model on batches of any size, maybe several at once."""
    if engine == "openvino":
        return _on_openvino(model)
    run = architecture.as_function(model)
    return lambda batches: map(run, batches)


def compiled(model: "keras.Model") -> Any:
    """Return the model compiled by OpenVINO, with as many streams as it finds best for the CPU."""
    openvino = _openvino()
    core = openvino.Core()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.xml"
        model.export(str(path), format="openvino", verbose=False)
        converted = core.read_model(path)
        # After the model's own outputs come TensorFlow's for gradients, which would all be kept.
        own = converted.get_results()[: len(model.outputs)]
        return core.compile_model(
            openvino.Model(own, converted.get_parameters()),
            "CPU",
            {"PERFORMANCE_HINT": "THROUGHPUT", "INFERENCE_PRECISION_HINT": _precision(core)},
        )


def _on_openvino(model: "keras.Model") -> Forward:
    network = compiled(model)
    # One more than run at a time, so that no stream waits for the next batch.
    most = 1 + network.get_property("OPTIMAL_NUMBER_OF_INFER_REQUESTS")
    idle = [network.create_infer_request() for _ in range(most)]

    def run(batches: Iterable[np.ndarray]) -> Iterator[list[np.ndarray]]:
        running: deque[Any] = deque()

        def oldest() -> list[np.ndarray]:
            request = running.popleft()
            request.wait()
            idle.append(request)
            return [tensor.data.copy() for tensor in request.output_tensors]

        for batch in batches:
            running.append(idle.pop())
            running[-1].start_async([batch.astype(np.float32)])
            if not idle:
                yield oldest()
        while running:
            yield oldest()

    return run


def _openvino() -> Any:
    """Return the module, without its telemetry."""
    sys.modules["openvino_telemetry"] = None  # type: ignore[assignment]
    import openvino

    return openvino


def _precision(core: Any) -> str:
    """Return bf16 if the CPU has instructions for it, else f32."""
    return "bf16" if "BF16" in core.get_property("CPU", "OPTIMIZATION_CAPABILITIES") else "f32"
