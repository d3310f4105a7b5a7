"""What the book ships of others is listed with its licence, and nothing that is not there."""

from importlib import metadata

from analysis import paths
from analysis.report import shipped


def test_every_package_is_locked_and_installed():
    locked = {line.split("==")[0] for line in paths.LOCK.read_text().splitlines() if "==" in line}
    for part in shipped.parts():
        assert part.package in locked
        assert part.version == metadata.version(part.package)


def test_our_own_files_are_there():
    made = ("vendor/chart-themes.js", "card.png", "numbers/*.js")  # by the build
    for pattern in shipped.OURS:
        assert pattern in made or list((paths.ROOT / "book" / "assets").glob(pattern)), pattern


def test_our_scripts_and_styles_are_listed_as_ours():
    assets = paths.ROOT / "book" / "assets"
    own = [path.relative_to(assets).as_posix() for path in assets.rglob("*.*") if "vendor" not in path.parts]
    assert shipped.unaccounted(own) == []


def test_a_file_of_others_is_seen():
    assert shipped.unaccounted(["scripts/bootstrap.js", "scripts/jquery.js", "panel.js"]) == ["scripts/jquery.js"]


def test_the_texts_of_our_licences_are_here():
    assert "Apache License" in (paths.ROOT / "LICENSE").read_text()
    assert (paths.ROOT / "LICENSES" / "CC-BY-4.0.txt").read_text().startswith("Attribution 4.0 International")
