"""The ``pike`` module."""
