"""Look at everything, and print each complaint on a line of its own. Ends with 1 if there is one."""

import subprocess
import sys
from collections.abc import Iterator

from analysis import paths
from lint import deck_map, facts, glossary, names, notebooks, present, prose, reading, references

#: A module a subject; `complaints()` yields what is wrong, each with the place where it is.
SUBJECTS = (prose, reading, references, glossary, deck_map, notebooks, facts, present, names)


#: Programs that look at the code; their settings are in pyproject.toml.
_IMPORTS = "import sys; from importlinter.cli import lint_imports_command; sys.exit(lint_imports_command())"
PROGRAMS = (
    ("-m", "ruff", "check", "--output-format=concise", "--quiet", "."),
    ("-m", "ruff", "format", "--check", "--quiet", "."),
    ("-c", _IMPORTS),  # a folder imports from those below it only
    ("-m", "mypy", "--no-error-summary"),  # types of the engine
)


def code() -> Iterator[str]:
    """Yield what the programs say of the code."""
    for words in PROGRAMS:
        result = subprocess.run([sys.executable, *words], cwd=paths.ROOT, capture_output=True, text=True, check=False)
        if result.returncode:
            yield (result.stdout + result.stderr).strip()


def main() -> int:
    """Return the status with which the command ends."""
    found = [*code(), *(complaint for subject in SUBJECTS for complaint in subject.complaints())]
    for complaint in found:
        print(complaint)
    print(f"{len(found)} complaints" if found else "lint has nothing to say")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
