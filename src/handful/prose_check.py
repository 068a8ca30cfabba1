"""Prose of a page, checked without being run: only known expressions, no typed result number, no claim beyond counts.

The text is Markdown with Jinja2 expressions. It is parsed by the sandboxed environment and its syntax tree is walked;
nothing is rendered here. The page itself lets through what this lets through, and no more.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Literal, TypeAlias

from jinja2 import TemplateSyntaxError, nodes
from jinja2.sandbox import SandboxedEnvironment

from handful.base.problems import Problem, did_you_mean
from handful.words.bare_text import without_expressions
from handful.words.claim_rules import claim_rules
from handful.words.claims import find_claims
from handful.words.evidence_behind import EvidenceBehind
from handful.words.language import language
from handful.words.offers import Offers, offers_without_expressions
from handful.words.plain_letters import plain_letters

LONGEST_TEXT = 60_000

FILTERS = frozenset({"capitalize"})
"""What a value may be passed through."""

ALLOWED = (
    nodes.Template,
    nodes.Output,
    nodes.TemplateData,
    nodes.Name,
    nodes.Getattr,
    nodes.Call,
    nodes.Const,
    nodes.If,
    nodes.CondExpr,
    nodes.Compare,
    nodes.Operand,
    nodes.And,
    nodes.Or,
    nodes.Not,
    nodes.Filter,
)
"""What a text may be made of: values, calls of the page's own functions, and `if`."""

GROUP_VALUES = frozenset(
    {"count", "events", "total", "interval_per_100", "range_per_100", "sentence", "studies", "people", "name"}
)
CASE_VALUES = frozenset({"count", "improved", "stated_count", "stated_improved", "name"})
"""What a text may show of a group, and of case reports."""

_WORDS_FOR = {
    "import": "imports a template",
    "fromimport": "imports from a template",
    "include": "includes a file",
    "extends": "extends a template",
    "macro": "defines a macro",
    "for": "loops",
    "assign": "sets a name",
    "pow": "raises to a power",
    "mul": "multiplies",
    "getitem": "looks a part up in brackets",
    "mod": "formats or takes a remainder",
}

_PEOPLE = (
    "adults?|adolescents?|children|child|infants?|people|persons?|patients?|women|woman|men|man|girls?|boys?|cases|"
    "case\\s+reports?|responders?|participants"
)
_WORD = "none|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve"
TYPED = re.compile(
    rf"""
    \b\d+\s+(?:out\s+)?of\s+(?:the\s+|all\s+)?(?:\d+\b|(?:{_WORD})\b)       # 1 of 4, 1 out of the four
    | \b(?:{_WORD})\s+(?:out\s+)?of\s+(?:the\s+|all\s+)?\d+\b              # one of 4
    | \b(?:{_WORD})\s+(?:out\s+)?of\s+(?:the\s+|all\s+)?(?:{_WORD})\s+(?:{_PEOPLE})\b   # one of four adults
    | \b\d+\s+in\s+(?!(?:1[5-9]|2[01])\d\d\b)\d+\b                         # 1 in 4, not 'in 2019'
    | \b\d+\s*/\s*\d+\b                                                    # 1/4
    | \b\d+(?:[.,]\d+)?\s*(?:%|per\s?cent\b|percent\b)                     # 25 %
    | \b\d+\s+(?:{_PEOPLE})\b                                              # 4 adults
    | \x00\s+(?:out\s+)?of\s+(?:the\s+|all\s+)?\d+\b | \b\d+\s+(?:out\s+)?of\s+(?:the\s+|all\s+)?\x00   # half typed
    | \bp\s*[=<>]\s*0?\.\d+                                                # p = 0.03
    """,
    re.IGNORECASE | re.VERBOSE,
)
_FROM_COUNTS = """numbers come from the counts: {{ adults.count }}, {{ adults.interval_per_100 }}
the words of a source are quoted: {{ quote("source-id", "…") }}"""
_QUOTED = 'words of a source are quoted: {{ quote("source-id", "…") }}'
_QUOTED_HERE = "words of a source, and names of outcomes, stand in quotation marks: “…”"

_LEVEL = re.compile(r"\s*(?:\w+\s+)?(?:interval|limits?)\b", re.IGNORECASE)
"""'95 % interval', '95 % confidence interval': the name of a method, not a result."""

Parts: TypeAlias = "Mapping[str, Parts] | Collection[str] | None"
"""The parts of a value: their names, or names with parts of their own (None: any that does not begin with _)."""


