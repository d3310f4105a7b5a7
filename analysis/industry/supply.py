"""The supply of computing power: chips over time, prices, and what is installed, from `data/`."""

from collections.abc import Sequence

import pandas as pd

from analysis import facts, trends
from analysis.economics import ownership, prices
from analysis.hardware import accelerators
from analysis.hardware.accelerators import AcceleratorError
from analysis.inference import deployments, inference_offsets, pass_time
from analysis.inference.deployments import Deployment, DeploymentError
from analysis.models.architecture import ArchitectureError
from analysis.serving import token_cost
from analysis.suggest import nearest
from analysis.trends import Trend

#: Makers of the chips that China calls domestic (国产芯片).
DOMESTIC = (
    "Huawei", "Cambricon", "Hygon", "Biren", "Moore Threads", "MetaX", "Iluvatar CoreX", "Baidu Kunlunxin",
    "Alibaba T-Head", "Tencent",
)  # fmt: skip
#: What is measured of a chip: its title, and the unit in which it is shown over SI.
MEASURES = {
    "flop_per_second": ("Dense 16-bit peak", "TFLOPS", 1e12),
    "bandwidth": ("Memory bandwidth", "TB/s", 1e12),
    "memory": ("Memory", "GB", 1e9),
    "flop_per_joule": ("Peak a watt", "TFLOPS/W", 1e12),
    "flop_per_byte": ("Peak over bandwidth", "FLOP/byte", 1),
}
#: The work on which chips are compared: a model of open weights, on a server of eight.
MODEL, SERVER, PROMPT, CONTEXT, MOST_REQUESTS = "Llama-3.1-70B", 8, 2048, 2048, 256
#: The chips that are put to it beside China's own.
COMPARED = ("A100 SXM4 80GB", "A800 SXM4 80GB", "H100 SXM5", "H800 SXM5", "H20", "H200 SXM", "Ascend 910B2", "Ascend 910C")
#: Answers among all tokens, as Artificial Analysis and Epoch AI blend prices.
ANSWER_SHARE = 0.25
_SHORT_COUNTRIES = {
    "United States of America": "USA",
    "United Kingdom of Great Britain and Northern Ireland": "United Kingdom",
    "Korea (Republic of)": "Korea",
    "United Arab Emirates": "UAE",
}
_WORK_COLUMNS = [
    "chip", "verified", "link_assumed", "batch", "prefill", "decode", "prompt_dollars", "answer_dollars", "blended_dollars",
    "why_not",
]  # fmt: skip


class SupplyError(ValueError):
    """A measure or a chip that supply does not have; the message names the nearest."""


def chips() -> pd.DataFrame:
    """Return accelerators that shipped, with a 16-bit peak and a date: `year`, measures in SI units, whether `domestic`."""
    table = accelerators.table()
    frame = pd.DataFrame(
        {
            "vendor": table["vendor"],
            "domestic": table["vendor"].isin(DOMESTIC),
            "verified": table["verified"],
            "date": table["release_date"],
            "flop_per_second": table["bf16_dense_tflops"].fillna(table["fp16_dense_tflops"]) * 1e12,
            "bandwidth": table["mem_bw_tbs"] * 1e12,
            "memory": table["memory_gb"] * 1e9,
            "watts": table["tdp_w"],
        }
    )
    frame = frame[(table["status"] == "shipped") & frame["flop_per_second"].notna() & frame["date"].notna()]
    frame["flop_per_joule"] = frame["flop_per_second"] / frame["watts"]
    frame["flop_per_byte"] = frame["flop_per_second"] / frame["bandwidth"]
    frame["year"] = trends.in_years(frame["date"])
    return frame.rename_axis("chip").reset_index()


def growth(measure: str, *, domestic: bool) -> Trend:
    """Return how a measure of chips grew a year; of chips with a mark of "no" nothing is taken. Raises SupplyError."""
    if measure not in MEASURES:
        raise SupplyError(f"there is no measure {measure!r}{nearest(measure, MEASURES)}; there are: {', '.join(MEASURES)}")
    frame = chips()
    frame = frame[(frame["domestic"] == domestic) & (frame["verified"] != "no") & frame[measure].notna()]
    return trends.fit(frame["year"], frame[measure])


def rented() -> pd.DataFrame:
    """Return quotes to rent one accelerator for an hour without commitment: `chip`, `seller`, `kind`, `basis`, `date`, `year`,
    `dollars`, and `flop_per_dollar`, the dense 16-bit peak that a dollar rents."""
    frame = prices.quotes().dropna(subset=["chip"])
    frame["year"] = trends.in_years(frame["date"])
    peak = chips().set_index("chip")["flop_per_second"]
    frame["flop_per_dollar"] = frame["chip"].map(peak) * 3600 / frame["dollars"]
    return frame.dropna(subset=["flop_per_dollar"]).reset_index(drop=True)


def bought() -> pd.DataFrame:
    """Return prices to buy one accelerator, not a server, new: `chip`, `date`, `year`, `dollars`, `rate_per_dollar`.

    The last is the dense 16-bit peak in FLOP/s that a dollar bought.
    """
    rows = facts.read("gpu_prices")
    column = "usd_purchase_per_gpu"
    rows = rows[(rows["kind"] == "purchase") & rows[column].gt(0) & rows["chip"].isin(prices.NAMED)]
    rows = rows[rows["gpus_in_listing"].fillna(1) == 1]
    frame = pd.DataFrame(
        {
            "chip": rows["chip"].map(prices.NAMED),
            "date": rows["date"],
            "year": trends.in_years(rows["date"]),
            "dollars": rows[column],
            "seller": rows["vendor_or_seller"],
        }
    )
    peak = chips().set_index("chip")["flop_per_second"]
    frame["rate_per_dollar"] = frame["chip"].map(peak) / frame["dollars"]
    return frame.dropna(subset=["rate_per_dollar"]).reset_index(drop=True)


