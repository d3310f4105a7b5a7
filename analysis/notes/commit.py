"""Which state of the repository a note is made from: its commit, and what lies in it that is in no commit."""

import subprocess
from dataclasses import dataclass

from analysis import paths

#: What a note is computed from. A published note itself is none of it, so that several can be published in a row.
_COMPUTED_FROM = ("analysis", "data", "requirements.lock")
_SECONDS = 60


@dataclass(frozen=True)
class State:
    """The `commit` by its whole name, "" where the package lies in no repository of its own, and files changed since."""

    commit: str
    changed: tuple[str, ...] = ()


def state() -> State:
    """Return the state that the package, its facts and its lock are in."""
    if paths.IS_INSTALLED or _git("rev-parse", "--show-toplevel") != str(paths.ROOT):
        return State("")
    commit = _git("rev-parse", "HEAD")
    if not commit:
        return State("")
    listed = _git("status", "--porcelain", "--untracked-files=all", "-z", "--", *_COMPUTED_FROM) or ""
    entries = iter(listed.split("\0"))
    changed = []
    for entry in entries:
        if entry:
            changed.append(entry[3:])
            if entry[0] in "RC":  # what it was called before follows
                next(entries)
    return State(commit, tuple(sorted(changed)))


def content(commit: str, name: str) -> bytes | None:
    """Return a file, by its name from the project's folder, as the commit has it; None where that can't be told."""
    done = _run("show", f"{commit}:{name}") if commit else None
    return done.stdout if done and done.returncode == 0 else None


def is_known(commit: str) -> bool:
    """Say whether the repository has the commit."""
    return bool(commit) and _git("cat-file", "-t", commit) == "commit"


def _git(*words: str) -> str | None:
    done = _run(*words)
    return done.stdout.decode(errors="replace").strip("\n") if done and done.returncode == 0 else None


def _run(*words: str) -> subprocess.CompletedProcess[bytes] | None:
    try:
        return subprocess.run(["git", "-C", str(paths.ROOT), *words], capture_output=True, timeout=_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
