"""Runs the benchmark: `python -m benchmarks [--write] [--size small ...] [--only P3 ...] [--without jax ...] [--linalg scipy]`."""

from __future__ import annotations

import os

from benchmarks import THREADS

os.environ.update(dict.fromkeys(THREADS, "1"))
os.environ.setdefault("JAX_PLATFORMS", "cpu")
os.environ.setdefault("XLA_FLAGS", "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1")

import sys

from benchmarks.run import main

sys.exit(main())
