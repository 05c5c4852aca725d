#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Speed of whole runs: requests per second on one and two threads of sampled Path B with all figures
on, instructions per request under callgrind, and the full hour of the 100 MW site with its memory.
Pass a name (threads, instructions, full) to run one part only."""

import json
import os
import re
import resource
import subprocess
import sys
import tempfile
import time

DCSIM = os.environ["DCSIM"]
SCENARIOS = os.path.join(os.environ["top_srcdir"], "scenarios")
VALGRIND = os.environ.get("VALGRIND", "")


def run(scenario, threads, *more, prefix=()):
    """Runs a scenario; returns simulated requests, seconds of wall and processor time, stderr."""
    with tempfile.TemporaryDirectory() as folder:
        command = [*prefix, DCSIM, os.path.join(SCENARIOS, scenario), "--json", "--threads",
                   str(threads), "-o", os.path.join(folder, "out.h5"), *more]
        before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        wall = time.monotonic() - start
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    requests = json.loads(done.stdout)["requests_simulated"]["value"]
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return requests, wall, processor, done.stderr


def threads():
    """Pairs of runs in turn; the ratio is taken pair by pair, since machines drift."""
    day = ("--set", "/scenario/@horizon=2 h")
    rates, ratios = [], []
    for _ in range(5):
        requests, one, processor, _ = run("pathB_100MW.xml", 1, *day)
        _, two, _, _ = run("pathB_100MW.xml", 2, *day)
        rates.append(requests / processor)
        ratios.append(one / two)
    rates.sort()
    ratios.sort()
    print(f"sampled Path B, 2 h: {rates[2] / 1e6:.2f} million requests/s per core "
          f"(min {rates[0] / 1e6:.2f}, max {rates[4] / 1e6:.2f}; wanted: 2)")
    print(f"two threads against one: {ratios[2]:.2f} times "
          f"(min {ratios[0]:.2f}, max {ratios[4]:.2f}; wanted: 1.9)")


def instructions():
    """The difference of two horizons, so that loading the scenario does not count."""
    if not VALGRIND:
        print("instructions per request: valgrind was not found")
        return
    counts = []
    for minutes in (1, 3):
        requests, _, _, text = run(
            "pathB_100MW.xml", 1, "--set", f"/scenario/@horizon={minutes} min",
            prefix=(VALGRIND, "--tool=callgrind", "--callgrind-out-file=/dev/null"))
        counts.append((requests, int(re.search(r"Collected : (\d+)", text).group(1))))
    per = (counts[1][1] - counts[0][1]) / (counts[1][0] - counts[0][0])
    print(f"instructions per request, sampled Path B: {per:.0f}")


def full():
    """An hour of every node."""
    requests, wall, _, _ = run("one_hour_full.xml", 2)
    memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024**2
    print(f"one_hour_full: {requests / 1e6:.0f} million requests in {wall:.0f} s on two threads "
          f"(wanted: under 300), {memory:.2f} GiB (wanted: under 2)")


parts = {"threads": threads, "instructions": instructions, "full": full}
for name in sys.argv[1:] or parts:
    parts[name]()
