"""Source text and places in it: ``text`` (SourceFile, LineMap) and ``span`` (Span, Expansion)."""
