"""How long the page "Plan a run" takes from a change to the answer that is painted, in Chromium, as a table.

    python -m benchmarks.replan [--changes N]

The book has to be built (`make book`). A change is another number of chips, whose plans are searched anew. `kept waiting` is
the longest time in which the page answered nothing, since the search runs beside it.
"""

import argparse
import sys

import numpy as np

from analysis import paths
from publishing.browser import launched

CHANGES = 40
MODELS = ("Llama-3.1-8B", "Llama-3.1-70B", "Qwen3-235B-A22B", "DeepSeek-V3")
_CHANGE = """async ([id, value]) => {
  const section = document.querySelector(".planner"), field = document.querySelector(id), began = performance.now();
  let last = began, waited = 0;
  field.value = value;
  field.dispatchEvent(new Event("input", {bubbles: true}));
  while (!section.dataset.answered) {
    await new Promise((done) => setTimeout(done));
    waited = Math.max(waited, performance.now() - last);
    last = performance.now();
  }
  await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  return [performance.now() - began, waited];
}"""


def main() -> None:
    """Change the number of chips, and print the median, the 95th percentile and the longest for each model."""
    parser = argparse.ArgumentParser(description="Time the planner's answers.")
    parser.add_argument("--changes", type=int, default=CHANGES, help="how many (default: %(default)s)")
    changes = parser.parse_args().changes
    page_path = paths.BUILD / "html" / "book" / "plan.html"
    if changes < 5:
        parser.error(f"--changes: {changes} is not at least 5")
    if not page_path.is_file():
        sys.exit(f"{paths.shown(page_path)} is not there; run make book first")
    chips = np.random.default_rng(0).permutation(np.geomspace(256, 8192, changes).astype(int)).tolist()
    print(f"{'model':18}{'changes':>8}{'median ms':>12}{'95% ms':>10}{'longest ms':>12}{'kept waiting ms':>17}", flush=True)
    with launched() as browser:
        for model in MODELS:
            page = browser.new_page(viewport={"width": 1280, "height": 900})
            page.goto(page_path.as_uri())
            page.wait_for_function("document.querySelector('.planner')?.dataset.answered")
            page.evaluate(_CHANGE, ["#plan-model", model])
            taken, waited = np.transpose([page.evaluate(_CHANGE, ["#plan-chips", str(count)]) for count in chips])
            middle, most, longest = np.median(taken), np.percentile(taken, 95), taken.max()
            print(f"{model:18}{changes:>8}{middle:>12.0f}{most:>10.0f}{longest:>12.0f}{waited.max():>17.0f}", flush=True)
            page.close()


if __name__ == "__main__":
    main()
