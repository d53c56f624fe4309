"""The ``counters`` module."""
