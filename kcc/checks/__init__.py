"""What compiles but is likely a mistake. ``registry`` lists the passes: one file and one
diagnostic code each; ``context`` is what they look at."""
