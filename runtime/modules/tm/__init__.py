"""The ``tm`` module."""
