"""Files of another git revision: from git, or from DVC's cache where DVC keeps them."""

import difflib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from aisle.errors import AisleError

SHORT = 7
"""Digits of a commit's hash that people read."""


class NotCached(Exception):
    """The revision's dvc.lock knows the file, and neither cache nor remote has its content."""


class Revision:
    """One revision of this repository; nothing is checked out."""

    def __init__(self, name: str, *, commit: str, repo: Any) -> None:
        self.name, self.commit, self._repo = name, commit, repo

    def tracked(self, path: Path, *, into: Path) -> None:
        """Copy a file that git keeps to the same place below `into`; FileNotFoundError if none."""
        files, target = self._repo.fs, into / path
        target.parent.mkdir(parents=True, exist_ok=True)
        with files.open(files.join(self._repo.root_dir, path.as_posix()), "rb") as source:
            target.write_bytes(source.read())

    def output(self, path: Path, *, into: Path) -> None:
        """Copy a file that DVC keeps to the same place below `into`.

        FileNotFoundError where the revision's dvc.lock does not have it, NotCached where it does.
        """
        files, target = self._repo.dvcfs, into / path
        if not files.info(path.as_posix()).get("dvc_info", {}).get("md5"):
            raise FileNotFoundError(path)  # in dvc.yaml alone
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            files.get_file(path.as_posix(), str(target))
        except OSError:
            raise NotCached(path) from None


@contextmanager
def opened(name: str) -> Iterator[Revision]:
    """Yield a branch, tag, commit or DVC experiment by its name; AisleError for one there is not.

    What DVC has to say against reading it (a broken dvc.yaml, say) becomes an AisleError too.
    """
    from dvc.exceptions import DvcException
    from dvc.repo import Repo
    from dvc.scm import NoSCMError, RevError, resolve_rev

    try:
        with Repo() as here:
            try:
                commit = resolve_rev(here.scm, name)
            except RevError:
                raise AisleError(_unknown(name, scm=here.scm)) from None
        with Repo(rev=commit) as repo:
            yield Revision(name, commit=commit[:SHORT], repo=repo)
    except NoSCMError:
        raise AisleError(
            "this is not a git repository, so there is no other revision to read. 'git init', "
            "commit, and let DVC know: 'dvc config core.no_scm false'."
        ) from None
    except DvcException as error:
        detail = " ".join(str(error).split())
        raise AisleError(f"DVC cannot read '{name}': {detail}") from None


def _unknown(name: str, *, scm: Any) -> str:
    from dvc.repo.experiments.utils import exp_refs

    names = [*scm.list_branches(), *scm.list_tags(), *(found.name for found in exp_refs(scm))]
    near = difflib.get_close_matches(name, [str(known) for known in names], n=3, cutoff=0.5)
    nearest = f" Nearest: {', '.join(near)}." if near else ""
    return (
        f"no branch, tag, commit or experiment is called '{name}'.{nearest} 'git branch --all', "
        "'git tag' and 'dvc exp list --all-commits' list them; 'git fetch' brings those of others."
    )
