"""The ``textops`` module."""
