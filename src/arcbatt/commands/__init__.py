"""The commands as functions from a request to a result, without the command line."""
