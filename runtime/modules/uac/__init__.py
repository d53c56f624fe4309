"""The ``uac`` module."""
