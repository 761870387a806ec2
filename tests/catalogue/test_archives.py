"""The catalogue source `archive`: a zip on disk or at a URL."""

import csv
import functools
import hashlib
import io
import stat
import struct
import threading
import zipfile
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from PIL import Image

from aisle import files
from aisle.catalogue.archives import file_name, gather, unpack
from aisle.errors import AisleError
from aisle.settings import params

COLUMNS = params.Columns(
    id="none",
    category_tree="tree",
    image="image",
    name="none",
    description="none",
    specifications="none",
)
NO_FILE = Path("data/none")


def photo() -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (8, 8), "green").save(buffer, "JPEG")
    return buffer.getvalue()


def table(*names: str) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows([["tree", "image"], *(["Watches", name] for name in names)])
    return text.getvalue().encode()


def as_table(top: str = "") -> dict[str, bytes]:
    return {
        f"{top}table.csv": table("a.jpg", "red/b.jpg"),
        f"{top}Images/a.jpg": photo(),
        f"{top}Images/red/b.jpg": photo(),
    }


def as_folders(top: str = "") -> dict[str, bytes]:
    return {f"{top}Watches/a.jpg": photo(), f"{top}Baby Care/b.jpg": photo()}


def pack(path: Path, members: dict[str, bytes]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def read(path: Path, out: Path, **settings: object) -> list[str]:
    """Gather the archive and return the photos' names in the raw table."""
    given = {"url": "none", "sha256": "none", "layout": "table", "max_gigabytes": 1, "max_files": 9}
    gather(
        path=path,
        table="table.csv",
        images="Images",
        columns=COLUMNS,
        settings=params.Archive.model_validate(given | settings),
        downloads=out.parent / "downloads",
        folder=out,
    )
    raw = files.read_table(out / "products.csv", all_text=True)
    for name in raw["image"]:
        assert (out / "images" / name).read_bytes() == photo()
    return list(raw["image"])


def refusal(path: Path, *, max_files: int = 9, max_gigabytes: float = 1) -> str:
    """Return the error for a zip, after checking that nothing was written."""
    folder = path.parent / "unpacked" / "here"
    with pytest.raises(AisleError) as caught:
        unpack(path, folder=folder, max_files=max_files, max_gigabytes=max_gigabytes)
    assert [entry for entry in path.parent.rglob("*") if entry.is_file()] == [path]
    return str(caught.value)


@pytest.mark.parametrize("top", ["", "catalogue/"])
def test_a_table_is_found_at_the_root_or_in_the_only_top_folder(tmp_path: Path, top: str) -> None:
    path = pack(tmp_path / "a.zip", as_table(top))
    assert read(path, tmp_path / "raw", layout="table") == ["a.jpg", "red/b.jpg"]


@pytest.mark.parametrize("top", ["", "catalogue/"])
def test_folders_are_found_at_the_root_or_in_the_only_top_folder(tmp_path: Path, top: str) -> None:
    path = pack(tmp_path / "a.zip", as_folders(top))
    assert read(path, tmp_path / "raw", layout="folder") == ["Baby Care/b.jpg", "Watches/a.jpg"]


def test_hidden_files_and_those_of_macos_are_ignored(tmp_path: Path) -> None:
    extra = {"__MACOSX/catalogue/._a.jpg": b"x", "catalogue/.DS_Store": b"x", ".hidden/c.jpg": b"x"}
    path = pack(tmp_path / "a.zip", as_folders("catalogue/") | extra)
    assert read(path, tmp_path / "raw", layout="folder") == ["Baby Care/b.jpg", "Watches/a.jpg"]


def test_only_the_catalogue_is_left_behind(tmp_path: Path) -> None:
    path = pack(tmp_path / "a.zip", as_table())
    read(path, tmp_path / "raw")
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["a.zip", "raw"]
    assert sorted(entry.name for entry in (tmp_path / "raw").iterdir()) == [
        "images",
        "products.csv",
    ]


def test_a_missing_entry_is_reported_with_the_archives_name(tmp_path: Path) -> None:
    path = pack(tmp_path / "a.zip", {"catalogue/other.csv": table("a.jpg")})
    with pytest.raises(AisleError, match=r"no table 'table\.csv' in '.*a\.zip/catalogue'"):
        read(path, tmp_path / "raw")
    with pytest.raises(AisleError, match=r"no photo in '.*a\.zip/catalogue'"):
        read(path, tmp_path / "raw", layout="folder")


def test_the_sha256_of_a_zip_on_disk_is_checked_too(tmp_path: Path) -> None:
    path = pack(tmp_path / "a.zip", as_table())
    right = hashlib.sha256(path.read_bytes()).hexdigest()
    assert read(path, tmp_path / "raw", sha256=right.upper())
    with pytest.raises(AisleError, match=f"expected sha256 {'0' * 64}, got {right}"):
        read(path, tmp_path / "again", sha256="0" * 64)
    assert not (tmp_path / "again").exists()


def test_a_path_that_is_not_a_file_is_reported(tmp_path: Path) -> None:
    with pytest.raises(AisleError, match="does not exist"):
        read(tmp_path / "a.zip", tmp_path / "raw")
    with pytest.raises(AisleError, match="is a folder"):
        read(tmp_path, tmp_path / "raw")


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Serve the folder "site" and yield its URL."""
    monkeypatch.setenv("no_proxy", "127.0.0.1")

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *args: object) -> None:
            pass

    (tmp_path / "site").mkdir()
    handler = functools.partial(Quiet, directory=str(tmp_path / "site"))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def test_a_zip_at_a_url_is_downloaded_checked_and_kept(site: str, tmp_path: Path) -> None:
    content = pack(tmp_path / "site" / "my photos.zip", as_table("catalogue/")).read_bytes()
    url, right = f"{site}/my%20photos.zip", hashlib.sha256(content).hexdigest()
    assert read(NO_FILE, tmp_path / "raw", url=url, sha256=right) == ["a.jpg", "red/b.jpg"]
    assert (tmp_path / "downloads" / "my_photos.zip").read_bytes() == content
    with pytest.raises(AisleError, match="expected sha256"):
        read(NO_FILE, tmp_path / "again", url=url, sha256="0" * 64)


def test_a_web_page_in_place_of_the_zip_is_reported(site: str, tmp_path: Path) -> None:
    (tmp_path / "site" / "login.html").write_text("<!DOCTYPE html><p>Please log in")
    with pytest.raises(AisleError, match="not a zip: it begins with b'<!DOCTYP'"):
        read(NO_FILE, tmp_path / "raw", url=f"{site}/login.html")


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://host/a/photos.zip?token=1", "photos.zip"),
        ("https://host/download.php?id=3", "download.zip"),
        ("https://host/%2e%2e%2f%2e%2e%2fevil.zip", "evil.zip"),
        ("https://host/", "host.zip"),
        ("https://host/..", "archive.zip"),
    ],
)
def test_a_download_is_kept_under_a_plain_zip_name(url: str, expected: str) -> None:
    assert file_name(url) == expected


@pytest.mark.parametrize(
    "name",
    [
        "../evil.jpg",
        "a/../../evil.jpg",
        "/evil.jpg",
        "//host/share/evil.jpg",
        "C:/evil.jpg",
        "C:evil.jpg",
        "..\\evil.jpg",
        "a\\evil.jpg",
    ],
)
def test_a_zip_with_a_member_outside_the_folder_is_refused(tmp_path: Path, name: str) -> None:
    path = pack(tmp_path / "a.zip", {**as_table(), name: b"evil"})
    message = refusal(path)
    assert str(path) in message
    assert "would land outside" in message


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFCHR, stat.S_IFIFO])
def test_a_zip_with_a_link_or_a_device_is_refused(tmp_path: Path, kind: int) -> None:
    path = pack(tmp_path / "a.zip", as_table())
    link = zipfile.ZipInfo("Images/link.jpg")
    link.external_attr = (kind | 0o777) << 16
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(link, "/etc/passwd")
    assert "'Images/link.jpg' is a link or a device" in refusal(path)


def central(content: bytearray) -> int:
    """Return the offset of the zip's directory, after its only member."""
    return content.index(b"PK\x01\x02")


def test_a_zip_with_an_encrypted_member_is_refused(tmp_path: Path) -> None:
    path = pack(tmp_path / "a.zip", {"a.jpg": photo()})
    content = bytearray(path.read_bytes())
    for flags in (6, central(content) + 8):
        content[flags] |= 1
    path.write_bytes(content)
    assert "'a.jpg' is encrypted" in refusal(path)


def test_an_unknown_compression_is_reported(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("a.jpg", photo())
    assert "'deflate'" in refusal(path)


def test_a_zip_with_too_many_files_is_refused(tmp_path: Path) -> None:
    path = pack(tmp_path / "a.zip", {f"{index}.jpg": b"" for index in range(4)})
    assert "holds 4 files; catalogue.archive.max_files allows 3" in refusal(path, max_files=3)
    unpack(path, folder=tmp_path / "unpacked", max_files=4, max_gigabytes=1)
    assert len(list((tmp_path / "unpacked").iterdir())) == 4


def test_a_zip_with_too_many_bytes_is_refused(tmp_path: Path) -> None:
    path = pack(tmp_path / "a.zip", {"a.bin": bytes(3_000_000), "b.bin": bytes(3_000_000)})
    assert path.stat().st_size < 10_000
    assert "max_gigabytes allows 0.005" in refusal(path, max_gigabytes=0.005)
    unpack(path, folder=tmp_path / "unpacked", max_files=9, max_gigabytes=0.006)
    assert (tmp_path / "unpacked" / "b.bin").stat().st_size == 3_000_000


def test_a_zip_with_a_wrong_size_writes_no_more_than_stated(tmp_path: Path) -> None:
    path = pack(tmp_path / "a.zip", {"a.bin": bytes(3_000_000)})
    content = bytearray(path.read_bytes())
    for size in (22, central(content) + 24):
        content[size : size + 4] = struct.pack("<I", 1_000)
    path.write_bytes(content)
    with pytest.raises(AisleError, match="damaged"):
        unpack(path, folder=tmp_path / "unpacked", max_files=9, max_gigabytes=0.001)
    assert (tmp_path / "unpacked" / "a.bin").stat().st_size <= 1_000


def test_a_zip_cut_short_is_reported(tmp_path: Path) -> None:
    path = pack(tmp_path / "a.zip", as_table())
    path.write_bytes(path.read_bytes()[:-100])
    assert "cut short or damaged" in refusal(path)


def test_a_damaged_directory_is_reported(tmp_path: Path) -> None:
    path = pack(tmp_path / "a.zip", {"a.jpg": photo()})
    content = bytearray(path.read_bytes())
    name_length = central(content) + 28
    content[name_length : name_length + 6] = struct.pack("<HHH", 0, 0, len("a.jpg"))
    path.write_bytes(content)
    assert "cut short or damaged" in refusal(path)


def test_a_damaged_member_is_reported(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.jpg", b"x" * 100)
    path.write_bytes(path.read_bytes().replace(b"x" * 100, b"x" * 99 + b"y"))
    with pytest.raises(AisleError, match="cut short or damaged"):
        unpack(path, folder=tmp_path / "unpacked", max_files=9, max_gigabytes=1)


def test_an_empty_file_is_reported(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(b"")
    assert "is empty" in refusal(path)


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("second", ["a", "a/b.jpg"])
def test_one_name_for_two_members_is_reported(tmp_path: Path, second: str) -> None:
    path = pack(tmp_path / "a.zip", {"a": b"1"})
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(second, b"2")
    with pytest.raises(AisleError, match=f"'{second}' cannot be written"):
        unpack(path, folder=tmp_path / "unpacked", max_files=9, max_gigabytes=1)
