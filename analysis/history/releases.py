"""Language models by date: who released them, of which kind, how large, and with how much compute; from `data/`.

Two lists serve two ends. `selected` (data/models.csv) knows architectures and reaches into 2026, but is a selection.
`listed` (data/language_models.csv) is Epoch AI's list, larger and chosen by rules, so trends are fitted to it.
"""

from datetime import date

import pandas as pd
from pydantic import field_validator

from analysis import facts, trends
from analysis.settings import Settings
from analysis.suggest import nearest
from analysis.trends import Trend

#: The deck's beginning, and the day that it calls the outbreak.
SINCE = "2018-06"
CHATGPT = date(2022, 11, 30)
#: Kinds of architecture, each with the words of data/models.csv that mean it.
KINDS = {
    "Encoder, as BERT": ("encoder",),
    "Encoder and decoder, as T5": ("enc-dec", "enc-dec MoE"),
    "Decoder, as GPT": ("decoder", "decoder + RLHF"),
    "Decoder with experts": (
        "decoder MoE", "decoder MoE (MLA)", "decoder MoE (rumoured)", "decoder MoE (linear attention)",
        "decoder MoE (hybrid linear attention)",
    ),
}  # fmt: skip
OTHERS = "Mixed, or not told"
#: What is measured of a model: its title, and its unit.
MEASURES = {"parameters": ("Parameters", "parameters"), "training_flop": ("Training compute", "FLOP")}
#: Companies by the names that Epoch AI's list has for them and their laboratories.
COMPANIES = {
    "Google": ("Google", "Google Brain", "Google Research", "Google DeepMind", "DeepMind"),
    "Meta": ("Meta AI", "Facebook AI Research", "Facebook"),
    "OpenAI": ("OpenAI",),
    "Microsoft": ("Microsoft", "Microsoft Research"),
    "NVIDIA": ("NVIDIA",),
    "Anthropic": ("Anthropic",),
    "Mistral AI": ("Mistral AI",),
    "xAI": ("xAI",),
    "Alibaba": ("Alibaba",),
    "Tsinghua and Zhipu": ("Tsinghua University", "Zhipu AI"),
    "Baidu": ("Baidu",),
    "ByteDance": ("ByteDance",),
    "DeepSeek": ("DeepSeek",),
    "MiniMax": ("MiniMax",),
    "BAAI": ("Beijing Academy of Artificial Intelligence / BAAI",),
    "SenseTime": ("SenseTime",),
    "01.AI": ("01.AI",),
    "Tencent": ("Tencent",),
    "Moonshot": ("Moonshot",),
    "Huawei": ("Huawei",),
}
CHINESE = frozenset(list(COMPANIES)[list(COMPANIES).index("Alibaba") :])
#: Provinces and cities of data/china_models.csv that are told apart.
PLACES = {
    "北京": "Beijing", "广东": "Guangdong", "上海": "Shanghai", "浙江": "Zhejiang", "江苏": "Jiangsu",
    "山东": "Shandong", "福建": "Fujian", "四川": "Sichuan",
}  # fmt: skip
ELSEWHERE = "Elsewhere, or not told"
USES = {True: "General use (通用)", False: "A trade or a science"}
_CHINA = "China|Hong Kong"


class ReleaseError(ValueError):
    """A model, a measure or a kind that is not known; the message names the nearest."""


class Compared(Settings):
    """The settings of the notebook on growth: the model of Epoch AI's list that is held against the trend."""

    model: str

    @field_validator("model")
    @classmethod
    def _known(cls, name: str) -> str:
        if pd.isna(model(name)["training_flop"]):
            raise ReleaseError(f"the training compute of {name!r} is not known; choose a model whose compute is")
        return name


def selected() -> pd.DataFrame:
    """Return `data/models.csv` since SINCE, with `year`, `kind` (one of KINDS or OTHERS) and `china`."""
    frame = facts.read("models")
    frame = frame[frame["date"] >= SINCE].reset_index(drop=True)
    kinds = {word: kind for kind, words in KINDS.items() for word in words}
    return frame.assign(
        year=trends.in_years(frame["date"]),
        kind=frame["family"].map(kinds).fillna(OTHERS),
        china=frame["country_or_region"].str.contains(_CHINA),
    )


def releases() -> pd.DataFrame:
    """Return `selected` with one row a release: sizes that came out on one day count once, by the largest."""
    frame = selected().sort_values("parameters", ascending=False, na_position="last")
    return frame.drop_duplicates(["organization", "date", "kind"]).sort_values("year", ignore_index=True)


def listed() -> pd.DataFrame:
    """Return Epoch AI's language models with `year` and `china`: whether an organisation of China took part."""
    frame = facts.read("language_models")
    return frame.assign(year=trends.in_years(frame["date"]), china=frame["country_or_region"].fillna("").str.contains(_CHINA))


