"""Learning from feedback: the three steps, what the reward model tells, and what comes of following it."""

import altair as alt
import numpy as np
import pandas as pd

from analysis import numerals
from analysis.comparing import mean
from analysis.feedback import menus, ppo, rlhf, sweep
from analysis.feedback.rlhf import Feedback, Judged
from analysis.figures.bands import bands, listed
from analysis.figures.diagram import Arrow, Box, diagram
from analysis.figures.render import figure
from analysis.figures.tooltips import tips
from analysis.history import instructgpt, releases

_LIVE = "computed by analysis/feedback from the notebook's settings"
_SWEEP = "data/generated/feedback.csv, measured by training/feedback.py"
_QUANTITIES = {
    "reward": ("True reward, points", "true reward"),
    "score": ("Score of the reward model", "score of the reward model"),
    "kl": ("KL divergence, nats", "KL divergence"),
}


def _one(value: float) -> str:
    return numerals.signed(value, 1)


def three_steps(settings: Feedback, judged: Judged) -> alt.LayerChart:
    """Return the diagram of the three steps, the miniature's numbers beside those of InstructGPT."""
    recipe = ppo.Recipe(settings.penalty)
    prompts = instructgpt.prompts().groupby("step")["prompts"].sum().map(numerals.whole)
    ranked = [numerals.whole(instructgpt.value(f"ranked_{end}")) for end in ("least", "most")]
    size = releases.model("InstructGPT 175B")["parameters"]
    here, theirs = "This miniature", "InstructGPT"
    return diagram(
        [
            Box("demos", ["People write", f"{rlhf.DEMONSTRATIONS} menus"], 0, 0, kind=here),
            Box("tuned", ["1. Fine-tuning", f"{numerals.whole(judged.reference.parameters)} weights"], 1, 0, kind=here),
            Box("pairs", ["People compare", f"{numerals.whole(settings.comparisons)} pairs"], 2, 0, kind=here),
            Box("judge", ["2. Reward model", f"agrees in {numerals.percent(judged.agreement, 3)}"], 3, 0, kind=here),
            Box("ppo", ["3. PPO", f"{numerals.whole(recipe.iterations * recipe.batch)} menus"], 4, 0, kind=here),
            Box("their demos", ["People write", f"{prompts.iloc[0]} answers"], 0, 1, kind=theirs),
            Box("their tuned", ["1. Fine-tuning", f"{numerals.words(size)} weights"], 1, 1, kind=theirs),
            Box(
                "their pairs",
                ["People rank", f"{ranked[0]} to {ranked[1]} answers to", f"{prompts.iloc[1]} prompts"],
                2,
                1,
                kind=theirs,
            ),
            Box(
                "their judge",
                ["2. Reward model", f"agrees in {numerals.percent(instructgpt.value('rm_accuracy'), 3)}"],
                3,
                1,
                kind=theirs,
            ),
            Box("their ppo", ["3. PPO", f"{numerals.whole(instructgpt.value('ppo_episodes'))} answers"], 4, 1, kind=theirs),
        ],
        [
            Arrow("demos", "tuned"),
            Arrow("tuned", "pairs", "two menus"),
            Arrow("pairs", "judge"),
            Arrow("judge", "ppo", "score"),
            Arrow("tuned", "ppo", side="left"),
            Arrow("their demos", "their tuned"),
            Arrow("their tuned", "their pairs", "answers"),
            Arrow("their pairs", "their judge"),
            Arrow("their judge", "their ppo", "score"),
            Arrow("their tuned", "their ppo", side="right"),
        ],
        title="Copy, compare, improve: three steps of learning from feedback",
        subtitle=(
            f"Three steps: {numerals.whole(rlhf.DEMONSTRATIONS)} menus to copy, {numerals.whole(settings.comparisons)} "
            "comparisons to learn a score from, and "
            f"{numerals.whole(recipe.iterations * recipe.batch)} menus written to raise it."
        ),
        description="Two columns, the miniature and InstructGPT. In each: people write answers, a model is fine-tuned on them; "
        "people compare its answers, a reward model is fitted; reinforcement learning begins with the fine-tuned model and "
        "follows the reward model's score.",
        source=f"{_LIVE}; data/instructgpt.csv (Ouyang et al. 2022)",
    )


