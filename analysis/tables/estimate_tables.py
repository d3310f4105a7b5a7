"""Tables of the chapters, as DataFrames of text with units in their heads."""

import pandas as pd

from analysis import facts, numerals
from analysis.deck import audit
from analysis.hardware import accelerators, number_formats
from analysis.models import breakdown, ledger
from analysis.models.architecture import Architecture, load
from analysis.models.architecture import table as architectures
from analysis.models.parallelism import Parallelism
from analysis.scenarios import sizing
from analysis.scenarios.assumption import NOT_GIVEN
from analysis.scenarios.comparison import Comparison
from analysis.scenarios.estimate import RESULTS, Estimate, Inference, Training, estimate
from analysis.scenarios.scenario import ASSUMPTIONS, DECK, Scenario
from analysis.scenarios.titles import assumption_title
from analysis.training import memory_plans, scaling

#: Assumptions whose field is not how people write them.


def assumptions(scenario: Scenario) -> pd.DataFrame:
    """Return every assumption: its name, the scenario's value, the deck's, its source and how far that was verified."""
    rows = []
    for name, about in ASSUMPTIONS.items():
        value, deck = getattr(scenario, name), getattr(DECK, name)
        if name == "peak":
            value, deck = scenario.peak_flop_per_second, DECK.peak_flop_per_second
        is_set = name in scenario.sources or getattr(scenario, name) != getattr(DECK, name)
        verified = "as computed" if name in scenario.derived else "as given" if is_set else about.verified
        if name == "peak" and scenario.peak is None:
            verified = accelerators.row(scenario.accelerator)["verified"]
        rows.append(
            {
                "Assumption": f"{assumption_title(name)} ({about.chinese})",
                "This scenario": about.written(value),
                "The deck": about.written(deck) if about.decks else "–",
                "Verified": verified,
                "Source of the scenario's value": scenario.source(name),
            }
        )
    return pd.DataFrame(rows)


def given_assumptions(scenario: Scenario) -> pd.DataFrame:
    """Return `assumptions` without those that neither the scenario nor the deck makes."""
    table = assumptions(scenario)
    return table[(table[["This scenario", "The deck"]] != NOT_GIVEN).any(axis=1)]


def steps(scenario: Scenario, part: str, printed: dict[str, str]) -> pd.DataFrame:
    """Return the results of `part` ("training" or "inference") step by step: the scenario, the deck's assumptions,
    and what the deck prints (`printed`, by the name of the result)."""
    results, deck = estimate(scenario).flat(), estimate(DECK).flat()
    return pd.DataFrame(
        [
            {
                "Step": title,
                "This scenario": write(results[name]),
                "The deck's assumptions, recomputed": write(deck[name]),
                "The deck prints": printed.get(name, "–"),
            }
            for name, (title, write) in RESULTS.items()
            if name.startswith(f"{part}.")
        ]
    )


def scenarios(results: dict[str, tuple[Scenario, Estimate]]) -> pd.DataFrame:
    """Return one row a scenario, from its file's name and its estimate."""
    return pd.DataFrame(
        [
            {
                "Scenario": scenario.title,
                "File": name,
                "To train: accelerators (servers)": _machines(result.training),
                "To serve: accelerators (servers)": _machines(result.inference),
            }
            for name, (scenario, result) in results.items()
        ]
    )


def changed_assumptions(comparison: Comparison) -> pd.DataFrame:
    """Return the assumptions that differ between two scenarios, and what they are in each."""
    return pd.DataFrame(
        [[assumption_title(change.name), change.before_written, change.after_written] for change in comparison.changes],
        columns=["Assumption", *_two_titles(comparison)],
    )


def changed_results(comparison: Comparison) -> pd.DataFrame:
    """Return the results that differ between two scenarios, most changed first."""
    rows = []
    for effect in comparison.effects:
        title, write = RESULTS[effect.name]
        work = effect.name.partition(".")[0].capitalize()
        rows.append([f"{work}: {title}", write(effect.before), write(effect.after), _factor(effect.ratio)])
    return pd.DataFrame(rows, columns=["Result", *_two_titles(comparison), "Factor"])


