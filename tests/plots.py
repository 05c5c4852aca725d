#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fails when a script of figures does not tell its use, does not draw a small result in PNG and PDF, draws
other bytes the next time, takes a file that is not its own or ends with a traceback; or when docs show a
figure that is not there."""

import os
import pathlib
import re
import subprocess
import sys
import tempfile

DCSIM = os.environ["DCSIM"]
SOURCE = pathlib.Path(os.environ["top_srcdir"])
PLOTS = SOURCE / "analysis" / "plots"
KINDS = ("png", "pdf")
YEAR = """<trajectory from="2024-01-01" to="2025-01-01"><window at="12 h"/><follow set="//feed/@limit">
<at date="2024-01-01" value="20 kW"/><at date="2024-07-01" value="1 MW"/></follow></trajectory>"""
count = 0


def check(text, good):
    """One line of TAP."""
    global count
    count += 1
    print(f"{'ok' if good else 'not ok'} {count} - {text}", flush=True)


def script(name, *arguments, epoch="0"):
    return subprocess.run([sys.executable, PLOTS / f"{name}.py", *arguments], capture_output=True,
                          text=True, check=False, env={**os.environ, "SOURCE_DATE_EPOCH": epoch})


def draws(name, folder, file, *more):
    """Twice the same, and something."""
    done = [script(name, *more, "-d", f"{folder}/{i}", file, epoch=i) for i in ("1", "2")]
    both = [[pathlib.Path(folder, i, f"{name}.{kind}") for i in ("1", "2")] for kind in KINDS]
    drawn = all(d.returncode == 0 and d.stderr == "" for d in done)
    if not drawn:
        print(f"# {done[0].stderr}")
    check(f"{name} draws", drawn and all(p.stat().st_size > 5000 for pair in both for p in pair))
    check(f"{name} draws the same bytes again",
          drawn and all(a.read_bytes() == b.read_bytes() for a, b in both))


def refuses(name, file, text):
    done = script(name, "-d", os.path.dirname(file), file)
    check(f"{name} refuses {os.path.basename(file)}",
          done.returncode == 2 and text in done.stderr and "Traceback" not in done.stderr)


def matplotlib_is_there():
    try:
        import matplotlib  # noqa: F401, PLC0415 - only looked for
        return True
    except ImportError:
        return False


def figures_of_docs():
    for page in sorted((SOURCE / "docs").glob("*.md")):
        shown = re.findall(r"\((figures/[^)]*)\)", page.read_text(encoding="utf-8"))
        if shown:
            check(f"{page.name} shows figures that are there, in both formats",
                  all((SOURCE / "docs" / f).with_suffix(f".{k}").is_file()
                      for f in shown for k in KINDS))


def main():
    figures_of_docs()
    if not matplotlib_is_there():
        print(f"1..{count} # SKIP no matplotlib" if count == 0 else f"1..{count}")
        return
    for path in sorted(PLOTS.glob("*.py")):
        if path.stem != "common":
            done = script(path.stem, "--help")
            check(f"{path.stem} tells its use", done.returncode == 0 and "usage" in done.stdout)
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([DCSIM, "marginal", "-q", "-o", f"{folder}/small.h5", "--set",
                        "/scenario/@horizon=1 min", SOURCE / "tests/scenario/minimal.xml"], check=True)
        subprocess.run([DCSIM, "-q", "-o", f"{folder}/run.h5", "--set", "/scenario/@horizon=30 s",
                        SOURCE / "tests/scenario/minimal.xml"], check=True)
        pathlib.Path(folder, "text.h5").write_text("no HDF5\n", encoding="ascii")
        small = (SOURCE / "tests/scenario/minimal.xml").read_text(encoding="utf-8").replace(
            "../bad/tables", f"{SOURCE}/tests/bad/tables").replace("</scenario>", YEAR + "</scenario>")
        pathlib.Path(folder, "year.xml").write_text(small, encoding="utf-8")
        subprocess.run([DCSIM, "trajectory", "-q", "-o", f"{folder}/year.h5", "--set",
                        "/scenario/@horizon=30 s", f"{folder}/year.xml"], check=True)
        draws("trajectory", folder, f"{folder}/year.h5", "--beside", f"{folder}/year.h5")
        refuses("trajectory", f"{folder}/run.h5", "token_rate_full")
        draws("day", folder, f"{folder}/small.h5")
        draws("day", folder, f"{folder}/small.h5", "--bin", "7")
        draws("marginal", folder, f"{folder}/small.h5")
        refuses("marginal", f"{folder}/run.h5", "/marginal")
        refuses("validation", f"{folder}/run.h5", "excluded")
        refuses("day", f"{folder}/text.h5", "text.h5")
        refuses("day", f"{folder}/absent.h5", "absent.h5")
    print(f"1..{count}")


main()
