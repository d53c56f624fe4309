"""The ``sanity`` module."""
