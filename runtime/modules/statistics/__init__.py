"""The ``statistics`` module."""
