"""The compiler: read ``driver`` first, it is the pipeline in one function."""
