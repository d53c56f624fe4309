"""The ``registrar`` module."""
