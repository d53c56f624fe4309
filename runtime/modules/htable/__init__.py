"""The ``htable`` module."""
