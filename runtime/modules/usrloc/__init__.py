"""The ``usrloc`` module."""
