"""Layer 8: emitted functions in the forms that other libraries ask for; the only place that imports those libraries."""
