"""One folder a module: exports, module, api, topics."""
