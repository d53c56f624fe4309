"""The ``presence`` module."""
