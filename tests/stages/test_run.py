"""How a stage ends when something goes wrong: one message, a code other than 0, no traceback."""

import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from aisle.errors import AisleError
from aisle.stages import run

SLOW = """
import signal
import time
from aisle.parallel import ordered
from aisle.stages import run

signal.signal(signal.SIGINT, signal.default_int_handler)  # a background job would ignore it

def main():
    print("ready", flush=True)
    ordered(time.sleep, [0.02] * 4000, what="waiting")

if __name__ == "__main__":
    run(main)
"""


FORKING = """
import os
import signal
from aisle.parallel import ordered
from aisle.stages import run

def main():
    os.register_at_fork(after_in_parent=lambda: os.kill(os.getpid(), signal.SIGTERM))
    ordered(abs, range(4), what="counting")
    print("the interruption was lost")

if __name__ == "__main__":
    run(main)
"""


def ends(main: Callable[[], None]) -> object:
    with pytest.raises(SystemExit) as caught:
        run(main)
    return caught.value.code


def test_a_users_mistake_is_one_message() -> None:
    def main() -> None:
        raise AisleError("the table is empty.")

    assert ends(main) == "aisle: the table is empty."


def test_a_full_disk_says_so_and_what_to_do() -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("this system has no device that is always full")

    def main() -> None:
        full.write_text("x", encoding="utf-8")

    message = ends(main)
    assert "no space left" in str(message)
    assert "dvc gc --workspace" in str(message)


def test_a_defect_of_ours_keeps_its_traceback() -> None:
    with pytest.raises(ZeroDivisionError):
        run(lambda: print(1 // 0))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interruption_ends_at_once_without_a_traceback(
    tmp_path: Path, number: signal.Signals
) -> None:
    (tmp_path / "slow.py").write_text(SLOW, encoding="utf-8")
    stage = subprocess.Popen(
        [sys.executable, "slow.py"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert stage.stdout is not None
    assert stage.stdout.readline() == "ready\n"
    stage.send_signal(number)
    _, errors = stage.communicate(timeout=30)
    assert stage.returncode == 130
    assert errors == "aisle: interrupted. 'dvc checkout' restores earlier results.\n"


def test_an_interruption_while_workers_start_is_not_lost(tmp_path: Path) -> None:
    (tmp_path / "forking.py").write_text(FORKING, encoding="utf-8")
    stage = subprocess.run(
        [sys.executable, "forking.py"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert stage.returncode == 130
    assert stage.stdout == ""
    assert stage.stderr == "aisle: interrupted. 'dvc checkout' restores earlier results.\n"
