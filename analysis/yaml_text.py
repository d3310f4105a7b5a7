"""A YAML file as people write scenarios and records: `field: value` lines, with the lists and fields of a value deeper.

Values stay the text that was written, so that `--set`, a file and the page's fields are read by one rule: YAML would read
`0x10` and `1e3` in ways of its own. Aliases, merge keys and tags are refused, and so is what is nested deeper than is asked:
files of a few lines could grow without end. The parser is PyYAML's in C, which takes a tenth of the time of one in Python.
"""

from collections.abc import Iterator
from typing import Any

import yaml
from yaml import events

from analysis.quote import quote

_NOTHING = ("", "~", "null")


class YamlTextError(ValueError):
    """Text that is no mapping of texts; the message names the line."""


def mapping(text: str, noun: str = "a scenario", deepest: int = 1) -> dict[str, Any]:
    """Return the fields of a YAML text, each with a text, None, or lists or mappings of these, at most `deepest` deep.

    Raises YamlTextError, which calls the text `noun`.
    """
    try:
        document = _document(yaml.parse(text, Loader=yaml.CSafeLoader), noun, deepest)
    except yaml.MarkedYAMLError as exc:
        mark = exc.problem_mark or exc.context_mark
        line = f"line {mark.line + 1}: " if mark else ""
        raise YamlTextError(f"{line}this is not YAML: {exc.problem or exc.context}") from exc
    except (yaml.YAMLError, ValueError, RecursionError) as exc:
        if isinstance(exc, YamlTextError):
            raise
        raise YamlTextError(f"this is not YAML: {str(exc).splitlines()[0]}") from exc
    if document is None:
        raise YamlTextError(f"the file is empty; {noun} is a list of 'field: value' lines")
    if not isinstance(document, dict):
        raise YamlTextError(f"{noun} is a list of 'field: value' lines; this is not one")
    return document


def _document(stream: Iterator[Any], noun: str, deepest: int) -> Any:
    """Return the one document of a stream of YAML's events, or None."""
    content, documents = None, 0
    for event in stream:
        if isinstance(event, events.DocumentStartEvent):
            documents += 1
            if documents > 1:
                raise _refused(event, f"a second document begins here; {noun} is one")
        elif isinstance(event, events.NodeEvent):
            content = _node(event, stream, deepest)
    return content


def _node(event: Any, stream: Iterator[Any], deepest: int) -> Any:
    """Return what begins with `event`, in which lists and fields are nested at most `deepest` deep."""
    if isinstance(event, events.AliasEvent):
        raise _refused(event, f"the alias *{event.anchor[:40]} is not read; write the value itself")
    if event.tag is not None:
        raise _refused(event, "tags, which begin with '!', are not read; write the value alone")
    if isinstance(event, events.ScalarEvent):
        return None if not event.style and event.value in _NOTHING else event.value
    if deepest < 0:
        raise _refused(event, "lists or fields are nested too deep here; write 'field: value'")
    if isinstance(event, events.SequenceStartEvent):
        return [_node(item, stream, deepest - 1) for item in _until(stream, events.SequenceEndEvent)]
    items: dict[str, Any] = {}
    for key in _until(stream, events.MappingEndEvent):
        if not isinstance(key, events.ScalarEvent):
            raise _refused(key, "a field's name is missing; write 'field: value'")
        if key.value == "<<" and not key.style:
            raise _refused(key, "merge keys, '<<', are not read; write the fields themselves")
        if key.value in items:
            raise _refused(key, f"this is not YAML: {quote(key.value)} is given twice")
        items[key.value] = _node(next(stream), stream, deepest - 1)
    return items


def _until(stream: Iterator[Any], end: type) -> Iterator[Any]:
    """Yield the events that begin the parts of a list or a mapping, up to its end."""
    while not isinstance(event := next(stream), end):
        yield event


def _refused(event: Any, why: str) -> YamlTextError:
    return YamlTextError(f"line {event.start_mark.line + 1}: {why}")