def factors(comparison: Comparison, result: str) -> pd.DataFrame:
    """Return what each change, alone, multiplies `result` by, largest first, and what only their interplay explains."""
    rows = [[", ".join(map(assumption_title, step.names)), _factor(step.factor)] for step in comparison.steps[result]]
    rest = comparison.rest[result]
    if abs(rest - 1) > 1e-9:
        rows.append(["Their interplay", _factor(rest)])
    return pd.DataFrame(rows, columns=["Changed alone", "Factor"])


def _factor(value: float) -> str:
    return f"×\N{NO-BREAK SPACE}{numerals.significant(value)}"


def _two_titles(comparison: Comparison) -> tuple[str, str]:
    """Return the titles of both scenarios, told apart where they are the same."""
    before, after = comparison.before.title, comparison.after.title
    return (before, after) if before != after else (f"{before} (first)", f"{after} (second)")


def _machines(part: Training | Inference) -> str:
    return f"{numerals.whole(part.accelerators)} ({numerals.whole(part.servers)})"


def claims() -> pd.DataFrame:
    """Return every claim of the deck with its recomputed value, its verdict, and why."""
    return pd.DataFrame(
        [
            {
                "Claim": f"{row.claim_en}\n{row.claim_zh}",
                "Printed": _plain(row.printed, row.unit),
                "Recomputed": _recomputed(row.recomputed, row.compare),
                "Verdict, and why": f"{row.verdict.capitalize()}. {'' if pd.isna(row.reason) else row.reason}\n{source(row)}",
            }
            for row in audit.claims().itertuples()
        ]
    )


def verdicts() -> pd.DataFrame:
    """Return how many claims got each verdict, and what it means."""
    counts = audit.claims()["verdict"].value_counts()
    return pd.DataFrame(
        [
            {"Verdict": name, "Claims": numerals.whole(counts[name]), "Meaning": meaning}
            for name, meaning in audit.VERDICTS.items()
            if name in counts
        ]
    )


def flop_per_token(sizes: pd.DataFrame, context: int, vocabulary: int) -> pd.DataFrame:
    """Return forward FLOP a token by part for each size of GPT-3, from its shape, beside 2N.

    `sizes` is `data/gpt3_sizes.csv`; `context` and `vocabulary` are in tokens.
    """
    rows = []
    for row in sizes.itertuples():
        weights = row.n_layers * sizing.layer_matmul_flop_per_token(row.d_model)
        unembedding = sizing.vocabulary_flop_per_token(row.d_model, vocabulary)
        attention = row.n_layers * sizing.layer_attention_flop_per_token(row.d_model, context)
        rule = sizing.inference_flop(row.params_table_D_1_million * 1e6, 1)
        rows.append(
            {
                "GPT-3 with": row.params_table_2_1,
                "Weights": numerals.scientific(weights),
                "Vocabulary": numerals.scientific(unembedding),
                "Attention": numerals.scientific(attention),
                "All": numerals.scientific(weights + unembedding + attention),
                "2N": numerals.scientific(rule),
                "All ÷ 2N": f"{(weights + unembedding + attention) / rule:.3f}",
            }
        )
    return pd.DataFrame(rows)


def peaks(scenario: Scenario) -> pd.DataFrame:
    """Return the dense peaks of the scenario's accelerator, one row a precision, and the peak that it gives itself."""
    known = accelerators.is_known(scenario.accelerator)
    rows = {
        precision: accelerators.peak_flop_per_second(scenario.accelerator, precision)
        for precision in (accelerators.precisions(scenario.accelerator) if known else ())
    }
    if scenario.peak:
        rows[f"{scenario.precision}, as given in the scenario"] = scenario.peak
    return pd.DataFrame(
        [{"Precision": precision, "Dense peak, TFLOPS": numerals.plain(peak / 1e12)} for precision, peak in rows.items()]
    )


