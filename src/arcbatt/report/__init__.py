"""Reports for people and as JSON; they read records and compute nothing."""
