"""Library learning: parts that programs of several tasks share become functions."""
