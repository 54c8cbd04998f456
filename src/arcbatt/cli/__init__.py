"""The command ``batt``: each command parses its words, makes one library call and prints."""

from arcbatt.cli.app import main

__all__ = ["main"]
