"""The ``ctl`` module."""
