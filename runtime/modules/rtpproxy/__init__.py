"""The ``rtpproxy`` module."""
