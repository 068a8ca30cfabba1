"""The author's text: Markdown whose numbers are expressions. Nothing else can be called, and nothing can hang.

A text is parsed by a sandboxed Jinja2; only expressions, attributes, calls of the functions below and simple
conditions are let through. What an expression gives is put in after the Markdown has been made into HTML and cleaned,
so that neither Markdown nor HTML in a record can take effect.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from jinja2 import StrictUndefined, TemplateSyntaxError, nodes
from jinja2.exceptions import SecurityError, UndefinedError
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

from handful.base.problems import Problem, did_you_mean
from handful.prose_check import ALLOWED, FILTERS, LONGEST_TEXT
from handful.site.links import Linker
from handful.site.markup import clean_text, markdown, sentence_html
from handful.site.prose_values import CALLS, NAMES, ProseError, ProseValues, Shown, capitalize, names_for
from handful.site.site import Site
from handful.synthesis.synthesis import Synthesis


@dataclass(frozen=True)
class Prose:
    """A text made ready, or what is wrong with it."""

    html: Markup
    problems: tuple[Problem, ...] = ()
    numbers: tuple[str, ...] = ()


def render(site: Site, answer: Synthesis, linker: Linker, text: str, file: str, *, first_line: int = 1) -> Prose:
    """The author's text as HTML, every number in it linked to where it is explained."""
    if not text.strip():
        return Prose(Markup(""))
    if len(text) > LONGEST_TEXT:
        problem = Problem(file, first_line, "text-too-long", f"has {len(text)} characters", "tell it in fewer words")
        return Prose(Markup(""), (problem,))
    return _Renderer(site, answer, linker, file, first_line).render(clean_text(text))


