"""What runs a frozen backbone: Keras, or OpenVINO, the optional extra `fast`.

OpenVINO computes the same network, in bfloat16 where the CPU has instructions for it. TensorFlow,
Keras and OpenVINO are imported inside the functions.
"""

import importlib
import sys
import tempfile
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from aisle import backbones
from aisle.params import Engine

if TYPE_CHECKING:
    import keras

Answer = Callable[[np.ndarray], list[np.ndarray]]
"""Photos [k, side, side, 3] → what a model gives for them, the list of its arrays."""


def usable(asked: Engine) -> Engine:
    """Return the engine asked for; Keras, saying so, where OpenVINO cannot be imported."""
    if asked == "openvino":
        try:
            _openvino()
        except ImportError as error:
            print(
                f"embed.engine is openvino, which cannot be imported ({error}): Keras embeds. "
                "'pip install .[fast]' adds it; 'dvc repro --force embed@VARIANT' embeds with it."
            )
            return "keras"
    return asked


def describe(engine: Engine) -> str:
    """Return what computes, its version and, of OpenVINO, the precision."""
    if engine == "openvino":
        return f"openvino {version('openvino')} {_precision(_openvino().Core())}"
    import keras

    name = keras.backend.backend()
    return f"{name} {importlib.import_module(name).__version__}"


def answering(model: "keras.Model", *, engine: Engine) -> Answer:
    """Return what runs the model, for any number of photos."""
    return _on_openvino(model) if engine == "openvino" else backbones.answering(model)


def compiled(model: "keras.Model") -> Any:
    """Return what OpenVINO makes of a model, with as many streams as it finds best for the CPU."""
    openvino = _openvino()
    core = openvino.Core()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.xml"
        model.export(str(path), format="openvino", verbose=False)
        converted = core.read_model(path)
        # Behind the model's own outputs come TensorFlow's for gradients; all of them would be kept.
        own = converted.get_results()[: len(model.outputs)]
        return core.compile_model(
            openvino.Model(own, converted.get_parameters()),
            "CPU",
            {"PERFORMANCE_HINT": "THROUGHPUT", "INFERENCE_PRECISION_HINT": _precision(core)},
        )


def _on_openvino(model: "keras.Model") -> Answer:
    network = compiled(model)
    streams = network.get_property("OPTIMAL_NUMBER_OF_INFER_REQUESTS")
    requests = [network.create_infer_request() for _ in range(streams)]

    def answer(inputs: np.ndarray) -> list[np.ndarray]:
        parts = np.array_split(inputs.astype(np.float32), min(streams, len(inputs)))
        running = list(zip(requests, parts, strict=False))
        for request, part in running:
            request.start_async([part], share_inputs=True)
        for request, _ in running:
            request.wait()
        answers = [[tensor.data for tensor in request.output_tensors] for request, _ in running]
        return [np.concatenate(pieces) for pieces in zip(*answers, strict=True)]

    return answer


def _openvino() -> Any:
    """Return the module, which reports its use to its maker unless that part of it is missing."""
    sys.modules["openvino_telemetry"] = None  # type: ignore[assignment]
    import openvino

    return openvino


def _precision(core: Any) -> str:
    """Return bf16 where the CPU has instructions for it, else f32."""
    return "bf16" if "BF16" in core.get_property("CPU", "OPTIMIZATION_CAPABILITIES") else "f32"
