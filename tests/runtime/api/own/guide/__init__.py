"""The examples of chapters 10 to 16 as one module."""
