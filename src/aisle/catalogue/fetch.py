"""Download one file over http(s): resume after an interruption, check the hash, then rename.

`NAME.part` beside the file holds the bytes so far, `NAME.part.json` the version they belong to.
"""

import hashlib
import os
import queue
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from urllib.parse import urlsplit

import requests
from tqdm import tqdm

from aisle import files
from aisle.errors import AisleError

CHUNK = 1 << 16
"""Bytes written at once: the most that is lost when a connection breaks."""
STALL = 60.0
"""Seconds without a byte after which a running download counts as broken."""
RESUMES = 3
"""Times a broken download is resumed automatically."""


class Unreachable(AisleError):
    """The address cannot be reached, or its answer is not the file."""


class _Broken(Unreachable):
    """The connection broke while the file was arriving."""


def fetch(
    *, url: str, path: Path, sha256: str | None = None, md5: str | None = None, timeout: float
) -> None:
    """Download the file at `url` to `path`; resume an interrupted download.

    `timeout` is how many seconds the server has to begin its answer. A `path` that already has the
    expected hash is kept without a request; without a hash, the server is asked whether its file
    has changed. One process at a time per path.

    Raises Unreachable for network and HTTP failures (the part so far is kept), AisleError for a
    wrong hash (the part is deleted) or an address that is not http(s).
    """
    if not _is_http(url):
        raise AisleError(f"'{url}' cannot be downloaded: expected an http:// or https:// address.")
    hashes = {name: text for name, text in (("sha256", sha256), ("md5", md5)) if text}
    if hashes and path.is_file() and not _mismatches(path, hashes=hashes):
        return
    _make_folder(path.parent)
    part = _Part(url=url, path=path)
    if not _complete(part, timeout=timeout, may_keep=not hashes):
        return
    try:
        check_hash(path=part.file, sha256=sha256, md5=md5, origin=url)
    except AisleError:
        part.discard()
        raise
    part.finish(remember=not hashes)


