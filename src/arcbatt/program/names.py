"""What the names and the syntax in a program file mean, apart from the primitives.

Two tables beside this module say it: `dialect.tsv` for the names of another dialect of the
language, `syntax.tsv` for Python's syntax that is not part of it.
"""

from __future__ import annotations

import ast
import builtins
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cache, cached_property, lru_cache
from pathlib import Path

from arcbatt.dsl import CONSTANTS, REGISTRY
from arcbatt.errors import ParseError

SUGGESTED_LENGTH = 40
"""Largest length of a name for which a similar one is looked for."""
FOREIGN = sys.stdlib_module_names | {"cv2", "numpy", "pandas", "scipy", "skimage", "torch"}
"""Modules that may have functions with the names of primitives, and another meaning."""
DIALECT = Path(__file__).with_name("dialect.tsv")
SYNTAX = Path(__file__).with_name("syntax.tsv")

WORDS_MAX = 40
"""Largest number of words in a name, with underscores between, that is taken apart."""
_PREFIXES = frozenset(
    (
        "solve",
        "solver",
        "solution",
        "verify",
        "verifier",
        "task",
        "generate",
        "transform",
        "program",
    )
)
_HEX = re.compile(r"(?<![0-9a-z])[0-9a-f]{8}(?![0-9a-z])")


@dataclass
class Module:
    """What a file defines and imports, for the functions in it.

    Attributes:
        file: name or path of the file, as it was given.
        functions: the functions that others may call, by name.
        constants: the expressions of names that are assigned outside of functions.
        prefixes: the names of modules whose members are the language's, as in ``dsl.vmirror``.
        renamed: the original names of what is imported under another one.
        foreign: the modules of names that come from somewhere else, such as numpy.
        hints: number of unknown names for which a similar one is still looked for.
        steps_max: largest number of expressions that a program inlines; each program that exceeds
            it halves it, so that a file of many such programs is read in bearable time.
    """

    file: str
    functions: dict[str, ast.FunctionDef] = field(default_factory=dict)
    constants: dict[str, ast.expr] = field(default_factory=dict)
    prefixes: set[str] = field(default_factory=lambda: {"dsl", "constants"})
    renamed: dict[str, str] = field(default_factory=dict)
    foreign: dict[str, str] = field(default_factory=dict)
    hints: int = 100
    steps_max: int = 200_000

    @cached_property
    def own(self) -> frozenset[str]:
        """The names that the file gives a meaning of its own."""
        return frozenset((*self.functions, *self.constants, *self.renamed, *self.foreign))


@dataclass
class Frame:
    """The names in a function, and the frame of the function around it."""

    names: dict[str, int | Inlined] = field(default_factory=dict)
    outer: Frame | None = None

    def find(self, name: str) -> int | Inlined | None:
        """Find a name here or further out; None if it is not there."""
        found = self.names.get(name)
        if found is None and self.outer is not None:
            return self.outer.find(name)
        return found


@dataclass(frozen=True)
class Inlined:
    """A function that is inlined where it is called.

    Attributes:
        name: name of the function, or "this lambda".
        arguments: the parameters.
        body: the lines of the function, or the expression of a lambda.
        outer: the frame in which it was defined; None for a function of the module.
    """

    name: str
    arguments: ast.arguments
    body: list[ast.stmt] | ast.expr
    outer: Frame | None = None


Pattern = tuple[tuple[int | str, ...], ast.expr | str]
"""The arguments of a call (a number that must stand there, or the name of a parameter), and the
expression for such a call, or the reason why there is none."""


@dataclass(frozen=True)
class Meaning:
    """What a name of the dialect means in ours.

    Attributes:
        ours: expression with the same meaning; None if only some calls of it have one.
        calls: the calls that are read, where the meaning depends on a number.
        reason: the reason why it has no meaning in ours; empty if it has one.
    """

    ours: ast.expr | None = None
    calls: Sequence[Pattern] = ()
    reason: str = ""


