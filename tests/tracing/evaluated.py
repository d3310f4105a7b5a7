"""Emitted JavaScript, evaluated on many cases at once in a browser."""

import json

import numpy as np

#: JSON has no infinite numbers; they travel as texts.
_RUN = """([script, rows, fixed, shared]) => {
  const asked = (0, eval)(script);
  const read = (text) => JSON.parse(text).map((row) => row.map(Number));
  const before = [fixed, shared].filter(Boolean).map(read);
  return JSON.stringify(read(rows).map((row, at) => before.reduce((made, known) => made(known[at]), asked)(row).map(String)));
}"""


def evaluated(browser, function: str, rows: np.ndarray, fixed=None, shared=None) -> np.ndarray:
    """Return what an emitted function returns for each row of inputs (rows, outputs), with its `fixed` and `shared` ones if it
    has any."""
    page = browser.new_page()
    try:
        sent = [function, _text(rows), *(None if given is None else _text(given) for given in (fixed, shared))]
        return np.array([[float(value) for value in row] for row in json.loads(page.evaluate(_RUN, sent))])
    finally:
        page.close()


def _text(rows: np.ndarray) -> str:
    return json.dumps([[repr(float(value)).replace("inf", "Infinity") for value in row] for row in rows])
