"""The ``rtpengine`` module."""
