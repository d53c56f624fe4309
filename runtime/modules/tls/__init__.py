"""The ``tls`` module."""
