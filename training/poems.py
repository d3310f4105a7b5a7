"""Extract poems of four lines, half of the Tang and half of the Song, from the npm package chinese-poetry.

    npm pack chinese-poetry@2.0.1 && tar xzf chinese-poetry-2.0.1.tgz
    python -m training.poems package/dist/quantangshi

Nothing is trained here. Kept are quatrains (絕句) whose lines all have five characters or all seven, whose characters are
among the most frequent, and of which no line occurs in another one that is kept. A few well-known poems are always held
out of training, and an equal number is drawn of each dynasty. Written is `data/poems.csv`.
"""

import argparse
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from analysis import paths
from analysis.networks import poems

#: Poems of a dynasty by use.
COUNTS = {poems.PRETRAINING: 3_200, poems.LABELLED: 400, poems.TEST: 400}
CHARACTERS = 2_500
SEED = 20232

#: Poems that many readers know by heart, by author and first line.
KNOWN = (("王之渙", "白日依山盡"), ("孟浩然", "春眠不覺曉"), ("柳宗元", "千山鳥飛絕"), ("王維", "空山不見人"),
         ("李白", "朝辭白帝彩雲間"), ("蘇軾", "橫看成嶺側成峰"))  # fmt: skip
_COUPLET = re.compile(r"(\w{5}|\w{7})[，？！；](\w{5}|\w{7})[。？！]")


class Poem(NamedTuple):
    """A quatrain: its dynasty, author and four lines."""

    dynasty: str
    author: str
    lines: tuple[str, ...]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("source", type=Path, help="the package's folder dist/quantangshi")
    folder = parser.parse_args().source
    found = [poem for dynasty in poems.DYNASTIES for poem in quatrains(folder, dynasty)]
    if not found:
        parser.error(f"{folder}: no file poet.tang.*.json or poet.song.*.json there has a quatrain")
    kept = drawn(found, np.random.default_rng(SEED))
    kept["verified"] = "partly"
    paths.write(paths.DATA / "poems.csv", kept.to_csv(index=False, lineterminator="\n"))
    print(kept.groupby(["use", "dynasty"]).size())


def quatrains(folder: Path, dynasty: str) -> Iterator[Poem]:
    """Yield the quatrains of a dynasty, in the order of the package's files."""
    for path in sorted(folder.glob(f"poet.{dynasty.lower()}.*.json"), key=lambda path: int(path.stem.rpartition(".")[2])):
        for entry in json.loads(path.read_text(encoding="utf-8")):
            couplets = [_COUPLET.fullmatch(paragraph) for paragraph in entry["paragraphs"]]
            if len(couplets) == 2 and all(couplets):
                lines = tuple(line for couplet in couplets for line in couplet.groups())
                if len({len(line) for line in lines}) == 1:
                    yield Poem(dynasty, entry["author"], lines)


def drawn(found: Iterable[Poem], generator: np.random.Generator) -> pd.DataFrame:
    """Return the poems that are kept, by use and dynasty, the well-known ones first among those of the test."""
    found = list(found)
    counts = Counter(character for poem in found for line in poem.lines for character in line)
    frequent = {character for character, _ in counts.most_common(CHARACTERS)}
    order = sorted(
        (found[row] for row in generator.permutation(len(found))),
        key=lambda poem: (poem.author, poem.lines[0]) not in KNOWN,
    )
    room = {(use, dynasty): count for dynasty in poems.DYNASTIES for use, count in COUNTS.items()}
    rows, taken = [], set()
    for poem in order:
        # Held out first: so the well-known are, and none that is trained on shares a line with one of these.
        use = next((use for use in reversed(COUNTS) if room[use, poem.dynasty]), None)
        if use is None or taken.intersection(poem.lines) or not frequent.issuperset("".join(poem.lines)):
            continue
        taken.update(poem.lines)
        room[use, poem.dynasty] -= 1
        rows.append({"use": use, "dynasty": poem.dynasty, "author": poem.author, "text": " ".join(poem.lines)})
    kept = pd.DataFrame(rows)
    return _without_unseen(kept).sort_values("use", kind="stable")


def _without_unseen(kept: pd.DataFrame) -> pd.DataFrame:
    """Return the poems without those held out that have a character which pre-training never shows."""
    seen = set("".join(kept.loc[kept["use"] == poems.PRETRAINING, "text"]))
    return kept[[seen.issuperset(text) for text in kept["text"]]]


if __name__ == "__main__":
    main()
