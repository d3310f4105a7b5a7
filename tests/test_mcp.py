"""The planner as tools for programs, asked by the protocol's own client: it answers as the command line does."""

import asyncio
import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from mcp import Client, StdioServerParameters

from analysis import paths
from tests.conftest import command

RUN = {"model": "Llama-3.1-405B", "tokens": "15.6e12", "accelerator": "H100 SXM5", "accelerators": 16384}
ASKED = [
    ("plan", {"fields": RUN}),
    ("model", {"name": "Llama-3.1-8B"}),
    ("chips", {}),
    ("chips", {"name": "h20"}),
    ("compare", {"chips": ["H100 SXM5", "H20"], "fields": {"model": "Llama-3.1-8B", "users": 100000}}),
    ("plan", {"fields": {"model": "Lama-3.1-8B", "tokens": "1e12"}}),
    ("plan", {"fields": {"model": "Llama-3.1-8B"}}),
    ("chips", {"name": "H10"}),
    ("compare", {"chips": [], "fields": {"model": "Llama-3.1-8B", "users": 1000}}),
]


def _rounded(text):
    """Return JSON with numbers of twelve digits: the last ones depend on how many threads add up."""
    return json.loads(text, parse_float=lambda digits: float(f"{float(digits):.12g}"))


async def _ask():
    started = StdioServerParameters(
        command=sys.executable, args=["-m", "analysis", "mcp"], env={"PYTHONPATH": str(paths.ROOT)}, cwd=str(paths.ROOT)
    )
    async with Client(started) as client:
        tools = (await client.list_tools()).tools
        return tools, [await client.call_tool(name, values) for name, values in ASKED]


@pytest.fixture(scope="module")
def answered():
    with ThreadPoolExecutor(1) as pool:  # this thread may have a loop of its own, as browsers leave one
        return pool.submit(asyncio.run, _ask()).result()


def test_it_has_the_tools_each_with_its_words(answered):
    tools, _ = answered
    assert {tool.name for tool in tools} == {"plan", "compare", "model", "chips"}
    assert all(len(tool.description) > 60 for tool in tools)


def test_a_plan_is_the_command_s(answered):
    told = _rounded(answered[1][0].content[0].text)
    options = [f"--{name}={value}" for name, value in RUN.items()]
    assert told == _rounded(command("plan", *options, "--json").stdout)
    hours = told["training"]
    assert hours["low_accelerator_hours"] < 30.84e6 < hours["high_accelerator_hours"]


def test_models_and_chips_are_told(answered):
    _, (_, model, names, chip, compared, *_) = answered
    assert json.loads(model.content[0].text) == json.loads(command("model", "Llama-3.1-8B", "--json").stdout)
    assert "H20" in json.loads(names.content[0].text)["chips"]
    h20 = json.loads(chip.content[0].text)
    assert (h20["peak_flop_per_second"]["BF16"], h20["memory_bytes"]) == (148e12, 96e9)
    rows = json.loads(compared.content[0].text)["chips"]
    assert {row["accelerator"] for row in rows} == {"H100 SXM5", "H20"}


@pytest.mark.parametrize(("index", "message"), [
    (5, "did you mean 'Llama-3.1-8B'"), (6, "say what the model does"), (7, "H10"), (8, "names no chip"),
])  # fmt: skip
def test_what_can_t_be_is_an_error_with_the_same_message(answered, index, message):
    result = answered[1][index]
    assert result.is_error and message in result.content[0].text and "Traceback" not in result.content[0].text


def test_without_the_sdk_it_says_what_to_install():
    code = "import sys; sys.modules['mcp'] = None; sys.argv = ['analysis', 'mcp']\nfrom analysis.cli import main\nmain()"
    done = subprocess.run([sys.executable, "-c", code], cwd=paths.ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, "pip install '.[mcp]'" in done.stderr, "Traceback" in done.stderr) == (2, True, False)
