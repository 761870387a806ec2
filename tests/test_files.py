import contextlib
import io
import json
import threading
import time
from pathlib import Path

import pytest

from aisle import files
from aisle.errors import AisleError


def test_a_failed_write_leaves_the_earlier_file_and_no_scrap(tmp_path: Path) -> None:
    path = tmp_path / "result.json"
    files.write_json({"kept": 1}, path)
    with pytest.raises(ValueError), files.replacing(path) as temporary:
        temporary.write_text("half", encoding="utf-8")
        raise ValueError
    assert json.loads(path.read_text(encoding="utf-8")) == {"kept": 1}
    assert [entry.name for entry in tmp_path.iterdir()] == ["result.json"]


def test_a_folder_is_replaced_as_a_whole(tmp_path: Path) -> None:
    path = tmp_path / "models"
    for name in ("old", "new"):
        with files.replacing(path) as temporary:
            temporary.mkdir()
            (temporary / name).touch()
    assert [entry.name for entry in path.iterdir()] == ["new"]
    with pytest.raises(KeyboardInterrupt), files.replacing(path) as temporary:
        temporary.mkdir()
        raise KeyboardInterrupt
    assert [entry.name for entry in path.iterdir()] == ["new"]
    assert [entry.name for entry in tmp_path.iterdir()] == ["models"]


def test_a_number_that_is_none_is_never_written(tmp_path: Path) -> None:
    with pytest.raises(ValueError):
        files.write_json({"accuracy": float("nan")}, tmp_path / "metrics.json")
    assert not list(tmp_path.iterdir())


def test_a_missing_input_says_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(AisleError, match="Run 'dvc repro'"):
        files.read_table(tmp_path / "products.csv")


def test_two_processes_take_turns(tmp_path: Path) -> None:
    order = []
    printed = io.StringIO()  # pytest's own capture could lose text while it is being read

    def second() -> None:
        with files.exclusive(tmp_path, what="its turn"):
            order.append("second")

    with contextlib.redirect_stderr(printed), files.exclusive(tmp_path, what="its turn"):
        waiting = threading.Thread(target=second)
        waiting.start()
        while not printed.getvalue().endswith("\n"):
            time.sleep(0.01)
        order.append("first")
    waiting.join()
    assert printed.getvalue() == "aisle: waiting for another process to end its turn.\n"
    assert order == ["first", "second"]
