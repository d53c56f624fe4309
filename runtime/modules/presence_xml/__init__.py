"""The ``presence_xml`` module."""
