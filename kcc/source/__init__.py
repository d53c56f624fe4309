"""Source text and places in it: ``text`` (SourceFile, LineMap) ``span`` (Span, Expansion)
and ``version`` (what ``--target`` names)."""
