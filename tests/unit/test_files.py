"""Reading and writing files: bounds, and the old content or the new."""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path

import pytest

from arcbatt import files
from arcbatt.files import lock_file, read_bounded, require_regular, unlock_file, write_atomically


def test_reading_is_bounded(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"12345")
    assert read_bounded(path, bytes_max=5) == b"12345"
    with pytest.raises(OSError, match="has more than 4 bytes") as caught:
        read_bounded(path, bytes_max=4)
    assert caught.value.errno == errno.EFBIG
    with pytest.raises(FileNotFoundError):
        read_bounded(tmp_path / "y", bytes_max=4)


@pytest.mark.parametrize("sync", [True, False])
@pytest.mark.parametrize("exchanges", [True, False])
def test_what_is_there_is_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, sync: bool, exchanges: bool
) -> None:
    if not exchanges:
        monkeypatch.setattr(files, "_renameat2", lambda: None)
    path = tmp_path / "x"
    for text in ("first\n", "the second, which is longer\r\n", "3"):
        write_atomically(path, text, sync=sync)
        assert path.read_bytes() == text.encode()
        assert path.stat().st_mode & 0o777 == 0o644
        assert [item.name for item in tmp_path.iterdir()] == ["x"]


@pytest.mark.skipif(sys.platform != "linux", reason="renameat2 is Linux's")
def test_files_are_exchanged_where_the_disk_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_atomically(tmp_path / "x", "old", sync=False)
    monkeypatch.setattr(os, "replace", None)
    write_atomically(tmp_path / "x", "new", sync=False)
    assert (tmp_path / "x").read_text() == "new"


@pytest.mark.parametrize("sync", [True, False])
def test_links_are_replaced_and_folders_are_not(tmp_path: Path, *, sync: bool) -> None:
    (tmp_path / "kept").write_text("kept")
    (tmp_path / "link").symlink_to("kept")
    write_atomically(tmp_path / "link", "new", sync=sync)
    assert (tmp_path / "kept").read_text() == "kept"
    assert not (tmp_path / "link").is_symlink()
    (tmp_path / "folder").mkdir()
    with pytest.raises(OSError, match="directory"):
        write_atomically(tmp_path / "folder", "new", sync=sync)
    assert sorted(item.name for item in tmp_path.iterdir()) == ["folder", "kept", "link"]
    assert (tmp_path / "folder").is_dir()


def test_only_regular_files_are_opened(tmp_path: Path) -> None:
    file = tmp_path / "file"
    with pytest.raises(FileNotFoundError):
        require_regular(file)
    file.touch()
    require_regular(file)
    (tmp_path / "link").symlink_to(file)
    os.mkfifo(tmp_path / "pipe")
    odd = {"link": "a link", "pipe": "a pipe", ".": "a folder", "/dev/zero": "a special file"}
    for name, kind in odd.items():
        with pytest.raises(OSError, match=f"expected a regular file, got {kind}"):
            require_regular(tmp_path / name)


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for name, kind in {"pipe": "a pipe", ".": "a folder", "/dev/zero": "a special file"}.items():
        with pytest.raises(OSError, match=f"expected a regular file, got {kind}"):
            read_bounded(tmp_path / name, bytes_max=10)


def test_a_lock_follows_no_link(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "target")
    with pytest.raises(OSError, match="symbolic links"):
        lock_file(tmp_path / "link")
    assert not (tmp_path / "target").exists()
    unlock_file(lock_file(tmp_path / "lock"))
