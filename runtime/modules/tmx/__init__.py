"""The ``tmx`` module."""
