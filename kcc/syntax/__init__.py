"""The syntax tree: ``ast`` (the nodes), ``printer`` (tree to configuration text), ``dump``
(tree to readable outline)."""