class _Renderer:
    """Renders one text."""

    def __init__(self, site: Site, answer: Synthesis, linker: Linker, file: str, first_line: int) -> None:
        self.site, self.linker, self.file = site, linker, file
        self.shift = first_line - 1
        self.pieces: list[Shown] = []
        known = ProseValues(site, answer, linker)
        self.values, self.calls = known.values, known.calls

    def render(self, text: str) -> Prose:
        environment = ImmutableSandboxedEnvironment(
            autoescape=False, undefined=StrictUndefined, finalize=self._put, keep_trailing_newline=True
        )
        environment.globals.clear()
        environment.filters = {"capitalize": capitalize}
        environment.tests = {}
        try:
            tree = environment.parse(text)
        except TemplateSyntaxError as error:
            hint = "expressions stand between {{ and }}, and every {{ needs its }}"
            message = f"cannot be read as a template: {error.message}"
            return self._failed([self._problem(error.lineno, "broken-template", message, hint)])
        except (RecursionError, MemoryError, ValueError):
            return self._failed(
                [self._problem(1, "broken-template", "cannot be read as a template", "make it simpler")]
            )
        problems = self._look(tree)
        if problems:
            return self._failed(problems)
        try:
            filled = environment.from_string(tree).render({**self.values, **self.calls})
        except (UndefinedError, SecurityError, TypeError, ValueError, ProseError) as error:
            message = getattr(error, "message", None) or str(error)
            return self._failed([self._problem(1, "broken-template", str(message), "")])
        numbers = [n.name for shown in self.pieces for n in shown.sentence.numbers]
        return Prose(Markup(self._fill(markdown(filled))), (), tuple(numbers))

    # --- checks, output

    def _look(self, tree: nodes.Template) -> list[Problem]:
        """Forbidden constructs, unknown names, attributes, functions and ids; every one, with its line."""
        problems = []
        stack: list[nodes.Node] = [tree]
        while stack:
            node = stack.pop()
            if not isinstance(node, ALLOWED):
                kind = type(node).__name__.lower()
                hint = "a page's text shows values and says `if`; it does not compute, loop or define"
                problems.append(self._problem(_line(node), "forbidden-in-prose", f"the text uses `{kind}`", hint))
            elif isinstance(node, nodes.Call):
                problems.extend(self._look_at_call(node))
            elif isinstance(node, nodes.Name | nodes.Getattr):
                problems.extend(self._look_at_value(node))
            else:
                problems.extend(self._look_at_words(node))
                stack.extend(node.iter_child_nodes())
        return problems

    def _look_at_words(self, node: nodes.Node) -> list[Problem]:
        """Words or numbers that are typed where a value should stand, and filters."""
        problems = []
        shown: list[nodes.Node] = list(node.nodes) if isinstance(node, nodes.Output) else []
        if isinstance(node, nodes.CondExpr):
            shown = [branch for branch in (node.expr1, node.expr2) if branch is not None]
        for child in shown:
            if isinstance(child, nodes.Const):
                hint = "write words as text; numbers come from values such as `overall.count`"
                message = "shows what is typed between {{ and }}"
                problems.append(self._problem(_line(child), "forbidden-in-prose", message, hint))
        if isinstance(node, nodes.Filter) and node.name not in FILTERS:
            message = f"filter `{node.name}` is not allowed"
            problems.append(self._problem(_line(node), "forbidden-in-prose", message, did_you_mean(node.name, FILTERS)))
        return problems

    def _look_at_call(self, node: nodes.Call) -> list[Problem]:
        name = node.node.name if isinstance(node.node, nodes.Name) else ""
        if name not in self.calls:
            message = f"calls `{name or 'a value'}`, which is no function of this page"
            return [self._problem(node.lineno, "forbidden-in-prose", message, did_you_mean(name, self.calls))]
        constants = [a.value for a in node.args if isinstance(a, nodes.Const) and isinstance(a.value, str)]
        if len(constants) != len(node.args) or node.kwargs or node.dyn_args or node.dyn_kwargs:
            message = f"`{name}` takes words in quotation marks"
            return [self._problem(node.lineno, "forbidden-in-prose", message, f'for example {{{{ {name}("…") }}}}')]
        try:
            self.calls[name](*constants)
        except ProseError as error:
            return [self._problem(node.lineno, error.code, error.message, error.hint)]
        except TypeError:
            message = f"`{name}` takes another number of words"
            return [self._problem(node.lineno, "forbidden-in-prose", message, "see the list of expressions")]
        return []

    def _look_at_value(self, node: nodes.Name | nodes.Getattr) -> list[Problem]:
        chain: list[str] = []
        inner: nodes.Node = node
        while isinstance(inner, nodes.Getattr):
            chain.insert(0, inner.attr)
            inner = inner.node
        if isinstance(inner, nodes.Call):
            problems = self._look_at_call(inner)
            if problems or not isinstance(inner.node, nodes.Name):
                return problems
            value: Any = self.calls[inner.node.name](*(a.value for a in inner.args if isinstance(a, nodes.Const)))
            said = f"{inner.node.name}(…)"
        elif isinstance(inner, nodes.Name):
            if inner.name not in self.values:
                known = {*self.values, *self.calls}
                message = f"there is no `{inner.name}` on this page"
                return [self._problem(node.lineno, "unknown-in-prose", message, did_you_mean(inner.name, known))]
            value, said = self.values[inner.name], inner.name
        else:
            return self._look_inside(inner)
        for attribute in chain:
            known = set(vars(value)) if hasattr(value, "__dict__") and not isinstance(value, Shown) else set()
            if attribute.startswith("_"):
                message = f"`{said}.{attribute}` is not for texts"
                return [self._problem(node.lineno, "forbidden-in-prose", message, did_you_mean(attribute, known))]
            if attribute not in known:
                message = f"`{said}` has no `{attribute}`"
                return [self._problem(node.lineno, "unknown-in-prose", message, did_you_mean(attribute, known))]
            value, said = getattr(value, attribute), f"{said}.{attribute}"
        if not isinstance(value, Shown):
            message = f"`{said}` cannot be shown as it is"
            return [self._problem(node.lineno, "unknown-in-prose", message, did_you_mean("", set(vars(value))))]
        return []

    def _look_inside(self, node: nodes.Node) -> list[Problem]:
        message = "reads an attribute of something that is no value of this page"
        return [self._problem(node.lineno, "forbidden-in-prose", message, "show values by their names")]

    def _problem(self, line: int, code: str, message: str, hint: str) -> Problem:
        return Problem(self.file, line + self.shift, code, message, hint)

    @staticmethod
    def _failed(problems: list[Problem]) -> Prose:
        return Prose(Markup(""), tuple(problems))

    def _put(self, value: Any) -> str:
        """What an expression gives is kept aside, and a mark that no text can hold stands in its place."""
        if not isinstance(value, Shown):
            raise ProseError("unknown-in-prose", "this value cannot be shown as it is")
        self.pieces.append(value)
        return f"\ue000{len(self.pieces) - 1}\ue001"

    def _fill(self, html: str) -> str:
        """The kept values in the place of their marks; a number word that begins a sentence gets a capital letter."""

        def made(match: re.Match[str]) -> str:
            shown = self.pieces[int(match.group(2))]
            if shown.as_word and match.group(1) is not None:
                shown = capitalize(shown)
            return (match.group(1) or "") + str(sentence_html(shown.sentence, self.linker, self.site))

        return re.sub(r"((?:<p>|<li>|[.!?…][”»)]?\s+))?\ue000(\d+)\ue001", made, html)


def _line(node: nodes.Node) -> int:
    """The line of a node; a few kinds have none of their own, so it is that of the first thing inside."""
    found: int | None = node.lineno
    if found is not None:
        return found
    return next((_line(child) for child in node.iter_child_nodes() if child.lineno is not None), 1)


__all__ = ["CALLS", "NAMES", "Prose", "Shown", "names_for", "render"]
