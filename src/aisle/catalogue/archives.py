"""Catalogue source `archive`: fetch a zip, unpack it safely, write the raw layout from it."""

import errno
import re
import shutil
import stat
import struct
import tempfile
import zipfile
import zlib
from pathlib import Path, PurePosixPath, PureWindowsPath
from urllib.parse import unquote

from aisle import paths
from aisle.catalogue import folders, tables
from aisle.catalogue.fetch import check_hash, fetch
from aisle.errors import AisleError
from aisle.settings import params

TIMEOUT = 30.0
"""Seconds to wait for a server's response; some build the zip on request."""
GIGABYTE = 10**9
ENCRYPTED = 0x1
COMPRESSIONS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
ORDINARY = (0, stat.S_IFREG, stat.S_IFDIR)
"""Allowed file types of members (0: packed on a system that records no type)."""
DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    NotImplementedError,
    ValueError,
    IndexError,
)
"""What zipfile raises for a damaged zip, found by experiment."""


def gather(
    *,
    path: Path,
    table: str,
    images: str,
    columns: params.Columns,
    settings: params.Archive,
    downloads: Path,
    folder: Path,
) -> str:
    """Write the raw layout to `folder` from the zip at `path` or at the settings' URL.

    Returns a one-line summary. A download is kept in `downloads`. Raises AisleError for a zip that
    cannot be fetched, does not match its sha256, is unsafe, or does not have the stated layout.
    """
    archive = obtain(path=path, settings=settings, downloads=downloads)
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f"{folder.name}-unpacked-") as name:
        unpacked = Path(name)
        unpack(
            archive,
            folder=unpacked,
            max_files=settings.max_files,
            max_gigabytes=settings.max_gigabytes,
        )
        is_root = settings.layout == "table" and (unpacked / table).is_file()
        root = unpacked if is_root else only_folder(unpacked)
        origin = (archive / root.relative_to(unpacked)).as_posix()
        if settings.layout == "folder":
            return folders.gather(path=root, columns=columns, folder=folder, origin=origin)
        return tables.gather(
            path=root, table=table, images=images, columns=columns, folder=folder, origin=origin
        )


def obtain(*, path: Path, settings: params.Archive, downloads: Path) -> Path:
    """Return the path of the zip; download it if needed, check its sha256 if one is given."""
    sha256 = None if settings.sha256 == paths.NONE else settings.sha256
    if settings.url != paths.NONE:
        archive = downloads / file_name(settings.url)
        fetch(url=settings.url, path=archive, sha256=sha256, timeout=TIMEOUT)
        return archive
    if not path.is_file():
        found = "is a folder" if path.exists() else "does not exist"
        raise AisleError(f"'{path}' {found}; catalogue.path should be the zip.")
    check_hash(path=path, sha256=sha256, origin=str(path))
    return path


def file_name(url: str) -> str:
    """Return the file name under which the zip at `url` is kept."""
    stem = PurePosixPath(unquote(re.split("[?#]", url)[0])).stem
    return (re.sub(r"[^\w-]+", "_", stem).strip("_")[:100] or "archive") + ".zip"


def only_folder(folder: Path) -> Path:
    """Return the only folder directly in `folder`, or `folder` if there is not exactly one."""
    inside = [entry for entry in folder.iterdir() if entry.is_dir()]
    return inside[0] if len(inside) == 1 else folder


def unpack(archive: Path, *, folder: Path, max_files: int, max_gigabytes: float) -> None:
    """Unpack the zip into `folder`, without hidden files and macOS's `__MACOSX`.

    Raises AisleError, before anything is written, for a member that is encrypted, is not an
    ordinary file, or would land outside `folder`, and for a zip over the limits. Also raises it
    for a damaged zip.
    """
    try:
        with zipfile.ZipFile(archive) as opened:
            members = [member for member in opened.infolist() if not member.is_dir()]
            _check_limits(members, max_files=max_files, max_gigabytes=max_gigabytes)
            for member in opened.infolist():
                _check_member(member)
            for member in members:
                if not _is_hidden(member):
                    _write(opened, member=member, folder=folder)
    except AisleError as error:
        raise AisleError(f"the archive '{archive}' is refused: {error}") from None
    except DAMAGE as error:
        raise AisleError(_explain(archive, error)) from None


def _check_limits(members: list[zipfile.ZipInfo], *, max_files: int, max_gigabytes: float) -> None:
    if len(members) > max_files:
        raise AisleError(
            f"it holds {len(members)} files; catalogue.archive.max_files allows {max_files}. "
            "Raise the limit if you trust the archive."
        )
    gigabytes = sum(member.file_size for member in members) / GIGABYTE
    if gigabytes > max_gigabytes:
        raise AisleError(
            f"unpacked it takes {gigabytes:.3g} gigabytes; catalogue.archive.max_gigabytes allows "
            f"{max_gigabytes:g}. Raise the limit if you trust the archive."
        )


def _check_member(member: zipfile.ZipInfo) -> None:
    name = member.filename
    windows = PureWindowsPath(name)
    if "\\" in name or windows.drive or windows.root or ".." in windows.parts:
        raise AisleError(
            f"'{name}' would land outside the folder it is unpacked to. Pack it again with plain "
            "relative names and forward slashes."
        )
    if stat.S_IFMT(member.external_attr >> 16) not in ORDINARY:
        raise AisleError(
            f"'{name}' is a link or a device. Pack it again with the files themselves."
        )
    if member.flag_bits & ENCRYPTED:
        raise AisleError(f"'{name}' is encrypted. Pack it again without a password.")
    if member.compress_type not in COMPRESSIONS:
        raise AisleError(f"'{name}' is not packed by 'deflate'. Pack the zip again with it.")


def _is_hidden(member: zipfile.ZipInfo) -> bool:
    parts = PurePosixPath(member.filename).parts
    return "__MACOSX" in parts or any(part.startswith(".") for part in parts)


def _write(opened: zipfile.ZipFile, *, member: zipfile.ZipInfo, folder: Path) -> None:
    """Write one member; zipfile stops at the size in the header, so the size limit holds."""
    path = folder / member.filename
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with opened.open(member) as packed, path.open("xb") as file:
            shutil.copyfileobj(packed, file)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise AisleError(
            f"'{member.filename}' cannot be written ({error.strerror}). Give each member a plain, "
            "unique name and pack the zip again."
        ) from None


def _explain(archive: Path, error: Exception) -> str:
    with archive.open("rb") as file:
        start = file.read(8)
    if not start:
        return f"the archive '{archive}' is empty (0 bytes). Delete it and get it again."
    if not start.startswith(b"PK"):
        return (
            f"'{archive}' is not a zip: it begins with {start!r}. Check catalogue.archive.url or "
            "catalogue.path, and delete the file if it was downloaded."
        )
    detail = " ".join(str(error).split())
    return (
        f"the archive '{archive}' is cut short or damaged ({detail}). Delete it and get it again."
    )
