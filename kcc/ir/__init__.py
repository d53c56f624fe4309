"""The typed form of a program: ``values`` (expressions), ``program`` (statements, routes, all)."""
