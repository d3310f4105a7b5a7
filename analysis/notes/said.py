"""What a note says, text by text, so that two of the same note can be told apart without their looks."""

from analysis.notes.blocks import Note, Table, Text

_BETWEEN = " › "


def said(note: Note) -> dict[str, str]:
    """Return each paragraph and each cell of the note's tables by where it stands; its receipt is left out.

    A cell is named by its section, the first cell of its row and its column, a paragraph by its section and its number there.
    """
    texts: dict[str, str] = {}
    for section in note.sections:
        if section.is_receipt:
            continue
        paragraphs = 0
        for block in section.blocks:
            if isinstance(block, Text):
                paragraphs += 1
                texts[_BETWEEN.join((section.title, f"¶ {paragraphs}"))] = block.text
            elif isinstance(block, Table):
                first, *others = block.frame.columns
                for row in block.frame.astype(str).to_dict("records"):
                    texts |= {_BETWEEN.join((section.title, row[first], column)): row[column] for column in others}
    return texts
