"""The closed set of errors that arcbatt raises on bad input.

Every error has a slug, which scripts can rely on, and a message template that names what was
expected, what came and where. Anything else that escapes is a bug.
"""

from __future__ import annotations

from typing import Any, ClassVar


class ArcbattError(Exception):
    """Base of all errors that a user can cause; never raised itself.

    Keyword arguments fill the class's template and stay readable in ``context``.
    """

    slug: ClassVar[str] = "error"
    template: ClassVar[str] = "{message}"

    def __init__(self, **context: Any) -> None:
        self.context = context
        super().__init__(self.template.format(**context))

    def __reduce__(self) -> tuple[Any, ...]:
        # Errors cross process borders; the default would call the class with positional arguments.
        return _rebuild, (type(self), self.context)


def _rebuild(kind: type[ArcbattError], context: dict[str, Any]) -> ArcbattError:
    return kind(**context)


class TaskError(ArcbattError):
    """A task file, or one task in it, does not have the form of an ARC task."""

    slug = "task"
    template = "{where}: expected {expected}, got {got}"


class TaskNotFoundError(ArcbattError):
    """A task id that is in no loaded dataset."""

    slug = "task-not-found"
    template = "no task {task!r} in {dataset}{hint}"


class ParseError(ArcbattError):
    """A program file that holds something other than programs in DSL text.

    A ``line`` of 0 stands for the file as a whole; it is left out, as an empty ``allowed`` is. The
    context may have the name of the program that is lost, ``function``.
    """

    slug = "parse"
    template = "{file}:{line}: {problem}; allowed here: {allowed}"

    def __str__(self) -> str:
        line, allowed = self.context["line"], self.context["allowed"]
        place = f"{self.context['file']}:{line}" if line else self.context["file"]
        hint = f"; allowed here: {allowed}" if allowed else ""
        function = self.context.get("function")
        inside = f" (in {function})" if function else ""
        return f"{place}: {self.context['problem']}{inside}{hint}"

    def inside(self, function: str) -> ParseError:
        """Return this error with the name of the program that is lost by it."""
        return ParseError(**{**self.context, "function": function})


class TypeMismatchError(ArcbattError):
    """An argument of a call whose type does not fit the primitive's signature."""

    slug = "type"
    template = "{file}:{line}: argument {parameter} of {primitive} wants {expected}, got {got}"


class GraphError(ArcbattError):
    """A graph that no program can have: bad arity, unknown primitive, cycle."""

    slug = "graph"
    template = "node {node}: {problem}"


class BattFileError(ArcbattError):
    """A batt file that can't be read."""

    slug = "batt-file"
    template = "{file}: {problem}"


class ArchiveError(ArcbattError):
    """An archive that can't be opened or written."""

    slug = "archive"
    template = "archive {path}: {problem}"


class ArrayBackendError(ArcbattError):
    """An array library that is not installed, or that finds no device."""

    slug = "array-backend"
    template = "array backend {backend}: {problem}"


class SubmissionError(ArcbattError):
    """A submission file without Kaggle's form."""

    slug = "submission"
    template = "{where}: expected {expected}, got {got}"


class ResultsError(ArcbattError):
    """A file of results that can't be read, written or continued."""

    slug = "results"
    template = "results {path}: {problem}"


class UsageError(ArcbattError):
    """Command-line words that do not go together."""

    slug = "usage"
    template = "{problem}"


class RegistryError(ArcbattError):
    """A primitive declared wrongly or twice."""

    slug = "registry"
    template = "primitive {primitive}: {problem}"


class EngineError(ArcbattError):
    """An engine that is not available, or that can't do what was requested."""

    slug = "engine"
    template = "engine {engine}: {problem}"


class ClusterError(ArcbattError):
    """A cluster that can't be reached, or whose workers can't do the work."""

    slug = "cluster"
    template = "Ray at {address}: {problem}"