def score_against_reward(judged: Judged, learners: dict[str, np.ndarray], drawn: int = 300) -> alt.Chart:
    """Return the true reward against the score of menus drawn from each policy, as many for each; equal menus are one mark.

    `learners` has the log-probability of every menu by the policy's name.
    """
    every = menus.every()
    random = np.random.default_rng(0)
    rows = []
    for name, log_p in learners.items():
        p = np.exp(log_p)
        counts = pd.Series(random.choice(len(p), drawn, p=p / p.sum())).value_counts()
        rows += [
            {
                "policy": name,
                "menu": menus.text(every[place]),
                "drawn": count,
                "score": round(float(judged.scored[place]), 3),
                "reward": float(menus.rewards()[place]),
            }
            for place, count in counts.items()
        ]
    frame = pd.DataFrame(rows)
    correlation = _correlation(judged)
    means = {name: rlhf.measured(log_p, judged) for name, log_p in learners.items()}
    return figure(
        alt.Chart(frame)
        .mark_point(filled=True, opacity=0.55)
        .encode(
            x=alt.X("score:Q", title="Score of the reward model"),
            y=alt.Y("reward:Q", title="True reward, points"),
            size=alt.Size("drawn:Q", scale=alt.Scale(domain=[1, drawn], range=[25, 900]), legend=None),
            color=alt.Color("policy:N", title=None, sort=list(learners), legend=alt.Legend(columns=1, symbolOpacity=1)),
            tooltip=tips(
                "menu:N | Menu",
                "policy:N | Policy",
                f"drawn:Q | Drawn, of {drawn}",
                "score:Q | Score | .2f",
                "reward:Q | True reward, points | .2f",
            ),
        )
        .properties(height=340),
        title="What the learned score knows of the true reward",
        subtitle=(
            f"On the menus that it learned from, the score and the true reward correlate at {numerals.signed(correlation)}."
            + "".join(f" {name} has a mean score of {numerals.signed(means[name]['score'])}." for name in list(learners)[1:])
        ),
        description=f"{drawn} menus drawn from each policy, true reward against score; a mark's area is how often the menu came. "
        + "Means: "
        + "; ".join(
            f"{name}, score {quantities['score']:.2f}, true reward {quantities['reward']:.2f}"
            for name, quantities in means.items()
        )
        + ".",
        source=_LIVE,
    )


def _correlation(judged: Judged) -> float:
    """Return how score and true reward correlate over the menus of the fine-tuned policy."""
    covariance = np.cov(judged.scored, menus.rewards(), aweights=np.exp(judged.log_q))
    return float(covariance[0, 1] / np.sqrt(covariance[0, 0] * covariance[1, 1]))


def by_iteration(quantity: str) -> alt.LayerChart:
    """Return one quantity, "reward", "score" or "kl", as PPO trains, with and without penalty, in bands over the seeds."""
    axis, name = _QUANTITIES[quantity]
    free, held = "Without penalty", f"With a penalty of {sweep.PENALTY:g}"
    frame = sweep.training()
    frame = frame[frame["strength"].isin([0, sweep.PENALTY])]
    frame = frame.assign(policy=np.where(frame["strength"] == 0, free, held)).round({quantity: 4})
    paths = {name: sweep.draws(quantity, penalty) for name, penalty in ((free, 0.0), (held, sweep.PENALTY))}
    first = paths[free][0].mean()
    last = {name: mean(path.iloc[:, -1]).written(_one) for name, path in paths.items()}
    least = paths[free].mean().idxmin()
    back = mean(paths[free].iloc[:, -1] - paths[free][least]).side() == 1 and least > 0
    way = f", by way of {mean(paths[free][least]).written(_one)}" if back else ""
    return figure(
        bands(
            frame[["policy", "iteration", quantity]],
            over="iteration",
            value=quantity,
            by="policy",
            x=alt.X("iteration:Q", title=f"Iteration of PPO, {ppo.Recipe(0).batch} menus each"),
            y=alt.Y(f"{quantity}:Q", title=axis),
            tooltip=[
                alt.Tooltip("policy:N", title="PPO"),
                alt.Tooltip("iteration:Q", title="Iteration"),
                alt.Tooltip(f"{quantity}:Q", title="Mean", format=".2f"),
                alt.Tooltip("low:Q", title="Lowest", format=".2f"),
                alt.Tooltip("high:Q", title="Highest", format=".2f"),
            ],
        ).properties(height=220),
        title=f"{name[0].upper()}{name[1:]}, without a penalty and with one",
        subtitle=(
            f"In the mean of {len(paths[free])} draws, the {name} goes from {numerals.signed(first, 1)} to {last[free]} "
            f"without a penalty{way}, and to {last[held]} with one."
        ),
        description=f"Means of the {name} by iteration, in bands over {frame['seed'].nunique()} seeds. "
        + listed(
            frame[frame["iteration"] % (2 * rlhf.MEASURED_EVERY) == 0],
            over="iteration", value=quantity, by="policy", text=numerals.signed,
        )
        + ".",
        source=_SWEEP,
    )  # fmt: skip


