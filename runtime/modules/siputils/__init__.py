"""The ``siputils`` module."""
