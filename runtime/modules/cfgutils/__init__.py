"""The ``cfgutils`` module."""
