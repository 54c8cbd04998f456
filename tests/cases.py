"""One test over many cases, which tells of all that failed in one message."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from functools import wraps

Test = Callable[..., None]


def each(names: str | tuple[str, ...], cases: Iterable[object]) -> Callable[[Test], Test]:
    """Run a test for each case, where `pytest.mark.parametrize` would make an item of each.

    Args:
        names: the name of a parameter, or several with a comma between them or as a tuple.
        cases: a value for each call, or a tuple of values for several parameters.
    """
    known = [name.strip() for name in names.split(",")] if isinstance(names, str) else [*names]
    listed = list(cases)

    def decorate(test: Test) -> Test:
        @wraps(test, updated=())
        def run(*itself: object, **others: object) -> None:
            failed = []
            for case in listed:
                values = case if len(known) > 1 else (case,)
                assert isinstance(values, tuple | list)
                try:
                    test(*itself, **others, **dict(zip(known, values, strict=True)))
                except Exception as error:
                    failed.append(f"{case!r}: {type(error).__name__}: {error}")
            assert not failed, "\n".join([f"{len(failed)} of {len(listed)} failed:", *failed])

        signature = inspect.signature(test)
        others = [one for name, one in signature.parameters.items() if name not in known]
        run.__signature__ = signature.replace(parameters=others)  # type: ignore[attr-defined]
        return run

    return decorate
