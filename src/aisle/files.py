"""Read and write tables, JSON and folders; a file appears whole or not at all."""

import fcntl
import hashlib
import json
import os
import shutil
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aisle.errors import AisleError

if TYPE_CHECKING:
    import pandas as pd


def remove(path: Path) -> None:
    """Delete a file or a folder, if it exists."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield a temporary name beside `path`, which replaces `path` at the end if nothing failed.

    Write a file or a folder under the temporary name. After an error `path` is untouched and the
    temporary one is removed.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".part{os.getpid()}.{path.name}")
    remove(temporary)
    try:
        yield temporary
        if path.is_dir():  # a folder cannot be renamed over a full one
            aside = path.with_name(f".old{os.getpid()}.{path.name}")
            path.rename(aside)
            temporary.rename(path)
            remove(aside)
        else:
            temporary.replace(path)
    except BaseException:
        remove(temporary)
        raise


@contextmanager
def exclusive(folder: Path, *, what: str) -> Iterator[None]:
    """Lock a folder against other processes; wait, with a message, while another one holds it.

    `what` names the work in that message. The lock is the kernel's, so it ends with the process.
    """
    folder.mkdir(parents=True, exist_ok=True)
    handle = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print(f"aisle: waiting for another process to end {what}.", file=sys.stderr, flush=True)
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def write_text(text: str, path: Path) -> None:
    """Write UTF-8 text with Unix line endings."""
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")


def write_json(content: Mapping[str, Any], path: Path) -> None:
    """Write JSON in the given key order, indented, with one trailing newline."""
    write_text(json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n", path)


def read_json(path: Path) -> dict[str, Any]:
    """Return the JSON object in `path`."""
    content: dict[str, Any] = json.loads(_existing(path).read_text(encoding="utf-8"))
    return content


def write_table(table: "pd.DataFrame", path: Path) -> None:
    """Write a CSV: UTF-8, comma, no index."""
    with replacing(path) as temporary:
        table.to_csv(temporary, index=False, lineterminator="\n")


def read_table(path: Path, *, text: tuple[str, ...] = (), all_text: bool = False) -> "pd.DataFrame":
    """Return the CSV in `path`; the columns named in `text` (or all) stay strings, never NaN."""
    import pandas as pd

    dtype = str if all_text else dict.fromkeys(text, str)
    table = pd.read_csv(_existing(path), dtype=dtype, keep_default_na=False)
    return table


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file's content, in hexadecimal."""
    with path.open("rb") as file:  # in pieces: it may not fit in memory
        return hashlib.file_digest(file, "sha256").hexdigest()


def origin(*, read: Iterable[Path], said: Iterable[str]) -> str:
    """Return one hash of everything that a result is made from.

    `read` are files: data, weights, code. `said` are settings and versions.
    """
    parts = [sha256(path) for path in read]
    return hashlib.sha256("\n".join([*parts, *said]).encode()).hexdigest()


def _existing(path: Path) -> Path:
    if not path.exists():
        raise AisleError(f"'{path}' is missing: an earlier stage makes it. Run 'dvc repro'.")
    return path
