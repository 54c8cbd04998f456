"""The command ``batt``: each command parses its arguments, makes one library call and prints."""

from arcbatt.cli.app import main

__all__ = ["main"]
