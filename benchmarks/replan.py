"""How long the page "Plan a run" takes from a change to the answer that is painted, in Chromium, as a table.

    python -m benchmarks.replan [--changes N] [--page FILE]

The book has to be built (`make book`), or `--page` names a file with the planner. A change is another number of chips to train
on, or another number of requests to serve. `first` is the answer that is painted first, `final` the one that stays: a run's is
searched from the most chips down, and a service is told before its interval is. `same` is the share of first answers whose
run is the final one. `kept waiting` is the longest time in which the page answered nothing, since the search runs beside it.
"""

import argparse
import sys
from pathlib import Path

import numpy as np

from analysis import paths
from publishing.browser import launched

CHANGES = 40
MODELS = ("Llama-3.1-8B", "Llama-3.1-70B", "Qwen3-235B-A22B", "DeepSeek-V3")
#: The field that is changed, what its answer is read from, and what the page says of the first and the final answer.
_ASKED = {"train": ("#plan-chips", 0, "sketched", "answered"), "serve": ("#plan-requests", 1, "expected", "served")}
_CHANGE = """async ([id, value, place, first, final]) => {
  const section = document.querySelector(".planner"), field = document.querySelector(id), began = performance.now();
  const answer = section.querySelectorAll(".planner-answer")[place];
  const painted = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  let last = began, waited = 0, told = null;
  field.value = value;
  field.dispatchEvent(new Event("input", {bubbles: true}));
  while (!section.dataset[final]) {
    await new Promise((done) => setTimeout(done));
    waited = Math.max(waited, performance.now() - last);
    last = performance.now();
    if (section.dataset[first] && !told) {
      const text = answer.textContent;
      await painted();
      last = performance.now();
      told = [last - began, text];
    }
  }
  const text = answer.textContent;
  await painted();
  const end = performance.now() - began;
  return [told ? told[0] : end, end, waited, !told || told[1] === text ? 1 : 0];
}"""


def main() -> None:
    """Change one field, and print the 95th percentiles of the first and the final answer for each model and question."""
    parser = argparse.ArgumentParser(description="Time the planner's answers.")
    parser.add_argument("--changes", type=int, default=CHANGES, help="how many (default: %(default)s)")
    parser.add_argument("--page", type=Path, default=paths.BUILD / "html" / "book" / "plan.html", help="a page with the planner")
    given = parser.parse_args()
    if given.changes < 5:
        parser.error(f"--changes: {given.changes} is not at least 5")
    if not given.page.is_file():
        sys.exit(f"{paths.shown(given.page)} is not there; run make book first")
    rng = np.random.default_rng(0)
    values = {
        "train": rng.permutation(np.geomspace(256, 8192, given.changes).astype(int)).tolist(),
        "serve": rng.permutation(np.geomspace(10, 10_000, given.changes).astype(int)).tolist(),
    }
    head = ("first: median", "95%", "final: median", "95%", "longest", "kept waiting")
    print(f"{'model':18}{'asked':8}" + "".join(f"{name:>15}" for name in head) + f"{'same':>8}   (ms)", flush=True)
    with launched() as browser:
        for model in MODELS:
            page = browser.new_page(viewport={"width": 1280, "height": 900})
            page.goto(given.page.as_uri())
            page.wait_for_function("document.querySelector('.planner')?.dataset.served", timeout=60_000)
            page.evaluate(_CHANGE, ["#plan-model", model, 0, "sketched", "served"])
            for name, asked in _ASKED.items():
                taken = [page.evaluate(_CHANGE, [asked[0], str(value), *asked[1:]]) for value in values[name]]
                first, final, waited, same = np.transpose(taken)
                told = (
                    np.median(first),
                    np.percentile(first, 95),
                    np.median(final),
                    np.percentile(final, 95),
                    final.max(),
                    waited.max(),
                )
                print(f"{model:18}{name:8}" + "".join(f"{value:>15.0f}" for value in told) + f"{same.mean():>8.0%}", flush=True)
            page.close()


if __name__ == "__main__":
    main()
