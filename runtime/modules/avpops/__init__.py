"""The ``avpops`` module."""
