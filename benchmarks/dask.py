"""A pass over more data than a worker may hold: `python -m benchmarks.dask [--gigabytes 4] [--limit 512MB] [--workers 2]`.

Writes files of random data, then works out value and gradient of a logistic loss over them on a `LocalCluster`, and prints the
size of the data, the memory that a worker is allowed and the most that each has had, the seconds of a pass, and the error
against a loop over the files by hand. With `--control` it also asks a worker for all data at once, which Dask then ends.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import dask
import dask.array as da
import numpy as np
from dask.utils import format_bytes, parse_bytes
from distributed import Client, KilledWorker, LocalCluster

from matcalc import value_and_gradient

Array = np.ndarray
FEATURES, BLOCK = 49, 160_000
"""A block is 64 MB."""
LOSS = "1/N sum_{n=1}^N log(1 + exp(-y_n w^T x_n)) + lambda/2 ||w||^2"


def write(folder: Path, size: int) -> list[Path]:
    """Files of so many bytes in all, one block each: a label, then the features."""
    files = []
    w = np.random.default_rng(0).normal(size=FEATURES)
    for k in range(max(1, round(size / (8 * BLOCK * (FEATURES + 1))))):
        rng = np.random.default_rng([1, k])
        table = rng.normal(size=(BLOCK, FEATURES + 1))
        table[:, 0] = np.where(table[:, 1:] @ w + rng.logistic(size=BLOCK) > 0, 1, -1)
        files.append(folder / f"{k}.npy")
        np.save(files[-1], table)
    return files


def by_hand(files: Sequence[Path], w: Array, weight: float) -> tuple[float, Array]:
    """The same by a loop over the files."""
    value, slope = 0.0, np.zeros_like(w)
    for file in files:
        table = np.load(file)
        margin = table[:, 0] * (table[:, 1:] @ w)
        value += np.logaddexp(0, -margin).sum()
        slope -= (table[:, 0] / (1 + np.exp(margin))) @ table[:, 1:]
    count = BLOCK * len(files)
    return value / count + weight / 2 * w @ w, slope / count + weight * w


def peak() -> int:
    """The most memory that this process has had, in bytes."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmHWM"))


def run(files: Sequence[Path], client: Client, limit: int, control: bool) -> None:
    """Prints what a pass takes and gives."""
    load = dask.delayed(np.load)
    table = da.concatenate([da.from_delayed(load(file), (BLOCK, FEATURES + 1), float) for file in files])
    weight, w = 0.01, np.random.default_rng(2).normal(size=FEATURES) / 7
    idle = max(client.run(peak).values())
    loss = value_and_gradient(LOSS, wrt="w", declare={"y_n": "R"}).chunked()
    start = time.perf_counter()
    value, slope = dask.compute(*loss(y=table[:, 0], x=table[:, 1:], w=w, **{"lambda": weight}))
    seconds = time.perf_counter() - start
    peaks = client.run(peak)
    expected, direction = by_hand(files, w, weight)
    error = max(abs(value / expected - 1), np.abs(slope - direction).max() / np.abs(direction).max())
    print(f"data                {format_bytes(table.nbytes)} in {len(files)} files of {format_bytes(table.nbytes // len(files))}")
    print(f"workers             {len(peaks)}, each allowed {format_bytes(limit)}")
    print(f"peak memory         {', '.join(map(format_bytes, peaks.values()))} ({format_bytes(idle)} before)")
    print(f"one pass            {seconds:.1f} s")
    print(f"relative error      {error:.1e} against a loop by hand")
    if control:
        print(f"all data at once    {at_once(files, client)}")


def at_once(files: Sequence[Path], client: Client) -> str:
    """What becomes of a worker that is asked for all data at once."""
    try:
        client.submit(lambda: sum(map(np.sum, [np.load(file) for file in files])), retries=0).result()
    except (KilledWorker, MemoryError) as error:
        return type(error).__name__
    return "the worker held them"


def main() -> None:
    """Reads the arguments, and cleans up."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--gigabytes", type=float, default=4)
    parser.add_argument("--limit", default="512MB")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--control", action="store_true")
    given = parser.parse_args()
    dask.config.set({"distributed.scheduler.allowed-failures": 0})
    with tempfile.TemporaryDirectory() as folder:
        files = write(Path(folder), int(given.gigabytes * 1e9))
        with LocalCluster(n_workers=given.workers, threads_per_worker=1, memory_limit=given.limit, dashboard_address=None,
                          local_directory=folder) as cluster, Client(cluster) as client:
            run(files, client, parse_bytes(given.limit), given.control)


if __name__ == "__main__":
    main()
