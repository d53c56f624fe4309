"""Sockets: addresses to bind, TCP main and readers."""
