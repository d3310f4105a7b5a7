"""How long the what-if panel takes from a slider's move to the painted page, in Chromium, as a table.

    python -m benchmarks.repaint [--moves N]

The book has to be built (`make book`). A move counts from the input event until the charts, the results and the frame
after them are drawn; the equations follow when the slider rests. The same moves are made with the CPU slowed down four times.
"""

import argparse
import sys

import numpy as np

from analysis import paths
from publishing.browser import launched

MOVES = 200
_READY = "document.querySelector('.what-if')?.results?.result_inference_servers !== undefined"
_MOVE = """async (step) => {
  const slider = document.querySelector(".what-if input[data-field=utilization]");
  const section = document.querySelector(".what-if");
  const began = performance.now();
  const before = section.results;
  slider.value = step;
  slider.dispatchEvent(new Event("input", {bubbles: true}));
  while (section.results === before) await new Promise((done) => setTimeout(done));
  await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  return performance.now() - began;
}"""


def main() -> None:
    """Move the slider, and print the median, the 95th percentile and the longest."""
    parser = argparse.ArgumentParser(description="Time the what-if panel's repaint.")
    parser.add_argument("--moves", type=int, default=MOVES, help="how many (default: %(default)s)")
    moves = parser.parse_args().moves
    page_path = paths.BUILD / "html" / "book" / "what-if.html"
    if moves < 20:
        parser.error(f"--moves: {moves} is not at least 20")
    if not page_path.is_file():
        sys.exit(f"{paths.shown(page_path)} is not there; run make book first")
    steps = np.random.default_rng(0).permutation(np.linspace(20, 380, moves).astype(int)).tolist()
    print(f"{'CPU':12}{'moves':>8}{'median ms':>12}{'95% ms':>10}{'longest ms':>12}", flush=True)
    with launched() as browser:
        for name, rate in (("as it is", 1), ("4 x slower", 4)):
            page = browser.new_page(viewport={"width": 1280, "height": 900})
            page.goto(page_path.as_uri())
            page.wait_for_function(_READY)
            page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": rate})
            taken = [page.evaluate(_MOVE, step) for step in steps]
            print(f"{name:12}{moves:>8}{np.median(taken):>12.1f}{np.percentile(taken, 95):>10.1f}{max(taken):>12.1f}", flush=True)
            page.close()


if __name__ == "__main__":
    main()
