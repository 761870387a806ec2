"""What a user relies on when a file comes over the network, against a real server."""

import hashlib
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

from aisle.catalogue.fetch import RESUMES, Unreachable, fetch
from aisle.errors import AisleError

SIZE = 300_000
CONTENT = np.random.default_rng(0).bytes(SIZE)
OTHER = np.random.default_rng(1).bytes(SIZE)
SHA256 = hashlib.sha256(CONTENT).hexdigest()
MD5 = hashlib.md5(CONTENT).hexdigest()


class Server(ThreadingHTTPServer):
    """One file on a local port; what it does wrong is set by the test."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.content = CONTENT
        self.version: dict[str, str] = {"ETag": '"first"'}
        self.knows_ranges = True
        self.cuts: list[int] = []
        self.slowly = False
        self.delay = 0.0
        self.status = 200
        self.asked: list[dict[str, str]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/photos.zip"


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        server = self.server
        server.asked.append(dict(self.headers))
        time.sleep(server.delay)
        if server.status != 200:
            self.send_error(server.status)
            return
        version = next(iter(server.version.values()), None)
        if version and version in self.headers.get("If-None-Match", ""):
            self.send_response(304)
            self.end_headers()
            return
        start = 0
        if server.knows_ranges and self.headers["If-Range"] == version is not None:
            start = int(self.headers["Range"].removeprefix("bytes=").removesuffix("-"))
        if start >= len(server.content):
            self.send_response(416)
            self.send_header("Content-Range", f"bytes */{len(server.content)}")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        self.send_response(206 if start else 200)
        if start:
            last = len(server.content) - 1
            self.send_header("Content-Range", f"bytes {start}-{last}/{last + 1}")
        self.send_header("Content-Length", str(len(server.content) - start))
        for name, value in server.version.items():
            self.send_header(name, value)
        self.end_headers()
        body = server.content[start:]
        self._send(body[: server.cuts.pop(0)] if server.cuts else body)

    def _send(self, body: bytes) -> None:
        for begin in range(0, len(body), 50_000):
            self.wfile.write(body[begin : begin + 50_000])
            if self.server.slowly:
                time.sleep(0.1)

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture(autouse=True)
def without_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "127.0.0.1")


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}).start()
        yield server
        server.shutdown()


def get(server: Server, path: Path, **hashes: str) -> None:
    fetch(url=server.url, path=path, timeout=5, **hashes)


def names(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())


def part_of(path: Path) -> Path:
    return path.with_name(path.name + ".part")


def test_a_file_arrives_whole_in_a_new_folder_and_nothing_else_does(
    server: Server, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "new" / "folder" / "photos.zip"
    get(server, path, sha256=SHA256.upper(), md5=MD5)
    assert path.read_bytes() == CONTENT
    assert names(path.parent) == ["photos.zip"]
    assert capsys.readouterr().err == "", "no progress bar without a terminal"


def test_a_connection_that_drops_once_is_resumed_where_it_broke(
    server: Server, tmp_path: Path
) -> None:
    server.cuts = [200_000]
    get(server, tmp_path / "photos.zip", sha256=SHA256)
    assert (tmp_path / "photos.zip").read_bytes() == CONTENT
    first, second = server.asked
    assert "Range" not in first
    start = int(second["Range"].removeprefix("bytes=").removesuffix("-"))
    assert 100_000 < start <= 200_000


def test_a_connection_that_keeps_dropping_is_reported_and_the_next_run_resumes_there(
    server: Server, tmp_path: Path
) -> None:
    path = tmp_path / "photos.zip"
    server.cuts = [70_000] * (RESUMES + 1)
    with pytest.raises(Unreachable, match="run again to resume") as caught:
        get(server, path)
    assert server.url in str(caught.value)
    arrived = part_of(path).stat().st_size
    assert not path.exists()
    assert part_of(path).read_bytes() == CONTENT[:arrived]

    get(server, path)
    assert server.asked[-1]["Range"] == f"bytes={arrived}-"
    assert path.read_bytes() == CONTENT


def test_a_download_stopped_by_ctrl_c_goes_on_in_the_next_run(
    server: Server, tmp_path: Path
) -> None:
    path = tmp_path / "photos.zip"
    server.slowly = True
    # the first line because a shell's background job ignores Ctrl-C
    program = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
    program += "import sys, pathlib, aisle.catalogue.fetch as d; d.fetch(url=sys.argv[1], "
    program += "path=pathlib.Path(sys.argv[2]), timeout=5)"
    process = subprocess.Popen(
        [sys.executable, "-c", program, server.url, str(path)], stderr=subprocess.DEVNULL
    )
    while process.poll() is None and not (part_of(path).exists() and part_of(path).stat().st_size):
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    assert process.wait() != 0
    arrived = part_of(path).stat().st_size
    assert not path.exists()
    assert 0 < arrived < SIZE

    server.slowly = False
    get(server, path, sha256=SHA256)
    assert server.asked[-1]["Range"] == f"bytes={arrived}-"
    assert path.read_bytes() == CONTENT


def interrupted(server: Server, path: Path) -> None:
    server.cuts = [70_000] * (RESUMES + 1)
    with pytest.raises(Unreachable):
        get(server, path)
    assert part_of(path).stat().st_size > 0


def test_a_file_that_changed_during_the_pause_starts_over(server: Server, tmp_path: Path) -> None:
    interrupted(server, tmp_path / "photos.zip")
    server.content, server.version = OTHER, {"ETag": '"second"'}
    get(server, tmp_path / "photos.zip")
    assert (tmp_path / "photos.zip").read_bytes() == OTHER


def test_a_part_of_another_address_is_not_resumed(server: Server, tmp_path: Path) -> None:
    interrupted(server, tmp_path / "photos.zip")
    server.content = OTHER
    fetch(url=server.url + "?other", path=tmp_path / "photos.zip", timeout=5)
    assert (tmp_path / "photos.zip").read_bytes() == OTHER


def test_a_date_serves_where_the_server_has_no_strong_etag(server: Server, tmp_path: Path) -> None:
    server.version = {"Last-Modified": "Mon, 01 Jan 2024 00:00:00 GMT", "ETag": 'W/"weak"'}
    server.cuts = [200_000]
    get(server, tmp_path / "photos.zip", sha256=SHA256)
    assert server.asked[-1]["If-Range"] == "Mon, 01 Jan 2024 00:00:00 GMT"


@pytest.mark.parametrize("lacks", ["ranges", "versions"])
def test_a_server_that_cannot_resume_starts_over(
    server: Server, tmp_path: Path, lacks: str
) -> None:
    if lacks == "ranges":
        server.knows_ranges = False
    else:
        server.version = {}
    server.cuts = [200_000]
    get(server, tmp_path / "photos.zip", sha256=SHA256)
    assert (tmp_path / "photos.zip").read_bytes() == CONTENT


def test_a_download_that_lacked_only_its_last_step_is_finished_without_the_content(
    server: Server, tmp_path: Path
) -> None:
    path = tmp_path / "photos.zip"
    interrupted(server, path)
    part_of(path).write_bytes(CONTENT)
    get(server, path)
    assert path.read_bytes() == CONTENT
    assert server.asked[-1]["Range"] == f"bytes={SIZE}-"


def test_a_part_longer_than_the_file_starts_over(server: Server, tmp_path: Path) -> None:
    path = tmp_path / "photos.zip"
    interrupted(server, path)
    part_of(path).write_bytes(CONTENT + b"more")
    get(server, path)
    assert path.read_bytes() == CONTENT


@pytest.mark.parametrize(
    ("hashes", "got"), [({"sha256": "0" * 64}, SHA256), ({"md5": "0" * 32}, MD5)]
)
def test_a_wrong_hash_is_reported_and_nothing_of_the_file_stays(
    server: Server, tmp_path: Path, hashes: dict[str, str], got: str
) -> None:
    path = tmp_path / "photos.zip"
    path.write_bytes(b"earlier")
    with pytest.raises(AisleError) as caught:
        get(server, path, **hashes)
    assert not isinstance(caught.value, Unreachable)
    for part in (server.url, got, *hashes.values()):
        assert part in str(caught.value)
    assert path.read_bytes() == b"earlier"
    assert names(tmp_path) == ["photos.zip"]


def test_a_file_with_the_expected_hash_is_not_requested_again(
    server: Server, tmp_path: Path
) -> None:
    path = tmp_path / "photos.zip"
    path.write_bytes(CONTENT)
    get(server, path, md5=MD5)
    assert server.asked == []


def test_without_a_hash_a_file_comes_again_only_when_the_server_has_another(
    server: Server, tmp_path: Path
) -> None:
    path = tmp_path / "photos.zip"
    get(server, path)
    get(server, path)
    assert server.asked[-1]["If-None-Match"] == '"first"'
    assert path.read_bytes() == CONTENT

    server.content, server.version = OTHER, {"ETag": '"second"'}
    get(server, path)
    assert path.read_bytes() == OTHER


@pytest.mark.parametrize("status", [403, 404, 503])
def test_a_refusal_is_reported_with_its_status_and_the_earlier_file_stays(
    server: Server, tmp_path: Path, status: int
) -> None:
    path = tmp_path / "photos.zip"
    path.write_bytes(b"earlier")
    server.status = status
    with pytest.raises(Unreachable, match=f"answers {status}") as caught:
        get(server, path)
    assert server.url in str(caught.value)
    assert path.read_bytes() == b"earlier"
    assert names(tmp_path) == ["photos.zip"]


def test_a_port_without_a_server_is_unreachable(tmp_path: Path) -> None:
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))  # bound, but not listening
        url = f"http://127.0.0.1:{reserved.getsockname()[1]}/photos.zip"
        with pytest.raises(Unreachable, match="refused"):
            fetch(url=url, path=tmp_path / "photos.zip", timeout=5)
    assert names(tmp_path) == []


def test_a_host_that_answers_too_late_is_unreachable(server: Server, tmp_path: Path) -> None:
    server.delay = 1.0
    with pytest.raises(Unreachable, match=r"no answer within 0\.2 seconds"):
        fetch(url=server.url, path=tmp_path / "photos.zip", timeout=0.2)
    assert names(tmp_path) == []


@pytest.mark.parametrize(
    "url", ["ftp://host/a.zip", "file:///a.zip", "a.zip", "http://", "http://[:"]
)
def test_only_http_addresses_are_downloaded(tmp_path: Path, url: str) -> None:
    with pytest.raises(AisleError, match="http:// or https://"):
        fetch(url=url, path=tmp_path / "photos.zip", timeout=1)


def test_a_folder_that_cannot_be_made_is_named(server: Server, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(AisleError, match="file") as caught:
        get(server, tmp_path / "file" / "photos.zip")
    assert not isinstance(caught.value, Unreachable)
