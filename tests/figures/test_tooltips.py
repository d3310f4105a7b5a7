import altair as alt

from analysis.figures.tooltips import tips


def test_a_tooltip_is_what_altair_would_be_told_field_by_field():
    expected = [alt.Tooltip("chip:N", title="Chip"), alt.Tooltip("tera:Q", title="Peak, TFLOPS", format=",.4~r")]
    assert [tip.to_dict() for tip in tips("chip:N | Chip", "tera:Q | Peak, TFLOPS | ,.4~r")] == [
        tip.to_dict() for tip in expected
    ]


def test_a_title_with_a_bar_inside_stays_whole():
    assert tips("share:Q | P(a|b)")[0].to_dict()["title"] == "P(a|b)"
