"""How a stage ends: with a record of what it took, or with one message and no traceback."""

import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from aisle import files, paths
from aisle.errors import AisleError
from aisle.stages import run

SLOW = """
import signal
import time
from functools import partial
from aisle.parallel import in_new_process, ordered
from aisle.stages import run

signal.signal(signal.SIGINT, signal.default_int_handler)  # a background job would ignore it

def main():
    print("ready", flush=True)
    {work}

if __name__ == "__main__":
    run(main)
"""

MANY = 'ordered(time.sleep, [0.02] * 4000, what="waiting")'
ONE = "in_new_process(partial(time.sleep, 80))"


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

KILLED = """
import os
import signal
from functools import partial
from aisle.parallel import in_new_process, ordered
from aisle.stages import run

def die(_):
    os.kill(os.getpid(), signal.SIGKILL)

def main():
    {work}

if __name__ == "__main__":
    run(main)
"""

LEFT = """
import os
import time
from aisle.parallel import in_new_process

def say():
    print(os.getpid(), flush=True)
    time.sleep(80)

if __name__ == "__main__":
    in_new_process(say)
"""

HUNGRY = """
from aisle.parallel import ordered
from aisle.stages import run

def eat(megabytes):
    held = b"x" * (megabytes * 10**6)

def main():
    eat(150)
    ordered(eat, [60] * 4, what="eating")

if __name__ == "__main__":
    run(main, workers=2)
"""


SAYING = """
import atexit
from aisle.stages import run

atexit.register(print, "taken apart")

if __name__ == "__main__":
    run(lambda: print("done"), recorded=False)
"""


def ends(main: Callable[[], None]) -> object:
    with pytest.raises(SystemExit) as caught:
        run(main)
    return caught.value.code


def test_a_users_mistake_is_one_message_and_nothing_is_recorded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    def main() -> None:
        raise AisleError("the table is empty.")

    assert ends(main) == "aisle: the table is empty."
    assert not list(tmp_path.iterdir())


def test_a_stage_records_its_seconds_and_the_peak_of_its_memory(tmp_path: Path) -> None:
    """What was freed counts, and both workers; the process that starts the stage does not."""
    (tmp_path / "hungry.py").write_text(HUNGRY, encoding="utf-8")
    held = b"x" * 400 * 10**6
    subprocess.run([sys.executable, "hungry.py", "b0"], cwd=tmp_path, check=True)
    record = files.read_json(tmp_path / paths.timings("hungry@b0"))
    assert 0 < record["seconds"] < 60
    assert 150 + 2 * 60 < record["peak_megabytes"] < len(held) / 10**6


def test_a_stage_that_is_done_ends_at_once_and_loses_no_output(tmp_path: Path) -> None:
    (tmp_path / "saying.py").write_text(SAYING, encoding="utf-8")
    stage = subprocess.run(
        [sys.executable, "saying.py"], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert (stage.stdout, stage.stderr) == ("done\n", "")


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


@pytest.mark.parametrize("work", [MANY, ONE])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interruption_ends_at_once_without_a_traceback(
    tmp_path: Path, number: signal.Signals, work: str
) -> None:
    (tmp_path / "slow.py").write_text(SLOW.format(work=work), encoding="utf-8")
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


@pytest.mark.parametrize(
    "work", ["ordered(die, [1, 2], what='dying')", "in_new_process(partial(die, 1))"]
)
def test_a_worker_that_the_system_ends_is_one_message(tmp_path: Path, work: str) -> None:
    (tmp_path / "killed.py").write_text(KILLED.format(work=work), encoding="utf-8")
    stage = subprocess.run(
        [sys.executable, "killed.py"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert stage.returncode == 1
    assert "killed from outside; too little memory is the usual reason" in stage.stderr
    assert "Traceback" not in stage.stderr


def test_a_worker_ends_with_a_parent_that_is_killed(tmp_path: Path) -> None:
    (tmp_path / "left.py").write_text(LEFT, encoding="utf-8")
    parent = subprocess.Popen(
        [sys.executable, "left.py"], cwd=tmp_path, stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    assert int(parent.stdout.readline()) != parent.pid
    parent.kill()
    assert parent.stdout.read() == ""  # ends when the worker, which holds the pipe too, has ended
