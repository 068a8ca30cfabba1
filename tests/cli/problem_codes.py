"""Every problem code that the package can report, read from its source."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import handful

PACKAGE = Path(handful.__file__).parent
CODE = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")

#: calls that make a problem, and which argument is its code
MAKERS = {
    "Problem": (2, "code"),
    "_wrong": (3, "code"),
    "find": (3, "code"),
    "repeated": (2, "code"),
    "problem": (None, "code"),
    "_problem": (None, "code"),
    "_Refused": (1, "code"),
    "Fault": (1, "code"),
    "ProseError": (0, "code"),
    "PydanticCustomError": (0, "error_type"),
}
#: codes made from a part: `unknown-{kind}`
PATTERNS = {
    "unknown-{}": ["source", "study", "treatment", "class", "outcome", "instrument", "question", "ladder", "conflict",
                   "group", "harm", "claim"],
}  # fmt: skip


def codes_in_source() -> dict[str, str]:
    """Code → the file that reports it."""
    found: dict[str, str] = {}
    for file in sorted(PACKAGE.rglob("*.py")):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        name = file.relative_to(PACKAGE).as_posix()
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                for code in _codes_of_call(node):
                    found.setdefault(code, name)
            # code, message = "this-code", "…"    and    code = "a" if … else "b"
            if isinstance(node, ast.Assign) and "code" in ast.unparse(node.targets[0]).replace("(", "").split(", ")[:1]:
                value = node.value.elts[0] if isinstance(node.value, ast.Tuple) else node.value
                for code in _constants(value):
                    found.setdefault(code, name)
            if (
                file.name == "yaml_files.py"
                and isinstance(node, ast.Assign)
                and "_PLAIN" in ast.unparse(node).split("=")[0]
            ):
                assert isinstance(node.value, ast.Dict)
                for value in node.value.values:
                    assert isinstance(value, ast.Tuple)
                    for code in _constants(value.elts[0]):
                        found.setdefault(code, name)
    for pattern, kinds in PATTERNS.items():
        for kind in kinds:
            found.setdefault(pattern.format(kind), "names")
    return found


def _codes_of_call(node: ast.Call) -> list[str]:
    called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    if called not in MAKERS:
        return []
    position, keyword = MAKERS[called]
    chosen = [k.value for k in node.keywords if k.arg == keyword]
    if position is not None and len(node.args) > position:
        chosen.append(node.args[position])
    elif position is None:  # a local maker: whichever plain word among its arguments is a code
        chosen += [a for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str) and "-" in a.value]
    codes = [code for value in chosen for code in _constants(value)]
    return [c.replace("_", "-") for c in codes] if called == "PydanticCustomError" else codes


def _constants(node: ast.expr) -> list[str]:
    """The plain words an expression may be."""
    if isinstance(node, ast.IfExp):
        return _constants(node.body) + _constants(node.orelse)
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        word = node.value.replace("_", "-")
        return [word] if CODE.fullmatch(word) else []
    return []
