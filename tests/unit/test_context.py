"""The context of a command: what it opens, once, and closes."""

from __future__ import annotations

from pathlib import Path

import pytest

from arcbatt.archive import Archive
from arcbatt.context import DEFAULT_ARCHIVE, Context, count_cores, existing_archive
from arcbatt.errors import ArchiveError, EngineError, UsageError


def test_things_are_opened_once_when_they_are_wanted(tmp_path: Path) -> None:
    path = tmp_path / "archive"
    with Context(engine="reference", archive=path, keeps=True) as context:
        assert not path.exists()
        assert context.archive is context.require_archive()
        assert path.exists()
        assert context.engine is context.engine
        assert context.differs is context.differs
        assert context.engine.name == context.reference.name == "reference"
    with Context() as context:
        assert context.archive is None
        with pytest.raises(UsageError, match="name one with --archive"):
            context.require_archive()
    with Context(engine="steam") as context, pytest.raises(EngineError):
        _ = context.engine


def test_everything_is_closed_after_an_error(tmp_path: Path) -> None:
    class Closed:
        closed = 0

        def close(self) -> None:
            self.closed += 1

    thing = Closed()
    context = Context(archive=tmp_path / "archive", keeps=True)
    context.add_cleanup(thing)
    archive = context.require_archive()
    with pytest.raises(KeyError), context:
        raise KeyError
    assert thing.closed == 1
    with pytest.raises(ArchiveError):
        archive.runs()


def test_an_archive_that_can_not_be_kept_in_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "archive"
    with Context(archive=path) as context, pytest.raises(ArchiveError, match="there is no"):
        _ = context.archive
    Archive.open(path).close()
    monkeypatch.setattr("arcbatt.archive.schema.is_writable", lambda file: False)
    with Context(archive=path) as context:
        assert context.archive is not None
    with Context(archive=path, keeps=True) as context, pytest.raises(ArchiveError) as raised:
        _ = context.archive
    assert "is read-only, so nothing could be kept in it" in str(raised.value)


def test_defaults_depend_on_the_machine_and_the_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert existing_archive(None) is None
    assert existing_archive(Path("other")) == Path("other")
    Archive.open(DEFAULT_ARCHIVE).close()
    assert existing_archive(None) == DEFAULT_ARCHIVE
    assert count_cores() >= 1
