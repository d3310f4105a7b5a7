"""Learning from feedback: the three steps, what the reward model tells, and what comes of following it."""

import altair as alt
import numpy as np
import pandas as pd

from analysis import numerals
from analysis.comparing import mean
from analysis.feedback import menus, ppo, rlhf, sweep
from analysis.feedback.rlhf import Feedback, Judged
from analysis.figures import walk
from analysis.figures.bands import bands, listed
from analysis.figures.diagram import Arrow, Box, diagram
from analysis.figures.render import figure
from analysis.figures.tooltips import tips
from analysis.history import instructgpt, releases
from analysis.languages.walks import word

_LIVE = "computed by analysis/feedback from the notebook's settings"
_SWEEP = "an experiment of this book: the same training for several draws of people and penalties"
#: The penalties that one walks between, beside that of which the chapter tells.
_WALKED = (0.0, sweep.PENALTY, 1.0)


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


def promised_and_got(language: str = "en") -> alt.LayerChart:
    """Return what the score promises, what the penalty takes, and what comes of it, as PPO trains, one penalty at a time.

    All are gains since fine-tuning, in points: people weigh a unit of the score as one. A slider goes from one measured
    iteration to the next; the true reward of each draw of people is a thin line.
    """
    frame = sweep.training()
    frame = frame[frame["strength"].isin(_WALKED)]
    frame = frame.assign(
        score=frame["score"] / Feedback().noise,
        penalty=frame["strength"] * frame["kl"] / Feedback().noise,
        reward=frame["reward"] - frame.groupby(["strength", "seed"])["reward"].transform("first"),
    )
    strengths = {strength: word("penalty_none" if not strength else "penalty_of", language, penalty=f"{strength:g}")
                 for strength in _WALKED}  # fmt: skip
    frame = frame.assign(held=frame["strength"].map(strengths))
    names = {"reward": word("feedback_reward", language), "score": word("feedback_score", language),
             "penalty": word("feedback_penalty_paid", language)}  # fmt: skip
    means = frame.groupby(["held", "iteration"], sort=False)[[*names, "kl"]].mean().reset_index()
    long = means.melt(["held", "iteration"], value_vars=list(names), var_name="quantity", value_name="points").round(3)
    long = long.assign(name=long["quantity"].map(names), text=long["points"].map(_signed))
    said = {
        f"{row.held} {row.iteration:.0f}": word(
            "feedback_said", language, iteration=f"{row.iteration:.0f}", held=row.held, score=_signed(row.score),
            reward=_signed(row.reward), penalty=numerals.significant(row.penalty, 2), kl=numerals.significant(row.kl, 2),
        )
        for row in means.itertuples()
    }  # fmt: skip
    course = sweep.course()
    paths = {penalty: sweep.draws("reward", penalty) for penalty in (0.0, sweep.PENALTY)}
    least, last = int(paths[0.0].mean().idxmin()), int(frame["iteration"].max())
    every = rlhf.MEASURED_EVERY
    ends = [int(np.floor(frame["reward"].min())), int(np.ceil(frame["reward"].max()))]
    x = alt.X("iteration:Q", title=word("feedback_iteration", language, menus=ppo.Recipe(0).batch),
              scale=alt.Scale(domain=[0, last * 1.15], nice=False),
              axis=alt.Axis(values=list(range(0, last + 1, 2 * every))))  # fmt: skip
    y = alt.Y("points:Q", title=word("feedback_gain", language), scale=alt.Scale(domain=ends, nice=False),
              axis=alt.Axis(values=list(range(-20, 21, 2)), labelExpr="(datum.value > 0 ? '+' : '') + datum.label"))  # fmt: skip
    colour = alt.Color("name:N", title=None, sort=list(names.values()), legend=alt.Legend(columns=1, symbolOpacity=1))
    chosen = alt.Chart(long).transform_filter("datum.held == walk_penalty")
    here = f"datum.iteration {{}} {every} * walk_step"
    so_far, now = chosen.transform_filter(here.format("<=")), chosen.transform_filter(here.format("=="))
    draws = frame[["held", "seed", "iteration"]].assign(points=frame["reward"].round(2), name=names["reward"])
    tooltip = tips(f"name:N | {word('feedback_what', language)}", "iteration:Q | " + word("feedback_at", language),
                   f"points:Q | {word('feedback_gain', language)} | +.2f")  # fmt: skip
    return figure(
        alt.layer(
            alt.Chart(pd.DataFrame([{"points": 0}])).mark_rule(aria=False).encode(y=y),
            alt.Chart(draws).transform_filter("datum.held == walk_penalty").transform_filter(here.format("<="))
            .mark_line(strokeWidth=1, opacity=0.5, aria=False).encode(x=x, y=y, color=colour, detail="seed:N"),
            chosen.mark_line(opacity=0.6, strokeDash=[2, 4], strokeWidth=1.5, aria=False).encode(x=x, y=y, color=colour),
            so_far.mark_line(aria=False).encode(x=x, y=y, color=colour),
            now.mark_point(size=110, opacity=1).encode(x=x, y=y, color=colour, tooltip=tooltip),
            now.transform_filter("datum.points != 0").mark_text(align="left", dx=10, fontWeight=600)
            .encode(x=x, y=y, text="text:N"),
        )
        .properties(height=340)
        .add_params(
            walk.choice("walk_penalty", word("feedback_penalty", language), list(strengths.values()), strengths[0.0]),
            walk.slider("walk_step", word("feedback_step", language), last // every, least // every),
            walk.said(said, f"walk_penalty + ' ' + {every} * walk_step"),
        ),
        title="The score keeps rising while the true reward turns down",
        subtitle=(
            f"Without a penalty the true reward goes from {course['first'].written(_one)} points to "
            f"{course['least'].written(_one)} at iteration {least} and {course['last'].written(_one)} at the end; with one of "
            f"{sweep.PENALTY:g} it ends at {mean(paths[sweep.PENALTY].iloc[:, -1]).written(_one)}."
        ),
        description=f"Lines of gains by iteration, means of {frame['seed'].nunique()} draws; thin lines of each true reward. "
        + " ".join(text for place, text in said.items() if int(place.split()[-1]) % (3 * every) == 0),
        source=_SWEEP,
    )  # fmt: skip


def _signed(value: float) -> str:
    return f"{value:+.2f}".replace("-", "−")


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
