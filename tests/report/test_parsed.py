from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from analysis import paths
from analysis.report import parsed


def test_threads_that_parse_at_once_get_their_trees():
    sources = [path.read_bytes() for path in sorted(Path(paths.ANALYSIS).rglob("*.py"))[:60]] * 3
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(parsed.tree, sources))
    assert [len(tree.body) for tree in found] == [len(parsed.tree(source).body) for source in sources]
