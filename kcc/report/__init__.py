"""What ``kcc check`` shows of what was found: ``config`` (kcc.toml), ``selection`` (codes),
``ignores`` (comments), ``baseline``, and ``check``, which puts them together."""