def operations(architecture: Architecture, context: int) -> pd.DataFrame:
    """Return the ledger by operation: parameters, and forward FLOP a token, in all and of one layer."""
    return pd.DataFrame(
        [
            {
                "Operation": row.operation,
                "Times": numerals.whole(row.repeats),
                "Parameters each": numerals.whole(row.parameters / row.repeats) if row.parameters else "–",
                "Parameters, all": numerals.words(row.parameters) if row.parameters else "–",
                "FLOP a token each": numerals.scientific(row.flop / row.repeats) if row.flop else "–",
                "FLOP a token, all": numerals.scientific(row.flop) if row.flop else "–",
            }
            for row in breakdown.by_operation(architecture, context).itertuples()
        ]
    )


def parameter_counts(models: list[str]) -> pd.DataFrame:
    """Return the parameters that each model's shape gives, beside the published count and what papers print."""
    counts = ledger.published_counts()
    rows = []
    for name in models:
        shape, row = load(name), counts.loc[name]
        exact = row["params_last_digit"] == 1
        agrees = abs(row["difference"]) <= row["params_last_digit"] / 2
        note = architectures().loc[name, "note"]
        rows.append(
            {
                "Model, layers × width": f"{name}\n{shape.n_layers} × {shape.d_model:,}",
                "Counted": numerals.whole(row["params_computed"]),
                "Published": numerals.whole(row["params_published"]) if exact else numerals.words(row["params_published"], 4),
                "Agree": "yes" if agrees else "no",
                "Note": "–" if pd.isna(note) else note[0].upper() + note[1:],
            }
        )
    return pd.DataFrame(rows)


def conventions(architecture: Architecture, sequence: int, utilization: float) -> pd.DataFrame:
    """Return training FLOP a token by convention, and what `utilization` by 6ND is in each."""
    frame = breakdown.convention_flop(architecture)
    flop = frame["fixed"] + frame["slope"] * sequence
    rule = flop[frame["key"] == "6nd"].item()
    return pd.DataFrame(
        [
            {
                "Convention": row.convention,
                "Counts": row.counts,
                "FLOP a token": numerals.scientific(amount, 4),
                "÷ 6ND": f"{amount / rule:.3f}",
                "Utilization": numerals.percent(utilization * amount / rule, 3),
            }
            for row, amount in zip(frame.itertuples(), flop, strict=True)
        ]
    )


def number_format_table() -> pd.DataFrame:
    """Return the number formats: their bits, the largest number, and the gap from 1 to the next."""
    return pd.DataFrame(
        [
            {
                "Format": name,
                "Sign, exponent, fraction": f"{row.sign_bits} + {row.exponent_bits:.0f} + {row.fraction_bits:.0f}",
                "Bits in memory": numerals.whole(row.stored_bits),
                "Largest": numerals.plain(row.largest, 3),
                "From 1 to the next": numerals.plain(row.step, 3) if row.step >= 1e-3 else numerals.scientific(row.step),
                "Defined in": row.source,
            }
            for name, row in zip(number_formats.table().index, number_formats.table().itertuples(), strict=True)
        ]
    )


def peaks_of(chips: list[str]) -> pd.DataFrame:
    """Return the dense peaks of several accelerators in TFLOPS, one row a floating-point precision."""
    rows = []
    for precision in number_formats.precisions():
        row = {"TFLOPS in": precision}
        for chip in chips:
            has = precision in accelerators.precisions(chip)
            row[chip] = numerals.plain(accelerators.peak_flop_per_second(chip, precision) / 1e12) if has else "–"
        rows.append(row)
    return pd.DataFrame(rows)


