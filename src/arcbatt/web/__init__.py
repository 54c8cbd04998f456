"""The local page: routes, templates and static files."""
