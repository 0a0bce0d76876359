"""Layer 1: the index language, a DAG of closed tensors in which calculus is done."""
