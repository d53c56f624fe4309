"""Golden tests of the compiler."""
