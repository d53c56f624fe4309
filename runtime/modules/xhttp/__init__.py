"""The ``xhttp`` module."""
