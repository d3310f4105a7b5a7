"""What 2N leaves out: attention's share of the forward FLOP, by context length."""

import altair as alt
import numpy as np
import pandas as pd

from analysis.figures.render import figure
from analysis.figures.tooltips import tips
from analysis.scenarios import sizing

_CONTEXT_AXIS = alt.Axis(
    values=[256, 1024, 4096, 16_384, 65_536],
    labelExpr="datum.value < 1024 ? format(datum.value, 'd') : format(datum.value / 1024, 'd') + 'k'",
)
_SHARE_AXIS = alt.Axis(
    values=[0.001, 0.01, 0.1, 1, 10],
    labelExpr="datum.value > 1 ? format(datum.value, ',') + ' ×' : format(datum.value, '~%')",
)


def attention_share(sizes: pd.DataFrame, context: int) -> alt.LayerChart:
    """Return attention's FLOP as a share of 2N against context length, for each size of GPT-3.

    `sizes` is `data/gpt3_sizes.csv`; `context` is the length to mark.
    """
    lengths = np.geomspace(256, 65_536, 33)
    frame = pd.concat(
        [
            pd.DataFrame(
                {
                    "model": f"{row.params_table_2_1}",
                    "context": lengths,
                    "share": share_of_weights(row.params_table_D_1_million * 1e6, row.n_layers, row.d_model, lengths),
                }
            )
            for row in sizes.itertuples()
        ],
        ignore_index=True,
    )
    largest, smallest = sizes.iloc[-1], sizes.iloc[0]
    large, small = (
        share_of_weights(row.params_table_D_1_million * 1e6, row.n_layers, row.d_model, context) for row in (largest, smallest)
    )
    lines = (
        alt.Chart(frame)
        .mark_line()
        .encode(
            x=alt.X(
                "context:Q",
                title="Context length, tokens (k = 1,024)",
                scale=alt.Scale(type="log", base=2, nice=False),
                axis=_CONTEXT_AXIS,
            ),
            y=alt.Y("share:Q", title="Attention, share of 2N", scale=alt.Scale(type="log"), axis=_SHARE_AXIS),
            color=alt.Color("model:O", sort=None, title="GPT-3 with", legend=alt.Legend(columns=4)),
            tooltip=tips("model:N | Parameters", "context:Q | Context | ,.0f", "share:Q | Share of 2N | .1%"),
        )
    )
    mark = alt.Chart(pd.DataFrame([{"context": context}])).mark_rule(strokeDash=[4, 4], aria=False).encode(x="context:Q")
    return figure(
        alt.layer(lines, mark).properties(height=320),
        title="Long contexts break the rule of two FLOP a parameter",
        subtitle=f"At {context:,} tokens, 2N misses {large:.1%} of GPT-3's work, and {small:.0%} of its smallest sibling's.",
        description=(
            "Attention's FLOP as a share of 2N, against context length, both logarithmic, for the eight sizes of "
            f"GPT-3. The share grows in proportion to the context and is smaller in larger models: at {context:,} "
            f"tokens {large:.1%} for the largest, {small:.1%} for the smallest."
        ),
        source="Brown et al. 2020, tables 2.1 and D.1; FLOP as counted on this page",
    )


def share_of_weights(parameters, layers, width, context):
    """Return attention's forward FLOP as a share of 2N; works on floats and arrays."""
    return layers * sizing.layer_attention_flop_per_token(width, context) / sizing.inference_flop(parameters, 1)