def _is_http(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        reason = "" if os.access(folder, os.W_OK) else "no permission"
    except OSError as error:
        reason = str(error.strerror)
    if reason:
        raise AisleError(
            f"nothing can be downloaded into '{folder}' ({reason}). Make it a writable folder."
        )


def check_hash(
    *, path: Path, sha256: str | None = None, md5: str | None = None, origin: str
) -> None:
    """Raise AisleError unless the file downloaded from `origin` has the expected hash."""
    hashes = {name: text for name, text in (("sha256", sha256), ("md5", md5)) if text}
    for name, (expected, got) in _mismatches(path, hashes=hashes).items():
        raise AisleError(
            f"'{origin}' is not the expected file: expected {name} {expected}, got {got}. "
            f"Try again; if that fails too, the file has changed: correct its address or {name}."
        )


def _mismatches(path: Path, *, hashes: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """Return algorithm → (expected, got) for each hash that does not match."""
    found = {}
    for name, expected in hashes.items():
        with path.open("rb") as file:
            got = hashlib.file_digest(file, name).hexdigest()
        if got != expected.lower():
            found[name] = (expected.lower(), got)
    return found


@dataclass(frozen=True)
class _Part:
    """The part of `url` downloaded so far, and where it will go: `path`."""

    url: str
    path: Path

    @property
    def file(self) -> Path:
        return self.path.with_name(self.path.name + ".part")

    @property
    def _version(self) -> Path:
        return self.path.with_name(self.path.name + ".part.json")

    @property
    def _finished_version(self) -> Path:
        return self.path.with_name(self.path.name + ".source.json")

    def size(self) -> int:
        return self.file.stat().st_size if self.file.is_file() else 0

    def version(self) -> str:
        """Return the ETag or date of the version being downloaded; "" if unknown."""
        return self._read(self._version) if self.size() else ""

    def finished_version(self) -> str:
        """Return the ETag or date of the file already at `path`; "" if unknown."""
        return self._read(self._finished_version) if self.path.is_file() else ""

    def begin(self, version: str) -> None:
        self.discard()  # first: old bytes must never be taken for the new version
        files.write_json({"url": self.url, "version": version}, self._version)

    def discard(self) -> None:
        self.file.unlink(missing_ok=True)
        self._version.unlink(missing_ok=True)

    def finish(self, *, remember: bool) -> None:
        self.file.replace(self.path)
        if remember:
            self._version.replace(self._finished_version)
        else:
            self._version.unlink(missing_ok=True)
            self._finished_version.unlink(missing_ok=True)

    def _read(self, path: Path) -> str:
        noted = files.read_json(path) if path.is_file() else {}
        return str(noted["version"]) if noted.get("url") == self.url else ""


def _complete(part: _Part, *, timeout: float, may_keep: bool) -> bool:
    """Download until the part is whole; False if the file at `path` is already the server's."""
    for resumes_left in range(RESUMES, -1, -1):
        size = part.size()
        try:
            return _stream(part, timeout=timeout, may_keep=may_keep)
        except _Broken:
            if not resumes_left or part.size() <= size:
                raise
    raise AssertionError("unreachable: the last round returns or raises")


def _stream(part: _Part, *, timeout: float, may_keep: bool) -> bool:
    """Request once; append or start over, as the server allows; False if nothing has changed."""
    size, headers = part.size(), {"Accept-Encoding": "identity"}
    if part.version():
        headers |= {"Range": f"bytes={size}-", "If-Range": part.version()}
    elif may_keep and part.finished_version():
        version = part.finished_version()
        headers["If-None-Match" if version.startswith('"') else "If-Modified-Since"] = version
    with _answer(part.url, headers=headers, timeout=timeout) as response:
        if response.status_code == requests.codes.not_modified:
            return False
        span = response.headers.get("Content-Range", "")
        if response.status_code == requests.codes.requested_range_not_satisfiable and size:
            if span == f"bytes */{size}":  # everything had arrived before the interruption
                return True
            part.discard()
            return _stream(part, timeout=timeout, may_keep=may_keep)
        resumed = response.status_code == requests.codes.partial and span.startswith(
            f"bytes {size}-"
        )
        if not resumed and response.status_code != requests.codes.ok:
            raise Unreachable(_refusal(part.url, response))
        if not resumed:
            part.begin(_version(response))
        _save(response, part=part)
    return True


def _save(response: requests.Response, *, part: _Part) -> None:
    """Append the body to the part, with a progress bar in a terminal."""
    length, size = response.headers.get("Content-Length", ""), part.size()
    try:
        with (
            part.file.open("ab") as file,
            tqdm(
                desc=part.path.name,
                initial=size,
                total=size + int(length) if length.isdigit() else None,
                unit="B",
                unit_scale=True,
                disable=None,
            ) as bar,
        ):
            for chunk in response.iter_content(CHUNK):
                file.write(chunk)
                bar.update(len(chunk))
    except requests.RequestException as error:
        raise _Broken(
            f"the download of '{part.url}' stopped after {part.size()} bytes ({_reason(error)}). "
            "They are kept: run again to resume."
        ) from None


def _answer(url: str, *, headers: Mapping[str, str], timeout: float) -> requests.Response:
    """Return a response that began within `timeout` seconds, or raise Unreachable.

    In a thread, because a socket's timeout starts again for every address of a host and does not
    cover the name server: behind a firewall they add up to minutes.
    """
    answers: queue.SimpleQueue[requests.Response | Exception] = queue.SimpleQueue()

    def ask() -> None:
        try:
            answers.put(requests.get(url, headers=headers, stream=True, timeout=(timeout, STALL)))
        except Exception as error:  # any error belongs to the caller's thread
            answers.put(error)

    Thread(target=ask, daemon=True).start()
    try:
        answer = answers.get(timeout=timeout)
    except queue.Empty:
        answer = requests.Timeout(f"no answer within {timeout:g} seconds")
    if isinstance(answer, requests.RequestException):
        raise Unreachable(
            f"'{url}' cannot be reached ({_reason(answer)}). Check the address and the network."
        )
    if isinstance(answer, Exception):
        raise answer
    return answer


def _version(response: requests.Response) -> str:
    """Return the value for If-Range that names this version: a strong ETag, else the date."""
    etag = response.headers.get("ETag", "")
    return etag if etag.startswith('"') else response.headers.get("Last-Modified", "")


def _refusal(url: str, response: requests.Response) -> str:
    advice = {
        requests.codes.unauthorized: "It needs a login: download it by hand.",
        requests.codes.forbidden: "It needs a permission: download it by hand.",
        requests.codes.not_found: "Check the address.",
        requests.codes.gone: "Check the address.",
    }.get(response.status_code, "Try again later.")
    return f"'{url}' answers {response.status_code} {response.reason}, not the file. {advice}"


def _reason(error: BaseException) -> str:
    """Return the innermost cause, such as "[Errno 111] Connection refused", in one line."""
    while cause := error.__cause__ or error.__context__:
        error = cause
    return " ".join(str(error).split()) or type(error).__name__
