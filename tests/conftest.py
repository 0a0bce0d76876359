"""Fewer collections of garbage: the tests make many nodes that live, and little garbage that refers to itself."""

import gc

gc.set_threshold(200_000, 50, 50)
