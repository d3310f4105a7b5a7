"""The CSV of a chart against the data that the chart was made from, and against the formulas that its sliders compute."""

import altair as alt
import numpy as np
import pandas as pd
import pytest

from analysis.deck import audit
from analysis.figures import chart_data, training
from analysis.figures.diagram import Arrow, Box, Frame, diagram
from analysis.figures.render import VEGALITE, figure
from analysis.figures.tiles import tiles
from analysis.scenarios import sizing
from analysis.scenarios.scenario import DECK

DATA = pd.DataFrame({"chip": ["A", "A", "B"], "days": [1, 2, 3], "cost_low": [0.5, 1.25, 2.0], "unseen": [7, 8, 9]})


def _table(chart):
    return chart_data.table(chart.to_dict(), VEGALITE)


@pytest.fixture
def line():
    return alt.Chart(DATA).mark_line().encode(x=alt.X("days", title="Days allowed"), y=alt.Y("cost_low").axis(title="Cost, USD"))


def test_columns_are_headed_as_the_axes_are_and_only_what_is_shown_is_there(line):
    table = _table(line.encode(color="chip"))
    assert list(table.columns) == ["chip", "Days allowed", "Cost, USD"]
    assert table.to_numpy().tolist() == [["A", 1, 0.5], ["A", 2, 1.25], ["B", 3, 2.0]]
    assert "1,0.5" in table.to_csv(index=False), "whole numbers stay whole"


def test_labels_and_guides_add_nothing(line):
    labels = alt.Chart(DATA.tail(1)).mark_text().encode(x="days", y="cost_low", text="chip")
    guide = alt.Chart(pd.DataFrame({"limit": [2]})).mark_rule().encode(y="limit")
    pd.testing.assert_frame_equal(_table(line + labels + guide), _table(line))


def test_rows_of_two_kinds_say_which_they_are(line):
    other = pd.DataFrame({"place": ["x", "y", "z"], "cost_low": [1, 2, 3]})
    table = _table(line + alt.Chart(other).mark_point().encode(x="place", y="cost_low"))
    assert table["Part"].tolist() == [1, 1, 1, 2, 2, 2]
    assert table["place"].tolist()[3:] == ["x", "y", "z"]


def _diagram(detail):
    boxes = [Box("a", ["Input", detail], 0), Box("b", ["Layer", "a matrix"], 1, kind="Trained")]
    frames = [Frame(("a", "b"), "a block")]
    return diagram(boxes, [Arrow("a", "b", "shape")], frames, title="A diagram", description="A test.", source="none")


def test_the_data_of_a_diagram_are_its_boxes_arrows_and_frames():
    table = _table(_diagram("6 × 64"))
    rows = {tuple(value for value in row if not pd.isna(value)) for row in table.drop(columns="Part").to_numpy().tolist()}
    assert rows == {
        ("Input", "", "6 × 64"),
        ("Layer", "Trained", "a matrix"),
        ("Input", "Layer", "shape"),
        ("a block", "Input, Layer"),
    }
    assert list(table.columns) == ["Part", "Frame", "Around", "Arrow from", "to", "with", "Box", "Kind", "What it holds"]


def test_a_diagram_without_numbers_has_no_data():
    assert _table(_diagram("a text")) is None


def test_the_data_of_images_are_their_pixels():
    table = _table(figure(tiles([np.arange(4).reshape(2, 2)], ["A digit\nread as 3"], 1), title="t", description="d", source="s"))
    assert table.to_numpy().tolist() == [
        ["A digit; read as 3", row, column, 2 * row + column] for row in (0, 1) for column in (0, 1)
    ]


def test_a_share_that_is_right_is_no_edge_of_a_box():
    frame = pd.DataFrame({"temperature": [1, 2, 3], "right": [0.9, 0.8, 0.4]})
    table = _table(alt.Chart(frame).mark_line().encode(x="temperature", y="right"))
    assert table["right"].tolist() == [0.9, 0.8, 0.4]


def test_filtered_rows_are_left_out(line):
    assert _table(line.transform_filter("datum.days > 1"))["Days allowed"].tolist() == [2, 3]


def test_what_sliders_compute_is_what_the_formula_computes():
    printed = float(audit.claims().set_index("claim").loc["training_accelerators", "printed"])
    table = _table(training.accelerators_by_days(DECK, printed))
    curve = table[table["Accelerator"].str.startswith("A100 PCIe 80GB, TF32", na=False)]
    assert len(curve) > 30
    for days, accelerators in zip(curve["Days"], curve["Accelerators"], strict=True):
        expected = sizing.training_accelerators(
            DECK.parameters, DECK.training_tokens, days * 86_400, DECK.peak_flop_per_second, DECK.utilization
        )
        assert accelerators == pytest.approx(expected, rel=1e-9)
