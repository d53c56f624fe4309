"""The ``sqlops`` module."""
