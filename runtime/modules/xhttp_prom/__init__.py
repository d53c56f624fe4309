"""The ``xhttp_prom`` module."""
