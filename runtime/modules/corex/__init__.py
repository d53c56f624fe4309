"""The ``corex`` module."""
