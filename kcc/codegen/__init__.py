"""From program to Python, in the order in which it goes: ``module`` (the entry: skeleton, black,
line table) · ``exits`` (which routes can end the script) · ``statements`` · ``conditions`` (tests
with calls in them) · ``expressions`` · ``constants`` (what is fixed up at load) · ``emitter``
(lines, each with the place it came from) · ``settings`` (the CONFIG object)."""
