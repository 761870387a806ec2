"""How Keras starts: without TensorFlow's own lines, but with the reason where it cannot start."""

import os
import subprocess
import sys
from pathlib import Path

from conftest import ROOT

START = "from aisle.backbones.architecture import start_keras; start_keras(seed=0)"


def start(*, first: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Start Keras in a shell without a log level; modules in `first` are found before others."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("TF_")}
    folders = [str(folder) for folder in (first, ROOT / "src") if folder]
    return subprocess.run(
        [sys.executable, "-c", START],
        env=environment | {"PYTHONPATH": os.pathsep.join(folders)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_keras_starts_without_output() -> None:
    started = start()
    assert (started.returncode, started.stdout, started.stderr) == (0, "", "")


def test_an_import_that_fails_shows_all_that_was_written(tmp_path: Path) -> None:
    broken = "import os\nos.write(2, b'a library is missing')\nraise ImportError('no CPU fits')\n"
    (tmp_path / "tensorflow.py").write_text(broken, encoding="utf-8")
    started = start(first=tmp_path)
    assert started.returncode == 1
    assert "a library is missing" in started.stderr
    assert "ImportError: no CPU fits" in started.stderr
