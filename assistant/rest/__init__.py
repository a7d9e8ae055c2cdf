"""The API over HTTP, a router for each matter (docs/interfaces.md, "HTTP"); ``assistant/api.py`` puts them together."""
