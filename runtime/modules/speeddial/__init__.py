"""The ``speeddial`` module."""
