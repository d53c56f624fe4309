"""The ``jsonrpcs`` module."""
