"""Build the Chinese edition beside the built book: `_build/html/zh`, from the same executed notebooks."""

import sys

from analysis import paths
from publishing import catalogues, sphinx_build

#: How figures and tables are numbered.
_NUMBERED = {"figure": "图%s", "table": "表%s"}


def main() -> None:
    """Build it, and say where it is."""
    if not (paths.BUILD / "html" / "index.html").is_file():
        sys.exit("there is no built book to put it beside; run: make book")
    out = paths.BUILD / "html" / "zh"
    sphinx_build.build("html", out, paths.BUILD / "doctrees-zh", language=catalogues.LOCALE, numfig_format=_NUMBERED)
    print(f"The Chinese edition is at {paths.shown(out / 'index.html')}")


if __name__ == "__main__":
    main()
