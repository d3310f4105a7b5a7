"""GPT-2's 30 surest answers: how often it is right, by how sure it is."""

import altair as alt
import pandas as pd

from analysis import numerals
from analysis.figures.render import figure
from analysis.figures.tooltips import tips
from analysis.history import answers

_RIGHT = {True: "Right", False: "Wrong"}


def calibration() -> alt.LayerChart:
    """Return the share of right answers against their mean probability in three groups, with binomial intervals."""
    frame, groups = answers.table(), answers.calibration()
    frame = frame.assign(outcome=frame["right"].map(_RIGHT), at=frame["right"].map({True: 1.0, False: 0.0}))
    x = alt.X("probability:Q", title="Probability of the answer", scale=alt.Scale(domain=[0.4, 0.9]), axis=alt.Axis(format=".0%"))
    share = alt.Axis(format=".0%", values=[0, 0.25, 0.5, 0.75, 1])
    y = alt.Y("right:Q", title="Share that is right", scale=alt.Scale(domain=[-0.04, 1.04]), axis=share)
    single = (
        alt.Chart(frame[["question", "answer", "outcome", "probability", "at"]])
        .mark_tick(orient="vertical", thickness=2, size=14)
        .encode(
            x=x,
            y=alt.Y("at:Q"),
            color=alt.Color("outcome:N", title="One answer:", sort=list(_RIGHT.values())),
            tooltip=tips("question:N | Question", "answer:N | Answer", "outcome:N | It is", "probability:Q | Probability | .1%"),
        )
    )
    base = alt.Chart(groups)
    diagonal = alt.Chart(pd.DataFrame({"probability": [0.4, 0.9], "right": [0.4, 0.9]}))
    chance = answers.chance_of_as_many()
    right = int(frame["right"].sum())
    return figure(
        alt.layer(
            diagonal.mark_line(strokeDash=[4, 4], strokeWidth=1.5, aria=False).encode(x=x, y=y),
            single,
            base.mark_rule(strokeWidth=2).encode(x=x, y=alt.Y("low:Q"), y2="high:Q"),
            base.mark_point(size=110, opacity=1).encode(
                x=x,
                y=y,
                tooltip=tips(
                    "answers:Q | Answers",
                    "probability:Q | Mean probability | .1%",
                    "right:Q | Share right | .0%",
                    "low:Q | At least | .0%",
                    "high:Q | At most | .0%",
                ),
            ),
        ).properties(height=320),
        title="GPT-2's answers beside the probabilities that it gave them",
        subtitle=(
            f"{numerals.whole(right)} of {numerals.whole(len(frame))} answers are right, where the probabilities promise "
            f"{numerals.significant(answers.expected(), 3)}; so many or more would come by chance in "
            f"{numerals.percent(chance, 1)}."
        ),
        description="Share of right answers against mean probability in three groups, with 90% intervals and a dashed line where "
        "the two are equal: "
        + "; ".join(
            f"{numerals.percent(row.probability)}: {numerals.percent(row.right)} right, {numerals.percent(row.low)} to "
            f"{numerals.percent(row.high)}"
            for row in groups.itertuples()
        )
        + ". Ticks: single answers, right above and wrong below.",
        source="data/gpt2_answers.csv (Radford et al. 2019, table 5); computed by analysis/history/answers.py",
    )
