"""The HTTP door: a JSON API, an OpenAI-compatible one, and a page. Knowledge of HTTP lives only here."""
