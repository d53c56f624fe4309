"""The ``sdpops`` module."""
