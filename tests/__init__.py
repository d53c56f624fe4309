"""Tests of the compiler and of the server."""