def purchase_trend() -> Trend:
    """Return how the price to buy one and the same chip changed a year, all chips sharing the rate."""
    frame = bought()
    return trends.fit(frame["year"], frame["dollars"], frame["chip"])


def purchase_value_trend() -> Trend:
    """Return how the peak that a dollar buys grew a year, over all chips and sellers."""
    frame = bought()
    return trends.fit(frame["year"], frame["rate_per_dollar"])


def value_trend() -> Trend:
    """Return how the peak FLOP a rented dollar buys grew a year, over all chips, at clouds of one kind."""
    frame = rented()
    frame = frame[frame["kind"] == prices.KINDS[0]]
    return trends.fit(frame["year"], frame["flop_per_dollar"])


def same_work(names: Sequence[str]) -> pd.DataFrame:
    """Return what each chip does of one work, by the engine: `prefill` and `decode` in tokens a second and chip.

    A server of eight answers with `MODEL` in 16 bits: prompts of `PROMPT` tokens, one at a time, and decoding at a
    context of `CONTEXT` with as many requests as fit, at most `MOST_REQUESTS`. `prompt_dollars`, `answer_dollars` and
    `blended_dollars` (`ANSWER_SHARE` of the tokens are answers) are what a million tokens cost the owner, by
    `analysis.economics.ownership`; NaN without a price. `link_assumed`: its links are not published, so that
    `machine.USUAL_LINK` stands for them. A chip whose data do not suffice has `why_not`.
    """
    rows = []
    for name in names:
        about = accelerators.table().loc[name]
        row = {"chip": name, "verified": about["verified"], "link_assumed": bool(pd.isna(about["interconnect_gbs"]))}
        try:
            deployment = server(name)
            batch = min(float(deployments.largest_batch(deployment, CONTEXT)), MOST_REQUESTS)
            slower, _ = inference_offsets.slower(deployment)
            decode = pass_time.tokens_per_second_per_chip(deployment, batch, CONTEXT).item() / slower
            prefill = PROMPT / pass_time.prefill_seconds(deployment, 1, PROMPT).item() / SERVER / slower
            row |= {"batch": batch, "prefill": prefill, "decode": decode}
            hour = ownership.hour(name)
            if hour > 0:  # not where no price is known
                cost = token_cost.of_speeds(hour, prefill, decode, ANSWER_SHARE)
                row |= {"prompt_dollars": cost.input, "answer_dollars": cost.output, "blended_dollars": cost.blended}
        except (AcceleratorError, ArchitectureError, DeploymentError) as exc:
            row["why_not"] = str(exc)
        rows.append(row)
    return pd.DataFrame(rows).reindex(columns=_WORK_COLUMNS)


def server(chip: str) -> Deployment:
    """Return the server that `same_work` is done on. Raises AcceleratorError, ArchitectureError or DeploymentError."""
    return deployments.deploy(MODEL, chip, weight_precision=deployments.usual_16bit(chip), tensor=SERVER)


def owners() -> pd.DataFrame:
    """Return the accelerators of NVIDIA by owner at the end of the last complete quarter, most first."""
    frame = facts.read("chips_by_owner")
    frame = frame[frame["incomplete"] == "no"]
    return frame[frame["date"] == frame["date"].max()].sort_values("h100_equivalents", ascending=False)


def known_clusters() -> pd.DataFrame:
    """Return the rows of data/clusters.csv that exist, count in Epoch AI's own analysis, and say how large they are."""
    frame = facts.read("clusters")
    frame = frame[(frame["status"] == "existing") & (frame["in_standard_analysis"] == "yes")]
    return frame[(frame["possible_duplicate"] == "no") & frame["h100_equivalents"].notna()]


def countries(most: int = 8) -> pd.DataFrame:
    """Return known existing clusters by country or region: `clusters`, `h100_equivalents`; the `most` largest, and the rest."""
    frame = known_clusters()
    frame["country_or_region"] = frame["country_or_region"].fillna("not named").replace(_SHORT_COUNTRIES)
    sums = frame.groupby("country_or_region").agg(clusters=("cluster", "size"), h100_equivalents=("h100_equivalents", "sum"))
    sums = sums.sort_values("h100_equivalents", ascending=False)
    rest = sums.iloc[most:].sum().rename("others")
    return pd.concat([sums.head(most), rest.to_frame().T]).rename_axis("country_or_region").reset_index()


def sold_to_china() -> pd.DataFrame:
    """Return the accelerators made for China that were sold in each quarter, from the cumulative medians.

    Columns `chip`, `date`, `chips` and `h100_equivalents`.
    """
    frame = facts.read("chips_by_type")
    frame = frame[frame["chip"].isin(["A800", "H800", "H20"]) & (frame["incomplete"] == "no")].sort_values("date")
    for column in ("chips", "h100_equivalents"):
        frame[column] = frame.groupby("chip")[column].diff().fillna(frame[column])
    return frame[["chip", "date", "chips", "h100_equivalents"]].reset_index(drop=True)


def stock(names: Sequence[str]) -> pd.DataFrame:
    """Return all that was sold of each type of chip so far, with 5th and 95th percentile. Raises SupplyError."""
    frame = facts.read("chips_by_type")
    frame = frame[frame["incomplete"] == "no"].sort_values("date").groupby("chip").last()
    for name in names:
        if name not in frame.index:
            raise SupplyError(f"there is no chip {name!r} among those sold{nearest(name, frame.index)}")
    return frame.loc[list(names)]