@cache
def load_dialect() -> Mapping[str, Meaning]:
    """Load the table of the dialect; its first lines describe its form."""
    meanings: dict[str, Meaning] = {}
    calls: dict[str, list[Pattern]] = {}
    for line in DIALECT.read_text(encoding="utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        theirs, ours = line.split("\t")
        reason = ours.removeprefix("!").strip() if ours.startswith("!") else ""
        value = None if reason else ast.parse(ours, mode="eval").body
        if "(" not in theirs:
            meanings |= {name: Meaning(value, reason=reason) for name in theirs.split()}
            continue
        name, *words = theirs.replace("(", ",").rstrip(")").split(",")
        pattern = tuple(_number_or_name(word.strip(), meanings) for word in words)
        calls.setdefault(name, []).append((pattern, value or reason))
    return meanings | {name: Meaning(calls=patterns) for name, patterns in calls.items()}


def _number_or_name(word: str, meanings: Mapping[str, Meaning]) -> int | str:
    number = meanings[word].ours if word in meanings else None
    return word if number is None else int(ast.literal_eval(number))


def note_import(statement: ast.Import | ast.ImportFrom, module: Module) -> None:
    """Note what the names that are imported mean."""
    vars(module).pop("own", None)
    source = statement.module or "" if isinstance(statement, ast.ImportFrom) else ""
    for imported in statement.names:
        name, bound = imported.name, imported.asname or imported.name.partition(".")[0]
        origin = source or name
        if "dsl" in name or name == "constants":
            module.prefixes |= {bound, *name.split(".")}
        elif origin.partition(".")[0] in FOREIGN or not source:
            module.foreign[bound] = origin
        elif name == "*":
            module.foreign = {key: at for key, at in module.foreign.items() if key not in REGISTRY}
        else:
            module.foreign.pop(bound, None)
            if bound != name:
                module.renamed[bound] = name


def fault_at(file: str, node: ast.AST, problem: str, allowed: str = "") -> ParseError:
    """Make the error for a place in a text."""
    line = getattr(node, "lineno", 0)
    return ParseError(file=file, line=line, problem=problem, allowed=allowed)


@cache
def load_syntax() -> Mapping[str, str]:
    """Load what to say of Python's syntax and functions that are not part of the language."""
    rows = (line.split("\t") for line in SYNTAX.read_text(encoding="utf-8").splitlines())
    return {row[0]: row[1] for row in rows if len(row) == 2}


def describe(node: ast.AST) -> str:
    """Describe syntax that is not part of the language, with what to write instead."""
    match node:
        case ast.Expr(value=ast.Call() as value):
            return f"nothing uses the result of `{clipped(value)}`: leave this line out"
        case ast.Expr(value=value):
            return describe(value)
        case ast.UnaryOp(op=operator) | ast.BinOp(op=operator):
            plain = "this operator is not part of the language"
            return load_syntax().get(type(operator).__name__, plain)
        case ast.Constant(value=float() as value):
            return f"{value} is no integer"
        case ast.Constant(value=str() | bytes()):
            return load_syntax()["JoinedStr"]
        case ast.Constant(value=value):
            plain = f"{value!r} is not part of the language"
            return load_syntax().get(repr(value), plain)
        case ast.Attribute():
            return f"`{clipped(node)}` is not part of the language: call functions, as f(x)"
        case ast.Subscript(slice=ast.Slice() | ast.Tuple()):
            return load_syntax()["Slice"]
    name = type(node).__name__
    return load_syntax().get(name) or f"`{clipped(node)}` is not part of the language"


def describe_error(error: SyntaxError) -> str:
    """Describe a line that is not Python, in other words than Python's parser."""
    for pattern, words in load_syntax().items():
        found = pattern.startswith("/") and re.fullmatch(pattern[1:], error.msg, re.DOTALL)
        if found:
            return words.format(*found.groups())
    line = " ".join((error.text or "").split())
    shown = f": `{line[:57]}...`" if len(line) > 60 else f": `{line}`" if line else ""
    return f"this line is not Python{shown}"


def describe_name(name: str, module: Module, local: Iterable[str]) -> str:
    """Describe a name without a meaning: where it comes from, or which known one it resembles."""
    if len(name) > SUGGESTED_LENGTH:
        return f"nothing is called '{name[:SUGGESTED_LENGTH]}...'"
    if name in module.foreign:
        return f"{name} is {module.foreign[name]}'s, which is not part of the language"
    if hasattr(builtins, name):
        plain = f"Python's {name} is not part of the language"
        return load_syntax().get(name, plain)
    hint = ""
    if module.hints:
        module.hints -= 1
        known = [*local, *module.functions, *CONSTANTS, *REGISTRY]
        in_any_case = {each.lower(): each for each in reversed(known)}
        close = get_close_matches(name.lower(), in_any_case, n=1, cutoff=0.7)
        hint = f"; did you mean {in_any_case[close[0]]}?" if close else ""
    return f"nothing is called {name!r}{hint}"


def parameters_of(arguments: ast.arguments) -> tuple[list[str], list[ast.expr | None]]:
    """Return the parameters of a function, and for each its default or None."""
    placed = [*arguments.posonlyargs, *arguments.args]
    none: list[ast.expr | None] = [None] * (len(placed) - len(arguments.defaults))
    names = [each.arg for each in (*placed, *arguments.kwonlyargs)]
    return names, [*none, *arguments.defaults, *arguments.kw_defaults]


def arrange(call: ast.Call, parameters: Sequence[str]) -> tuple[list[ast.expr | None], str]:
    """Put the arguments of a call in the order of the parameters.

    Returns the arguments, None for a parameter without one, and what is wrong with the call, to
    be said of the function; empty if nothing is.
    """
    args: list[ast.expr | None] = [*call.args]
    args += [None] * (len(parameters) - len(args))
    for each in call.keywords:
        if each.arg is None:
            return args, "has starred arguments, which are not supported: write each argument"
        if each.arg not in parameters:
            known = f"; its parameters are {', '.join(parameters)}" if parameters else ""
            return args, f"has no parameter {each.arg!r}{known}"
        place = parameters.index(each.arg)
        if args[place] is not None:
            return args, f"is given {each.arg!r} twice"
        args[place] = each.value
    return args, ""


def describe_keywords(call: ast.Call) -> str:
    """Describe a call with keywords of a function that was computed."""
    plain = ast.Call(call.func, [*call.args, *(each.value for each in call.keywords)], [])
    return f"keyword arguments are not supported here: write {clipped(plain)}"


def clipped(node: ast.AST) -> str:
    """Return the text of some syntax, cut after 40 characters."""
    try:
        text = " ".join(ast.unparse(node).split())
    except RecursionError:
        text = type(node).__name__
    return text if len(text) <= 40 else f"{text[:37]}..."


def task_in_name(name: str) -> str | None:
    """Return the id of eight hexadecimal digits in a program's name; None if there is none.

    >>> task_in_name("solve_007bbfb7"), task_in_name("verify_007BBFB7_again")
    ('007bbfb7', '007bbfb7')
    >>> task_in_name("differ_cells") is None
    True
    """
    found = _HEX.search(name.lower().replace("_", " "))
    return found.group() if found else None


@lru_cache(maxsize=4096)
def forms_in_name(name: str) -> tuple[str, ...]:
    """List what the id of a task can be by the name of a program, the longest form first.

    >>> forms_in_name("solve_Copy1_again")
    ('solve_copy1_again', 'copy1_again', 'copy1')
    """
    words = name.lower().split("_")
    forms = ["_".join(words)]
    if len(words) <= WORDS_MAX and words[0] in _PREFIXES:
        forms += ["_".join(words[1:end]) for end in range(len(words), 1, -1)]
    found = task_in_name(name)
    return (*forms, found) if found and found not in forms else tuple(forms)


def form_of_id(task: str) -> str:
    """Return the form in which the id of a task stands in the name of a program."""
    return re.sub(r"\W", "_", task.lower())


def is_named_after(name: str, task: str) -> bool:
    """Return whether the name of a program names a task."""
    return form_of_id(task) in forms_in_name(name)


def index_tasks(ids: Iterable[str]) -> dict[str, list[str]]:
    """Return the ids of tasks by their form in names, for `find_task`."""
    found: dict[str, list[str]] = {}
    for task in ids:
        found.setdefault(form_of_id(task), []).append(task)
    return found


def find_task(name: str, tasks: Mapping[str, Sequence[str]]) -> str | None:
    """Find the task that a program's name names among those of `index_tasks`; None if none."""
    for form in forms_in_name(name):
        if form in tasks:
            return next((each for each in tasks[form] if each in name), tasks[form][0])
    return None