def model(name: str) -> pd.Series:
    """Return the row of one model of Epoch AI's list. Raises ReleaseError."""
    frame = listed().set_index("model")
    if name not in frame.index:
        raise ReleaseError(f"model {name!r} is not in data/language_models.csv{nearest(name, frame.index)}")
    return frame.loc[name]


def trended(measure: str) -> pd.DataFrame:
    """Return the notable models since SINCE whose `measure` is known, as `value`, doubtful ones too. Raises ReleaseError."""
    if measure not in MEASURES:
        raise ReleaseError(f"there is no measure {measure!r}{nearest(measure, MEASURES)} There are: {', '.join(MEASURES)}")
    frame = listed().rename(columns={measure: "value"})
    return frame[(frame["notable"] == "yes") & (frame["date"] >= SINCE) & frame["value"].notna()].reset_index(drop=True)


def growth(measure: str, *, china: bool | None = None, after: float = 0, until: float = 9999) -> Trend:
    """Return the growth of `measure` among notable models published from `after` until `until`, in years.

    `china`: of models in which China took part, of the others, or (None) of all. Models that are not verified are left
    out. Raises ReleaseError and TrendError.
    """
    frame = trended(measure)
    chosen = (frame["verified"] != "no") & (frame["year"] >= after) & (frame["year"] < until)
    if china is not None:
        chosen &= frame["china"] == china
    return trends.fit(frame.loc[chosen, "year"], frame.loc[chosen, "value"])


def scatter(measure: str, share: float = 0.8) -> float:
    """Return the factor from the least to the most that the middle `share` of models are off the trend of `measure`."""
    frame, line = trended(measure), growth(measure)
    frame = frame[frame["verified"] != "no"]
    low, high = (frame["value"] / line.at(frame["year"])).quantile([(1 - share) / 2, (1 + share) / 2])
    return float(high / low)


def by_company() -> pd.DataFrame:
    """Return a row for each model of Epoch AI's list and each of COMPANIES that made it, in their order."""
    known = {name: company for company, names in COMPANIES.items() for name in names}
    frame = listed().assign(company=lambda rows: rows["organization"].fillna("").str.split(", "))
    frame = frame.explode("company").assign(company=lambda rows: rows["company"].map(known)).dropna(subset="company")
    frame = frame.drop_duplicates(["company", "model"])
    frame["home"] = frame["company"].isin(CHINESE)
    order = frame["company"].map(list(COMPANIES).index)
    return frame.iloc[order.argsort(kind="stable")].reset_index(drop=True)


def around_chatgpt() -> dict[str, int]:
    """Return the models of Epoch AI's list in the year before ChatGPT's day and in the year from it, by `china`."""
    frame, (day,) = listed(), trends.in_years([CHATGPT.isoformat()])
    before, after = frame["year"].between(day - 1, day, "left"), frame["year"].between(day, day + 1, "left")
    return {
        "china before": int((before & frame["china"]).sum()),
        "china after": int((after & frame["china"]).sum()),
        "others before": int((before & ~frame["china"]).sum()),
        "others after": int((after & ~frame["china"]).sum()),
    }


def with_experts() -> pd.DataFrame:
    """Return models of experts whose parameters, all and active, are known and no rumour, by date, with `active_share`."""
    frame = selected().dropna(subset=["parameters", "active_parameters"])
    frame = frame[frame["verified"] != "no"].sort_values("year", ignore_index=True)
    return frame.assign(active_share=frame["active_parameters"] / frame["parameters"])


def contexts() -> pd.DataFrame:
    """Return models whose longest context is known and no rumour, by date."""
    frame = selected().dropna(subset="context")
    return frame[frame["verified"] != "no"].sort_values("year", ignore_index=True)


def access_by_year() -> pd.DataFrame:
    """Return how many models of Epoch AI's list came out with each kind of access, by year; unknown access left out."""
    frame = listed().dropna(subset="access")
    frame = frame[frame["date"] >= SINCE]
    kind = frame["access"].str.startswith("Open weights").map({True: "Open weights", False: ""})
    kind = kind.where(kind != "", frame["access"].map(lambda text: "Unreleased" if text == "Unreleased" else "Hosted only"))
    counts = frame.assign(kind=kind, year=frame["date"].str[:4].astype(int)).groupby(["year", "kind"]).size()
    shares = counts / counts.groupby("year").transform("sum")
    return pd.DataFrame({"models": counts, "share": shares}).reset_index()


def china() -> pd.DataFrame:
    """Return `data/china_models.csv` with `place_english` (of PLACES or ELSEWHERE) and `use` (of USES)."""
    frame = facts.read("china_models")
    return frame.assign(
        place_english=frame["place"].str[:2].map(PLACES).fillna(ELSEWHERE),
        use=(frame["category"] == "通用").map(USES),
    )
