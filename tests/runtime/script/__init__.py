"""Values, variables and control flow without a server."""
