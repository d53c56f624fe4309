"""The development guide's examples in Python, a file for each chapter."""
