"""The ``auth`` module."""
