"""The pipeline: deal, merge, score, filter, inline, validate, save; one file per phase."""
