"""The ``ipops`` module."""