def reward_by_divergence() -> alt.LayerChart:
    """Return the true reward against the KL divergence, for each way to use the reward model; the reader chooses the number
    of comparisons."""
    counts = sorted(sweep.runs()["comparisons"].unique())
    frame = pd.concat([sweep.frontier(count).assign(comparisons=count) for count in counts])
    ways = list(dict.fromkeys(frame["way"]))
    choice = alt.param(
        name="comparisons_shown",
        value=sweep.COMPARISONS,
        bind=alt.binding_select(options=[int(count) for count in counts], name="Comparisons "),
    )
    base = (
        alt.Chart(frame.round(4))
        .transform_filter(alt.datum.comparisons == choice)
        .encode(
            x=alt.X(
                "kl:Q",
                title="KL divergence, nats (root scale)",
                scale=alt.Scale(type="sqrt", nice=False),
                axis=alt.Axis(values=[0, 0.5, 1, 2, 4, 6, 8, 10, 12]),
            ),
            color=alt.Color("way:N", title=None, sort=ways, legend=alt.Legend(columns=1)),
            order=alt.Order("strength:Q"),
            tooltip=tips(
                "way:N | Way",
                "strength:Q | Penalty, menus or iteration",
                "kl:Q | KL divergence, nats | .2f",
                "score:Q | Score | .2f",
                "reward:Q | True reward, mean | .2f",
                "low:Q | Lowest seed | .2f",
                "high:Q | Highest seed | .2f",
            ),
        )
    )
    y = alt.Y("reward:Q", title="True reward, points")
    most_compared = frame[frame["comparisons"] == sweep.COMPARISONS]
    free = most_compared[most_compared["way"] == sweep.FREE_PATH]
    least = free.loc[free["reward"].idxmin()]
    course = {name: measured.written(_one) for name, measured in sweep.course().items()}
    return figure(
        alt.layer(base.mark_line(strokeWidth=2).encode(y=y), base.mark_point(filled=True, size=55, opacity=1).encode(y=y))
        .add_params(choice)
        .properties(height=340),
        title="Chasing the score too far costs true reward",
        subtitle=(
            f"After {numerals.whole(sweep.COMPARISONS)} comparisons, PPO without a penalty comes to {course['most']} points, "
            f"falls to {course['least']} at {least['kl']:.1f} nats and ends at {course['last']}; from the same scores, another "
            f"way comes to {most_compared['reward'].max():.1f}."
        ),
        description=f"Mean true reward against KL divergence after {numerals.whole(sweep.COMPARISONS)} comparisons. "
        + "; ".join(
            f"{way}: "
            + ", ".join(f"{row.reward:.2f} at {row.kl:.1f}" for row in most_compared[most_compared["way"] == way].itertuples())
            for way in ways
        )
        + ".",
        source=_SWEEP,
    )


def reward_by_comparisons() -> alt.LayerChart:
    """Return the true reward at the end of PPO by the number of comparisons, for each penalty, in bands over the seeds."""
    penalties = (0.0, sweep.PENALTY, 1.0)
    names = {penalty: f"Penalty {penalty:g}" if penalty else "Without penalty" for penalty in penalties}
    frame = sweep.ends()
    frame = frame[frame["strength"].isin(penalties)]
    frame = frame.assign(policy=frame["strength"].map(names))
    counts = sorted(frame["comparisons"].unique())
    at_end = {count: sweep.draws("reward", 0.0, count).iloc[:, -1] for count in counts}
    few, many = counts[0], counts[-1]
    start = sweep.runs().query("iteration == 0 and way == 'PPO'")["reward"].mean()
    lines = bands(
        frame[["policy", "comparisons", "reward"]],
        over="comparisons",
        value="reward",
        by="policy",
        x=alt.X(
            "comparisons:Q",
            title="Comparisons that the reward model learned from",
            scale=alt.Scale(type="log", nice=False),
            axis=alt.Axis(values=counts, format=",d"),
        ),
        y=alt.Y("reward:Q", title="True reward at the end, points"),
        tooltip=tips(
            "policy:N | PPO",
            "comparisons:Q | Comparisons | ,",
            "reward:Q | Mean | .2f",
            "low:Q | Lowest | .2f",
            "high:Q | Highest | .2f",
        ),
    )
    rule = alt.Chart(pd.DataFrame({"at": [start]})).mark_rule(strokeDash=[4, 4], aria=False).encode(y=alt.Y("at:Q"))
    return figure(
        alt.layer(*lines.layer, rule).properties(height=300),
        title="Many comparisons make up for a missing penalty",
        subtitle=(
            f"Without a penalty, {numerals.whole(few)} comparisons lead to {mean(at_end[few]).written(_one)} points and "
            f"{numerals.whole(many)} to {mean(at_end[many]).written(_one)}; fine-tuning alone, the dashed line, has {start:.1f}."
        ),
        description=f"Means of the true reward at the end of PPO, in bands over {frame['seed'].nunique()} seeds. "
        + listed(frame, over="comparisons", value="reward", by="policy", text=numerals.signed)
        + f". Fine-tuning alone: {start:.2f}.",
        source=_SWEEP,
    )


def most_written(judged: Judged, learners: dict[str, np.ndarray]) -> pd.DataFrame:
    """Return, for each policy, its mean score and true reward, and the menu that it writes most often, as a table.

    `learners` has the log-probability of every menu by the policy's name.
    """
    every = menus.every()
    rows = []
    for name, log_p in learners.items():
        measured = rlhf.measured(log_p, judged)
        place = int(log_p.argmax())
        share = numerals.percent(float(np.exp(log_p[place])))
        rows.append(
            {
                "Policy": name,
                "Mean score": numerals.signed(measured["score"]),
                "Mean true reward": numerals.signed(measured["reward"]),
                "Repeated courses": numerals.signed(np.exp(log_p) @ menus.repetitions(every), 1),
                "Menu that it writes most": f"{menus.text(every[place])}\n{share} of its menus",
            }
        )
    return pd.DataFrame(rows)
