"""Write the outputs of the commands in README and docs/search.md into them.

Every line ``$ batt ...`` in a block marked ``console`` is run, all in one new folder, and what
follows it is replaced by what it printed. Run it with the `python` of the environment in which
`batt` is installed.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).parents[1]
PAGES = (ROOT / "README.md", ROOT / "docs" / "search.md")
BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
COLUMNS = 100


def run(command: str, folder: str) -> str:
    """Return what a command printed, without blanks at the ends of lines."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        env={**os.environ, "PATH": path, "COLUMNS": str(COLUMNS)},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return "\n".join(line.rstrip() for line in done.stdout.rstrip().splitlines())


def refresh(text: str) -> str:
    """Return the text of a page with new outputs."""
    with TemporaryDirectory(prefix="arcbatt-readme-") as folder:

        def rewrite(block: re.Match[str]) -> str:
            lines = []
            for line in block.group(1).splitlines():
                if line.startswith("$ "):
                    print(line)
                    lines += [line, run(line.removeprefix("$ "), folder), ""]
            return "\n".join(["```console", *lines[:-1], "```"])

        return BLOCK.sub(rewrite, text)


if __name__ == "__main__":
    for page in PAGES:
        page.write_text(refresh(page.read_text(encoding="utf-8")), encoding="utf-8")
