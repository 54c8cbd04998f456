"""Programs: typed expression graphs over the DSL, read from and written as text."""
