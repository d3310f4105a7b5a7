"""Rules on exports: what chips measure and are, against what their makers and the press said of them."""

from datetime import date

import pandas as pd
import pytest

from analysis import facts
from analysis.hardware import accelerators
from analysis.hardware.accelerators import AcceleratorError
from analysis.industry import export_rules
from analysis.industry.export_rules import Measures, RuleError
from analysis.tables import export_tables

BEFORE, SECOND, LETTER, BOX = date(2022, 1, 1), date(2023, 12, 1), date(2025, 6, 1), date(2026, 2, 1)


@pytest.mark.parametrize(
    ("chip", "performance"),
    [("A100 SXM4 80GB", 624 * 8), ("H20", 296 * 8), ("H100 SXM5", 1979 * 8), ("B200 SXM (HGX/DGX)", 9000 * 4), ("BI-V150", None)],
)
def test_performance_is_that_of_the_rules(chip, performance):
    assert export_rules.measures(chip).performance == performance


def test_tf32_would_raise_amazon_s_chips_alone():
    table = accelerators.table()
    performance = pd.Series({chip: export_rules.measures(chip).performance or 0 for chip in table.index})
    raised = table[table["tf32_dense_tflops"] * 31.9 > performance]
    assert set(raised["vendor"]) == {"AWS"}


@pytest.mark.parametrize(
    ("chip", "day", "standing"),
    [
        ("H100 SXM5", BEFORE, "free"),
        ("A800 SXM4 80GB", date(2023, 1, 1), "free"),  # made to pass the rule of 2022
        ("A800 SXM4 80GB", SECOND, "licence"),  # which that of 2023 ended
        ("L40S", SECOND, "licence"),  # NVIDIA's 8-K of October 2023 names these two
        ("GeForce RTX 4090", SECOND, "licence"),
        ("H20", SECOND, "free"),  # made to pass that one, as was the L20
        ("L20", SECOND, "free"),
        ("H20", LETTER, "licence"),
        ("L20", LETTER, "free"),
        ("H200 SXM", LETTER, "licence"),
        ("H200 SXM", BOX, "case by case"),  # the rule of 2026 names these two
        ("Instinct MI325X", BOX, "case by case"),
        ("B200 SXM (HGX/DGX)", BOX, "licence"),
        ("Rubin CPX", BOX, "not known"),  # withdrawn, nothing read
    ],
)
def test_chips_stand_as_was_reported(chip, day, standing):
    assert export_rules.standing(chip, day) == standing


def test_the_duty_is_on_the_two_chips_that_it_was_made_for():
    taxed = [chip for chip in export_tables.FOLLOWED if export_rules.reaches(chip, "Tariff, January 2026")]
    assert taxed == ["H200 SXM", "Instinct MI325X"]


def test_a_bound_is_met_where_the_rule_says(monkeypatch):
    def reached(name, *of):
        monkeypatch.setattr(export_rules, "measures", lambda chip: Measures(*of))
        return export_rules.reaches("any", name)

    assert reached("January 2026", 20_999, None, None, 6_499) is True
    assert reached("January 2026", 21_000, None, None, 6_499) is False, "below, and not at"
    assert reached("January 2026", 20_999, None, None, 6_500) is False
    assert reached("January 2026", None, None, None, 6_500) is False, "one bound that does not hold is enough"
    assert reached("January 2026", None, None, None, 6_499) is None
    assert reached("October 2023", 4_800, None, None, None) is True, "from, and at"
    assert reached("October 2023", 2_400, 1.6, None, None) is True
    assert reached("October 2023", 2_399, 3.19, None, None) is False
    assert reached("October 2023", 1_600, 3.2, None, None) is True
    assert reached("October 2023", 1_600, None, None, None) is None, "density decides"


def test_what_is_not_there_is_refused_with_the_nearest():
    with pytest.raises(RuleError, match=r"no rule 'January 2025' with bounds; did you mean 'January 2026'\?"):
        export_rules.rule("January 2025")
    with pytest.raises(AcceleratorError, match="H2O"):
        export_rules.standing("H2O", BOX)


def test_rules_name_chips_that_are_known_and_limbs_of_one_rule_agree():
    frame = facts.read("export_rules")
    assert set(frame["chips"].dropna()) <= set(accelerators.table().index)
    for column in ("kind", "date", "until", "status", "country"):
        assert (frame.groupby("rule")[column].nunique(dropna=False) == 1).all(), column
    ended = frame["status"].isin(["superseded", "withdrawn", "not found"])
    assert (frame["until"].notna() == ended).all(), "what ended says when, and what holds has no end"


def test_the_table_has_every_measure_and_its_bounds():
    table = export_tables.measures()
    assert len(table) == len(facts.read("export_rules"))
    box = table[table["Rule"].str.startswith("January 2026")]["What it asks"].item()
    assert box.endswith("performance below 21,000; memory in GB/s below 6,500")
    assert export_tables.lapsed(BEFORE) == []
