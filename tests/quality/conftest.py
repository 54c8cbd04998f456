"""The package's own source files, for tests that read them."""

from __future__ import annotations

from pathlib import Path

import pytest

import arcbatt


@pytest.fixture(scope="session")
def root() -> Path:
    """Return the folder of the package."""
    return Path(arcbatt.__path__[0])


@pytest.fixture(scope="session")
def modules(root: Path) -> list[Path]:
    """Return all Python modules; the programs in the library are data."""
    return [
        path
        for path in sorted(root.rglob("*.py"))
        if path.parent.name != "library" or path.name == "__init__.py"
    ]
