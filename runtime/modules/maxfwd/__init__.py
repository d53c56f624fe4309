"""The ``maxfwd`` module."""