def check_prose(
    text: str,
    file: str,
    names: Mapping[str, Parts],
    callables: Mapping[str, Collection[str] | None] | None = None,
    *,
    quoted: Callable[[str, str], bool] | None = None,
    first_line: int = 1,
    behind: Callable[[], EvidenceBehind] | None = None,
    offers: Offers | None = None,
) -> list[Problem]:
    """Every problem of a page's prose.

    ``names`` are the values a text may show, each with its parts. ``callables`` are the functions it may call, each
    with the ids its arguments may be (None: any; the function ``quote`` is asked about its first argument only).
    ``quoted`` says whether words stand in a recorded quote of a source. ``behind`` and ``offers``: see ``check_words``.
    """
    if len(text) > LONGEST_TEXT:
        message = f"has {len(text)} characters; {LONGEST_TEXT} is the most"
        return [Problem(file, first_line, "text-too-long", message, "tell it in fewer words")]
    walk = _Walk(file, names, callables or {}, quoted, first_line - 1)
    problems = list(_expressions(text, walk))
    return sorted({*problems, *check_words(text, file, first_line=first_line, behind=behind, offers=offers)})


def check_words(
    text: str,
    file: str,
    *,
    first_line: int = 1,
    behind: Callable[[], EvidenceBehind] | None = None,
    offers: Offers | None = None,
    numbers: Literal["computed", "told", "of-sources"] = "computed",
) -> list[Problem]:
    """Result numbers typed by hand, and words that claim more than counts carry, in a text without expressions too.

    ``numbers``: on a page they are ``computed``, so one that is typed is a problem; in a text that is no page's they
    are ``told``, and only those that mislead are; titles and reasons may name those ``of-sources``. ``behind`` gives
    the evidence the words rest on (without it, counts without a comparison); it is asked for only where a word needs
    some. ``offers`` is what may be written instead of words that claim too much.
    """
    typed = list(_typed_numbers(text, file, first_line)) if numbers == "computed" else []
    places = [place for place, _ in typed]
    problems = [problem for _, problem in typed]
    rules = claim_rules()
    offers = offers or offers_without_expressions(language())
    claims = find_claims(text, EvidenceBehind(), offers, rules, first_line=first_line)
    if behind is not None and any(one.id not in rules.numbers for one in claims):
        claims = find_claims(text, behind(), offers, rules, first_line=first_line)
    for found in claims:
        number = found.id in rules.numbers or found.rule == "W8"
        if number and (numbers == "of-sources" or any(a < found.end and found.start < b for a, b in places)):
            continue
        code = "number-misleads" if number else "claims-too-much"
        message = f"“{found.words.replace(chr(0), '…')}” ({found.rule}) {found.says}"
        quote = "" if number else f"\n{_QUOTED if offers.expressions else _QUOTED_HERE}"
        problems.append(Problem(file, found.line, code, message, f"{found.instead}{quote}"))
    return sorted(set(problems))


def _expressions(text: str, walk: _Walk) -> Iterator[Problem]:
    file, shift = walk.file, walk.shift
    try:
        tree = SandboxedEnvironment(autoescape=True).parse(text)
    except TemplateSyntaxError as error:
        message = f"cannot be read as a template: {error.message}"
        hint = "expressions stand between {{ and }}, and every {{ needs its }}"
        yield Problem(file, error.lineno + shift, "broken-template", message, hint)
        return
    except (RecursionError, MemoryError, OverflowError, ValueError):
        # ValueError: a number of more digits than Python converts
        yield Problem(file, 1 + shift, "broken-template", "cannot be read as a template", "make it simpler")
        return
    yield from walk.walk(tree)