def plans(architecture: Architecture, chosen: dict[str, Parallelism], sequence: int) -> pd.DataFrame:
    """Return the memory of one accelerator by plan, in GB."""
    titles = {"weights": "Weights", "gradients": "Gradients", "optimizer": "Optimizer",
              "activations": "Activations", "working": "Working", "total": "All"}  # fmt: skip
    return pd.DataFrame(
        [
            {"Plan": row.plan} | {f"{title}, GB": _gigabytes(getattr(row, name)) for name, title in titles.items()}
            for row in memory_plans.compare(architecture, chosen, sequence).itertuples()
        ]
    )


def _gigabytes(size: float) -> str:
    return f"{size / 1e9:,.0f}" if size >= 1e11 else f"{size / 1e9:.1f}"


def splits(scenario: Scenario) -> pd.DataFrame:
    """Return how each advice spends the scenario's training FLOP, and the loss that each fit predicts for it."""
    flop = sizing.training_flop(scenario.parameters, scenario.training_tokens)
    return pd.DataFrame(
        [
            {
                "Advice": split.name,
                "Parameters": numerals.words(split.parameters),
                "Tokens": numerals.words(split.tokens),
                "Tokens a parameter": numerals.significant(split.tokens / split.parameters, 2),
            }
            | {
                f"Loss by {name}": f"{fit.loss(split.parameters, split.tokens):.3f}"
                for name, fit in scaling.fits().items()
                if "unrounded" not in name
            }
            for split in scaling.splits(scenario.parameters, flop, "None: the scenario's own")
        ]
    )


def split_worth(scenario: Scenario) -> pd.DataFrame:
    """Return what the best split of the scenario's training FLOP is worth, by each fit."""
    flop = sizing.training_flop(scenario.parameters, scenario.training_tokens)
    rows = []
    for name, fit in scaling.fits().items():
        loss, best = fit.loss(scenario.parameters, scenario.training_tokens), fit.optimal_parameters(flop)
        rows.append(
            {
                "By the fit of": name,
                "Loss of the scenario": f"{loss:.3f}",
                "Lowest loss at its FLOP": f"{fit.loss(best, scaling.tokens_for(flop, best)):.3f}",
                "FLOP that reach the scenario's loss": numerals.percent(fit.flop_to_reach(loss) / flop),
                "FLOP to serve a token": numerals.percent(best / scenario.parameters),
            }
        )
    return pd.DataFrame(rows)


def scaling_fits() -> pd.DataFrame:
    """Return the constants of the published fits, with standard errors where they are published."""
    names = {"irreducible_loss": "E", "size_coefficient": "A", "size_exponent": "α", "data_coefficient": "B",
             "data_exponent": "β"}  # fmt: skip
    rows = []
    for _, row in facts.read("scaling_fits").iterrows():
        constants = {}
        for column, letter in names.items():
            error = row[f"{column}_error"]
            constants[letter] = f"{row[column]:g}" if pd.isna(error) else f"{row[column]:.6g} ± {error:g}"
        rows.append({"Fit": row["fit"]} | constants | {"Source": source(row).removeprefix("Source: ")})
    return pd.DataFrame(rows)


def printed(results: dict[str, str]) -> dict[str, str]:
    """Return what the deck prints for each result, as text; `results` maps results to keys of the deck's claims."""
    claims = facts.read("deck_claims").set_index("claim")
    return {name: _plain(claims.loc[key, "printed"], "") for name, key in results.items()}


def source(row) -> str:
    """Return the source of a row of the audit, and how far it was verified where that is less than fully."""
    return f"Source: {row.source}." + ("" if row.verified == "yes" else f" Verified: {row.verified}.")


def _recomputed(value: float, compare: str) -> str:
    if pd.isna(value):
        return "–"
    return f"{value:,.2f}" if compare == "count" else numerals.plain(value)


def _plain(text: str | float, unit: str | float) -> str:
    """Return a number of the deck, and its unit, as the chapters write them."""
    if pd.isna(text):
        return "–"
    try:
        number = numerals.plain(float(text))
    except ValueError:
        number = str(text)
    return number if pd.isna(unit) or unit == "date" or not unit else f"{number} {unit}"
