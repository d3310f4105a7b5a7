"""The directive `python-interface`: the public names of the package, from their signatures and docstrings."""

import dataclasses
import inspect
import re

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

import analysis


class PythonInterface(SphinxDirective):
    """Every name of `analysis.__all__`: functions first, then what they take and return."""

    def run(self):
        things = [(name, getattr(analysis, name)) for name in analysis.__all__]
        for _, thing in things:
            self.env.note_dependency(inspect.getsourcefile(thing))
        things.sort(key=lambda pair: (inspect.isclass(pair[1]), pair[0].casefold()))
        return [nodes.definition_list("", *(described(name, thing) for name, thing in things), classes=["python-interface"])]


def described(name, thing):
    """Return one name with its signature, what it is, and its members if it is a class."""
    text = f"{name}{_signature(thing)}" if inspect.isfunction(thing) else name
    body = nodes.definition("", *paragraphs(inspect.getdoc(thing) or ""))
    if inspect.isclass(thing) and (listed := list(members(thing))):
        items = [
            nodes.definition_list_item("", nodes.term("", "", nodes.literal("", label)), nodes.definition("", *paragraphs(said)))
            for label, said in listed
        ]
        body += nodes.definition_list("", *items)
    return nodes.definition_list_item("", nodes.term("", "", nodes.literal("", text)), body)


def members(thing):
    """Yield the label and the text of each public member: fields in one, then methods and properties with a docstring."""
    if dataclasses.is_dataclass(thing):
        fields = ", ".join(f"{field.name}: {_type(field.type)}" for field in dataclasses.fields(thing))
        yield f"{thing.__name__}({fields})", ""
    for name, member in vars(thing).items():
        function = member.fget if isinstance(member, property) else getattr(member, "func", getattr(member, "__func__", member))
        if name.startswith("_") or not callable(function) or not inspect.getdoc(function):
            continue
        called = "" if isinstance(member, property) or hasattr(member, "func") else _signature(function)
        yield f"{name}{called}", inspect.getdoc(function)


def paragraphs(text):
    """Return a docstring as paragraphs, code in it as code."""
    return [nodes.paragraph("", "", *_inline(" ".join(part.split()))) for part in text.split("\n\n") if part.strip()]


def _inline(text):
    return [nodes.literal("", part[1:-1]) if part.startswith("`") else nodes.Text(part)
            for part in re.split(r"(`[^`]+`)", text) if part]  # fmt: skip


def _signature(function):
    """Return the arguments of a function without types, `self` and `cls`."""
    parameters = [one for one in inspect.signature(function).parameters.values() if one.name not in ("self", "cls")]
    bare = [one.replace(annotation=inspect.Parameter.empty) for one in parameters]
    return str(inspect.Signature(bare))


def _type(kind):
    return kind if isinstance(kind, str) else getattr(kind, "__name__", str(kind))


def setup(app):
    app.add_directive("python-interface", PythonInterface)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
