"""The ``textopsx`` module."""
