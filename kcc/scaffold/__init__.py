"""``kcc new-module``: the skeleton of a module of one's own."""
