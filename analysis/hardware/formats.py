"""Number formats by name: one vocabulary for scenarios, settings, runs and data sheets, in whatever case they are written."""

#: The precision of data sheets, whose peak it runs at, of each format that settings and runs name. Those with a scale for
#: each block of numbers (MX formats, NVFP4) run at the peak of their element.
SHEET = {
    "fp64": "FP64", "fp32": "FP32", "tf32": "TF32", "bf16": "BF16", "fp16": "FP16", "fp8": "FP8", "mxfp8": "FP8",
    "int8": "INT8", "nvfp4": "FP4", "mxfp4": "FP4",
}  # fmt: skip
#: Other names that people give a format; data sheets say no more of 4 bits than FP4.
_ALSO = {
    "bfloat16": "bf16", "float16": "fp16", "half": "fp16", "float32": "fp32", "float64": "fp64", "float8": "fp8", "fp4": "nvfp4",
}  # fmt: skip


def named(text: str) -> str:
    """Return the format that `text` names as settings and runs name it, "bf16"; an unknown name as it is."""
    bare = text.strip().casefold()
    name = _ALSO.get(bare, bare)
    return name if name in SHEET or name == "int4" else text.strip()


def on_sheet(text: str) -> str:
    """Return the precision that `text` names as data sheets name it, "BF16"; an unknown name as it is."""
    return SHEET.get(named(text), text.strip())
