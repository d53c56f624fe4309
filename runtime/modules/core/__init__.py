"""The core, declared like any module: what a configuration has without `loadmodule`."""
