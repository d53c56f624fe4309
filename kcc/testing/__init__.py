"""For tests of configurations and modules: a running server, free ports."""
