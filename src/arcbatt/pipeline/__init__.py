"""The pipeline: propose, merge and score, filter, rank, validate, save; one file per phase."""
