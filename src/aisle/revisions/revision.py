"""Read files of another git revision from git alone: nothing is checked out, no cache is needed."""

import difflib
import subprocess
from dataclasses import dataclass
from pathlib import Path

from aisle.errors import AisleError

SHORT = 7
"""Digits of a commit's hash shown to people."""

EXPERIMENTS = "refs/exps"
"""Where DVC keeps the commit of an experiment: refs/exps/xx/xxxx…/NAME, by the commit it began."""


@dataclass(frozen=True)
class Revision:
    """One revision of this repository, by the name that was given, and its commit."""

    name: str
    commit: str

    @property
    def title(self) -> str:
        """The name and the short hash; only the hash where the name is one."""
        short = self.commit[:SHORT]
        return short if self.commit.startswith(self.name) else f"{self.name} ({short})"

    def copy(self, path: Path, *, into: Path) -> bool:
        """Copy a file to the same place below `into`; False if the revision does not have it.

        The path is relative to the current folder, in the revision as here.
        """
        found = _git("show", f"{self.commit}:./{path.as_posix()}")
        if found.returncode:
            return False
        (into / path).parent.mkdir(parents=True, exist_ok=True)
        (into / path).write_bytes(found.stdout)
        return True


def find(name: str) -> Revision:
    """Return a branch, tag, commit or DVC experiment; AisleError if there is none, or no git."""
    inside = _git("rev-parse", "--git-dir")
    if inside.returncode:
        raise AisleError(
            f"this is not a git repository, so there is no other revision to read: "
            f"{_one_line(inside.stderr)}. Run in the repository's root."
        )
    commit = _commit(name)
    if commit is None:
        experiments = [ref for ref in _refs(EXPERIMENTS) if ref.rpartition("/")[2] == name]
        # the same name may have been used again on another commit: then HEAD's own experiment
        here = [ref for ref in experiments if ref.split("/")[2:4] == _split(_commit("HEAD"))]
        chosen = here or experiments
        if len(chosen) > 1:
            raise AisleError(
                f"{len(chosen)} experiments are called '{name}'. Give the hash of one: "
                "'dvc exp list --all-commits --sha-only' prints them."
            )
        commit = _commit(chosen[0]) if chosen else None
    if commit is None:
        raise AisleError(_unknown(name))
    return Revision(name, commit)


def _commit(name: str) -> str | None:
    """Return the hash of the commit that git knows by this name."""
    found = _git("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
    return found.stdout.decode().strip() or None


def _split(commit: str | None) -> list[str]:
    """Return a hash as DVC writes it into the name of an experiment's ref."""
    return [commit[:2], commit[2:]] if commit else []


def _refs(*prefixes: str) -> list[str]:
    found = _git("for-each-ref", "--format=%(refname)", *prefixes)
    refs = found.stdout.decode().splitlines()
    # DVC keeps internal refs there too: refs/exps/exec/…, refs/exps/celery/…, refs/exps/stash
    return [ref for ref in refs if not ref.startswith(EXPERIMENTS) or len(ref.split("/")[2]) == 2]


def _unknown(name: str) -> str:
    known = {
        ref.rpartition("/")[2]
        for ref in _refs("refs/heads", "refs/tags", "refs/remotes", EXPERIMENTS)
    }
    near = difflib.get_close_matches(name, sorted(known), n=3, cutoff=0.5)
    nearest = f" Nearest: {', '.join(near)}." if near else ""
    return (
        f"no branch, tag, commit or experiment is called '{name}'.{nearest} 'git branch --all', "
        "'git tag' and 'dvc exp list --all-commits' list them; 'git fetch' brings those of others."
    )


def _git(*arguments: str) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(["git", *arguments], capture_output=True, check=False)
    except FileNotFoundError:
        raise AisleError("git is not installed, so no other revision can be read.") from None


def _one_line(text: bytes) -> str:
    return " ".join(text.decode(errors="replace").split())
