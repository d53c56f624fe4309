"""What kcc tells its user: ``codes`` (the registry), ``model`` (Diagnostic), ``reporter``
(collecting), ``render`` (text), ``render_formats`` (json, sarif, github), ``pages`` (one
Markdown page a code)."""
