"""Where a notebook of a public copy of this project can be opened and run in the browser."""

import re
from dataclasses import dataclass
from urllib.parse import quote

_REPOSITORY = re.compile(r"https://github\.com/([\w.-]+)/([\w.-]+?)(?:\.git)?/?")


class LaunchError(ValueError):
    """A repository's address from which nothing can be opened; the message says what is allowed."""


@dataclass(frozen=True)
class Launch:
    """The addresses of one notebook, and what has to be run first where nothing is installed."""

    jupyterlab: str  # on Binder, which installs what .binder/ names
    colab: str
    colab_first: str  # a cell to run before all others


def addresses(repository: str, branch: str, notebook: str) -> Launch:
    """Return where `notebook`, by its name, opens from `repository`, the address of one on GitHub. Raises LaunchError."""
    match = _REPOSITORY.fullmatch(repository)
    if not match:
        raise LaunchError(f"report_repository: {repository!r} is not like 'https://github.com/OWNER/NAME'")
    owner, name = match.groups()
    path, at = f"notebooks/{notebook}.ipynb", quote(branch, safe="")
    return Launch(
        jupyterlab=f"https://mybinder.org/v2/gh/{owner}/{name}/{at}?urlpath={quote(f'lab/tree/{path}', safe='')}",
        colab=f"https://colab.research.google.com/github/{owner}/{name}/blob/{at}/{path}",
        colab_first=f"!git clone -q -b {branch} {repository} report && pip install -q --no-deps -r report/requirements.lock\n"
        "%cd report/notebooks\nimport sys; sys.path.insert(0, '..')",
    )
