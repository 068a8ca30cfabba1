"""Prose of a page, checked without being run: only known expressions, and no result number typed by hand.

The text is Markdown with Jinja2 expressions. It is parsed by the sandboxed environment and its syntax tree is walked;
nothing is rendered here.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping

from jinja2 import TemplateSyntaxError, nodes
from jinja2.sandbox import SandboxedEnvironment

from handful.base.problems import Problem, did_you_mean

ALLOWED_FILTERS = frozenset({"capitalize", "default", "first", "join", "last", "length", "lower", "trim", "upper"})
"""Filters that cannot make a number or a very long text."""

DEEPEST_LOOP = 2

_FORBIDDEN: tuple[tuple[type[nodes.Node], str], ...] = (
    (nodes.Import, "imports a template"),
    (nodes.FromImport, "imports from a template"),
    (nodes.Include, "includes a file"),
    (nodes.Extends, "extends a template"),
    (nodes.Block, "defines a block"),
    (nodes.Macro, "defines a macro"),
    (nodes.CallBlock, "calls a macro with a block"),
    (nodes.FilterBlock, "filters a block"),
    (nodes.ScopedEvalContextModifier, "switches escaping"),
    (nodes.EvalContextModifier, "switches escaping"),
    (nodes.Pow, "raises to a power"),
    (nodes.Mul, "multiplies"),
    (nodes.Div, "divides"),
    (nodes.FloorDiv, "divides"),
    (nodes.Mod, "formats or takes a remainder"),
)

_PEOPLE = (
    "adults?|adolescents?|children|child|infants?|people|persons?|patients?|women|woman|men|man|girls?|boys?|cases|"
    "case reports?|responders?|participants"
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

_LEVEL = re.compile(r"\s*(?:\w+\s+)?(?:interval|limits?)\b", re.IGNORECASE)
"""'95 % interval', '95 % confidence interval': the name of a method, not a result."""

_NOT_PROSE = re.compile(
    r"""
    \{\{.*?\}\} | \{%.*?%\} | \{\#.*?\#\}         # expressions, statements, comments of the template
    | <!--.*?-->                                  # comments of Markdown
    | `[^`\n]*`                                   # code
    | \[[^\]\n]*\]\([^)\n]*\)                     # a link, its words and its address
    | https?://\S+
    """,
    re.DOTALL | re.VERBOSE,
)


def check_prose(
    text: str,
    file: str,
    names: Mapping[str, Collection[str] | None],
    callables: Mapping[str, Collection[str] | None] | None = None,
    *,
    first_line: int = 1,
) -> list[Problem]:
    """Every problem of a page's prose.

    ``names`` are the values a text may show, each with the attributes it has (None: any that does not begin with an
    underscore). ``callables`` are the functions it may call, each with the ids its arguments may be (None: any).
    """
    problems = list(_expressions(text, file, names, callables or {}, first_line))
    problems.extend(_typed_numbers(text, file, first_line))
    return sorted(set(problems))


def _expressions(
    text: str,
    file: str,
    names: Mapping[str, Collection[str] | None],
    callables: Mapping[str, Collection[str] | None],
    first_line: int,
) -> Iterator[Problem]:
    shift = first_line - 1
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
    yield from _Walk(file, names, callables, shift).walk(tree)


class _Walk:
    """The walk over one syntax tree."""

    def __init__(
        self,
        file: str,
        names: Mapping[str, Collection[str] | None],
        callables: Mapping[str, Collection[str] | None],
        shift: int,
    ) -> None:
        self.file, self.names, self.callables, self.shift = file, names, callables, shift

    def walk(self, tree: nodes.Template) -> Iterator[Problem]:
        own = {n.name for n in tree.find_all(nodes.Name) if n.ctx == "store"}
        own |= {"loop"} if tree.find(nodes.For) else set()
        stack: list[tuple[nodes.Node, int, bool]] = [(tree, 0, False)]
        while stack:
            node, loops, called = stack.pop()
            yield from self._look(node, own, loops, called)
            inner = loops + isinstance(node, nodes.For)
            for child in node.iter_child_nodes():
                stack.append((child, inner, isinstance(node, nodes.Call) and child is node.node))

    def _problem(self, node: nodes.Node, message: str, hint: str) -> Problem:
        return Problem(self.file, node.lineno + self.shift, "forbidden-in-prose", message, hint)

    def _look(self, node: nodes.Node, own: set[str], loops: int, called: bool) -> Iterator[Problem]:
        for kind, words in _FORBIDDEN:
            if isinstance(node, kind):
                yield self._problem(node, f"the text {words}", "a page's text shows values; it does not compute")
        if isinstance(node, nodes.Name) and node.ctx == "load" and not called:
            yield from self._name(node, own)
        elif isinstance(node, nodes.Getattr | nodes.Getitem):
            yield from self._attribute(node)
        elif isinstance(node, nodes.Call):
            yield from self._call(node)
        elif isinstance(node, nodes.Output):
            yield from self._typed(node)
        elif isinstance(node, nodes.Filter) and node.name not in ALLOWED_FILTERS:
            yield self._problem(node, f"filter `{node.name}` is not allowed", did_you_mean(node.name, ALLOWED_FILTERS))
        elif isinstance(node, nodes.For) and loops >= DEEPEST_LOOP:
            yield self._problem(node, f"loops are nested deeper than {DEEPEST_LOOP}", "write the text out")

    def _typed(self, node: nodes.Output) -> Iterator[Problem]:
        """Numbers typed inside an expression: {{ 4 }}, {{ "1 of 4" }}."""
        stack = [child for child in node.nodes if not isinstance(child, nodes.TemplateData)]
        while stack:
            part = stack.pop()
            if isinstance(part, nodes.Call | nodes.Compare | nodes.Getitem):
                continue  # arguments, conditions and positions are not shown
            if isinstance(part, nodes.Const):
                value = part.value
                number = isinstance(value, int | float) and not isinstance(value, bool)
                if number or (isinstance(value, str) and TYPED.search(value)):
                    yield Problem(
                        self.file, part.lineno + self.shift, "typed-number", f"{value!r} is typed by hand", _FROM_COUNTS
                    )
            stack.extend(part.iter_child_nodes())

    def _name(self, node: nodes.Name, own: set[str]) -> Iterator[Problem]:
        if node.name in own or node.name in self.names:
            return
        if node.name in self.callables:
            yield self._problem(node, f"`{node.name}` must be called", f'for example {node.name}("…")')
            return
        choices = [*self.names, *self.callables]
        yield self._problem(node, f"`{node.name}` is not known here", did_you_mean(node.name, choices))

    def _attribute(self, node: nodes.Getattr | nodes.Getitem) -> Iterator[Problem]:
        if isinstance(node, nodes.Getattr):
            name: object = node.attr
        else:
            name = node.arg.value if isinstance(node.arg, nodes.Const) else None
            if name is None and not isinstance(node.arg, nodes.Slice):
                hint = "write the name out after a dot"
                yield self._problem(node, "a part is looked up by a computed name", hint)
        if isinstance(name, str) and name.startswith("_"):
            hint = "parts whose name begins with _ are not for pages"
            yield self._problem(node, f"`{name}` is not allowed", hint)
            return
        if isinstance(node.node, nodes.Name) and isinstance(name, str):
            allowed = self.names.get(node.node.name)
            if allowed is not None and name not in allowed:
                yield self._problem(node, f"`{node.node.name}` has no `{name}`", did_you_mean(name, allowed))

    def _call(self, node: nodes.Call) -> Iterator[Problem]:
        if not isinstance(node.node, nodes.Name):
            what = f"`{node.node.attr}()`" if isinstance(node.node, nodes.Getattr) else "something computed"
            yield self._problem(node, f"the text calls {what}", f"only these are called: {_listed(self.callables)}")
            return
        name = node.node.name
        if name not in self.callables:
            yield self._problem(node, f"the text calls `{name}`", did_you_mean(name, self.callables))
            return
        allowed = self.callables[name]
        if allowed is None:
            return
        for argument in node.args:
            if isinstance(argument, nodes.Const) and argument.value not in allowed:
                message = f"{name}({argument.value!r}): there is no such {name if name != 'comparison' else 'group'}"
                yield self._problem(argument, message, did_you_mean(argument.value, allowed))


def _listed(names: Collection[str]) -> str:
    return ", ".join(sorted(names)) or "nothing"


def _typed_numbers(text: str, file: str, first_line: int) -> Iterator[Problem]:
    """Result numbers typed into the words, outside expressions, code and links."""
    bare = _NOT_PROSE.sub(lambda m: re.sub(r"[^\n]", "\x00", m.group()), text)
    for match in TYPED.finditer(bare):
        found = match.group()
        if re.search(r"%|per", found) and _LEVEL.match(bare, match.end()):
            continue
        line = bare.count("\n", 0, match.start()) + first_line
        yield Problem(
            file,
            line,
            "typed-number",
            f"“{' '.join(found.replace(chr(0), '…').split())}” is typed by hand",
            _FROM_COUNTS,
        )
