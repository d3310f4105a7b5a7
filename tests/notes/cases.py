"""Scenarios whose notes are tested, a title that means harm, and the text of a note."""

from analysis import paths
from analysis.notes.blocks import Note, Table, Text
from analysis.scenarios.reading import load

H100 = load(paths.SCENARIOS / "h100-sxm-bf16.yml")
H20, H100_SERVING = (load(paths.SCENARIOS / "notes" / f"{name}-serving.yml") for name in ("h20", "h100"))
HOSTILE = '<script>alert(1)</script> #eval(1) *b* `x` $y$ @z \\ & "q" [[]] {{}}'


def text_of(note: Note) -> str:
    parts = []
    for section in note.sections:
        for block in section.blocks:
            if isinstance(block, Text):
                parts.append(block.text)
            elif isinstance(block, Table):
                parts += [block.caption, *block.frame.columns, *block.frame.to_numpy().flatten()]
    return "\n".join(map(str, parts))
