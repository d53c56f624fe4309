"""The ``permissions`` module."""
