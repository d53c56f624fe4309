"""The ``debugger`` module."""
