"""Jupyter Book's build with another builder or in another language than `jupyter-book build` makes it."""

from pathlib import Path

from jupyter_book.sphinx import build_sphinx

from analysis import paths

#: What Jupyter Book asks of its command line in any case.
_ASKED = {"latex_individualpages": False}


def build(builder: str, out: Path, doctrees: Path, **config: object) -> None:
    """Write what Sphinx's `builder` makes of the book to `out`, with values of its configuration in place of _config.yml's.

    `doctrees` is where it keeps what it read.

    Raises RuntimeError for any warning or error, which is printed before.
    """
    status = build_sphinx(
        str(paths.ROOT),
        str(out),
        doctreedir=str(doctrees),
        path_config=str(paths.ROOT / "_config.yml"),
        builder=builder,
        confoverrides=_ASKED | config,
        noconfig=True,
        quiet=True,
        warningiserror=True,
        keep_going=True,
        jobs=1,
    )
    if status:
        raise RuntimeError(f"Sphinx could not build {out.name}: {status}")