class _Walk:
    """The walk over one syntax tree."""

    def __init__(
        self,
        file: str,
        names: Mapping[str, Parts],
        callables: Mapping[str, Collection[str] | None],
        quoted: Callable[[str, str], bool] | None,
        shift: int,
    ) -> None:
        self.file, self.names, self.callables, self.quoted, self.shift = file, names, callables, quoted, shift

    def walk(self, tree: nodes.Template) -> Iterator[Problem]:
        stack: list[nodes.Node] = [tree]
        while stack:
            node = stack.pop()
            if not isinstance(node, ALLOWED):
                kind = type(node).__name__.lower()
                hint = "a page's text shows values and says `if`; it does not compute, loop or define"
                yield self._problem(node, f"the text {_WORDS_FOR.get(kind, f'uses `{kind}`')}", hint)
                stack.extend(node.iter_child_nodes())
            elif isinstance(node, nodes.Getattr | nodes.Name):
                yield from self._value(node, stack)
            elif isinstance(node, nodes.Call):
                yield from self._call(node, stack)
            else:
                if isinstance(node, nodes.Output):
                    yield from self._typed(node)
                if isinstance(node, nodes.Filter) and node.name not in FILTERS:
                    hint = did_you_mean(node.name, FILTERS)
                    yield self._problem(node, f"filter `{node.name}` is not allowed", hint)
                stack.extend(node.iter_child_nodes())

    def _problem(self, node: nodes.Node, message: str, hint: str, code: str = "forbidden-in-prose") -> Problem:
        return Problem(self.file, node.lineno + self.shift, code, message, hint)

    def _typed(self, node: nodes.Output) -> Iterator[Problem]:
        """What is typed inside an expression and would be shown: {{ 4 }}, {{ "1 of 4" }}."""
        stack: list[nodes.Node] = [child for child in node.nodes if not isinstance(child, nodes.TemplateData)]
        while stack:
            part = stack.pop()
            if isinstance(part, nodes.Call | nodes.Compare | nodes.Getitem):
                continue  # arguments, conditions and positions are not shown
            if isinstance(part, nodes.Const):
                value = part.value
                number = isinstance(value, int | float) and not isinstance(value, bool)
                if number or (isinstance(value, str) and TYPED.search(value)):
                    yield self._problem(part, f"{value!r} is typed by hand", _FROM_COUNTS, "typed-number")
                else:
                    hint = "write words as text, outside {{ and }}"
                    yield self._problem(part, f"{value!r} is typed between {{{{ and }}}}", hint)
            stack.extend(part.iter_child_nodes())

    def _value(self, node: nodes.Getattr | nodes.Name, stack: list[nodes.Node]) -> Iterator[Problem]:
        """A value with its parts: `adults.count`, `also.any_regrowth.adults.count`, `study("…").title`."""
        chain: list[str] = []
        inner: nodes.Node = node
        while isinstance(inner, nodes.Getattr):
            chain.insert(0, inner.attr)
            inner = inner.node
        hidden = [part for part in chain if part.startswith("_")]
        if hidden:
            hint = "parts whose name begins with _ are not for pages"
            yield self._problem(node, f"`{hidden[0]}` is not allowed", hint)
            return
        if not isinstance(inner, nodes.Name):
            stack.append(inner)
            return
        if inner.name not in self.names:
            if inner.name in self.callables:
                hint = f'for example {inner.name}("…")'
                yield self._problem(node, f"`{inner.name}` must be called", hint)
                return
            hint = did_you_mean(inner.name, [*self.names, *self.callables])
            yield self._problem(node, f"there is no `{inner.name}` on this page", hint, "unknown-in-prose")
            return
        parts, said = self.names[inner.name], inner.name
        for part in chain:
            if parts is None:
                return
            if part not in parts:
                hint = did_you_mean(part, parts)
                yield self._problem(node, f"`{said}` has no `{part}`", hint, "unknown-in-prose")
                return
            parts = parts[part] if isinstance(parts, Mapping) else ()
            said = f"{said}.{part}"
        if parts:
            message = f"`{said}` cannot be shown as it is"
            yield self._problem(node, message, f"show a part of it: {_listed(parts)}", "unknown-in-prose")

    def _call(self, node: nodes.Call, stack: list[nodes.Node]) -> Iterator[Problem]:
        if not isinstance(node.node, nodes.Name):
            what = f"`{node.node.attr}()`" if isinstance(node.node, nodes.Getattr) else "something computed"
            yield self._problem(node, f"the text calls {what}", f"only these are called: {_listed(self.callables)}")
            stack.append(node.node)
            return
        name = node.node.name
        if name not in self.callables:
            yield self._problem(node, f"the text calls `{name}`", did_you_mean(name, self.callables))
            return
        words = [a.value for a in node.args if isinstance(a, nodes.Const) and isinstance(a.value, str)]
        if len(words) != len(node.args) or node.kwargs or node.dyn_args or node.dyn_kwargs:
            hint = f'for example {{{{ {name}("…") }}}}'
            yield self._problem(node, f"`{name}` takes words in quotation marks", hint)
            return
        allowed = self.callables[name]
        if allowed is None:
            return
        kind = {"comparison": "group", "quote": "source"}.get(name, name)
        for word in words[:1] if name == "quote" else words:
            if word not in allowed:
                message = f"{name}({word!r}): there is no such {kind}"
                yield self._problem(node, message, did_you_mean(word, allowed), f"unknown-{kind}")
                return
        if name == "quote" and self.quoted is not None and len(words) > 1 and not self.quoted(words[0], words[1]):
            message = f"the words “{words[1][:80]}” stand in no quote of `{words[0]}`"
            hint = "quote words that a number, a conflict or a claim of that source carries as `quote:`"
            yield self._problem(node, message, hint, "quote-not-in-records")


def _listed(names: Collection[str]) -> str:
    return ", ".join(sorted(names)) or "nothing"


def _typed_numbers(text: str, file: str, first_line: int) -> Iterator[tuple[tuple[int, int], Problem]]:
    """Result numbers typed into the words, outside expressions, code and links; each with its place in the text."""
    own = plain_letters(without_expressions(text))
    for match in TYPED.finditer(own.text):
        if re.search(r"%|per", match.group()) and _LEVEL.match(own.text, match.end()):
            continue
        start, end = own.place(*match.span())
        line = text.count("\n", 0, start) + first_line
        shown = match.group().replace(chr(0), "…") if chr(0) in match.group() else text[start:end]
        found = " ".join(shown.split())
        yield (start, end), Problem(file, line, "typed-number", f"“{found}” is typed by hand", _FROM_COUNTS)
