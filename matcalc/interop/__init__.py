"""Layer 2: exchange with other systems; the only place that imports them."""
