#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fails when a sweep's file loses a name, dimension, coordinate, unit or interval of docs/sweeps.md, or
h5py or xarray cannot open it; when its numbers are not those of the runs; when a killed sweep does not
go on to the bytes of one that was not, or threads or ranks change a byte; when a mistake passes or
leaves a file; or when tokens do not fall with PUE while power binds, are not flat while it does not, or
the crossover does not fall as prompts grow."""

import math
import os
import signal
import subprocess
import sys
import tempfile
import time

import h5py
import numpy as np
import xarray

DCSIM = os.environ["DCSIM"]
TOP = os.environ["top_srcdir"]
ENVIRONMENT = dict(os.environ, SOURCE_DATE_EPOCH="0")
BINDINGS = "demand compute memory kv feed cooling rack node".split()
count = 0

# Two nodes that always have work, on a feed that carries them up to a PUE of about 1.4.
SITE = """<?xml version="1.0"?>
<scenario name="site" title="Two nodes" horizon="{horizon} s" seed="3">
 <site>
  <feed limit="17.5 kW"/>
  <weather temperature="20 degC"/>
  <cooling pue="1.3"/>
 </site>
 <cells name="chat" count="2" nodes="1">
  <node hardware="H100-SXM"/>
  <replica llm="Llama-3.1-70B" engine="vLLM" gpus="8" weights="FP8" max_seqs="32"/>
  <workload>
   <arrivals process="closed" clients="100"/>
   <prompt distribution="lognormal" mean="1000" cv="0.3"/>
   <output distribution="exponential" mean="100"/>
  </workload>
 </cells>
</scenario>
"""
PUE = "pue=//cooling/@pue=1.1:1.9:5"
CONTEXT = "context=//prompt/@mean=512:8192:3:log:int"


def check(text, good):
    """One line of TAP."""
    global count
    count += 1
    print(f"{'ok' if good else 'not ok'} {count} - {text}", flush=True)


def skip(text, why):
    global count
    count += 1
    print(f"ok {count} - {text} # SKIP {why}")


def command(*words, vary=(), output="s.h5"):
    return [DCSIM, "sweep", *words, "-o", output, *(w for v in vary for w in ("--vary", v))]


def sweep(folder, *words, vary=(), output="s.h5"):
    done = subprocess.run(command("site.xml", *words, vary=vary, output=output), cwd=folder,
                          env=ENVIRONMENT, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"Bail out! exit {done.returncode}: {done.stderr}")
    return done.stdout


def content(*path):
    with open(os.path.join(*path), "rb") as f:
        return f.read()


def scales(dataset):
    return [d[0].name for d in dataset.dims]


def student_half(values):
    """95 % half width of the mean over the last axis, of three."""
    assert values.shape[-1] == 3
    return 4.302652729749464 * values.std(axis=-1, ddof=1) / math.sqrt(3)


def carried_on(x, y):
    """Lagrange's polynomial of x over y, at 0."""
    return sum(x[i] * math.prod(y[k] / (y[k] - y[i]) for k in range(len(x)) if k != i)
               for i in range(len(x)))


def crossing(x, y, at):
    """Where y crosses zero between x[at - 1] and x[at], each side on its own, and how sure that is."""
    chord = x[at - 1] + (x[at] - x[at - 1]) * y[at - 1] / (y[at - 1] - y[at])
    sides = []
    for points in (range(at - 1, max(at - 4, -1), -1), range(at, min(at + 3, len(x)))):
        u, v = [x[i] for i in points], [y[i] for i in points]
        if len(u) > 1:
            place = carried_on(u, v)
            error = abs(place - (carried_on(u[:2], v[:2]) if len(u) > 2 else chord))
            if x[at - 1] <= place <= x[at]:
                sides.append((place, error))
    if len(sides) == 2:
        return ((sides[0][0] + sides[1][0]) / 2,
                abs(sides[0][0] - sides[1][0]) / 2 + min(sides[0][1], sides[1][1]))
    return sides[0] if sides else (chord, 0.0)


def crossings(f):
    """The boundary, worked out again from the replications: by column, mean and half width."""
    pue = f["pue"][:]
    side = np.log(f["replications/rho"][:] / f["replications/rho_star"][:])
    value, error = np.full(side.shape[1:], np.nan), np.full(side.shape[1:], np.nan)
    for column in np.ndindex(*value.shape):
        s = side[(slice(None), *column)]
        for i in range(1, len(pue)):
            if s[i - 1] >= 0 > s[i]:
                value[column], error[column] = crossing(pue, s, i)
                break
    return value.mean(axis=-1), student_half(value) + error.max(axis=-1)


def grid(folder):
    out = sweep(folder, "--replications", "3", vary=(PUE, CONTEXT))
    with h5py.File(os.path.join(folder, "s.h5")) as f:
        check("coordinates", np.allclose(f["pue"][:], [1.1, 1.3, 1.5, 1.7, 1.9], rtol=1e-12)
              and f["context"][:].tolist() == [512, 2048, 8192]
              and f["pue"].attrs["units"] == "1"
              and f["pue"].attrs["long_name"] == "value of //cooling/@pue")
        figures = [n for n in f["replications"] if n not in ("pue", "context", "replication")]
        check("every figure has two dimensions and is named", len(figures) > 60 and all(
            f[n].shape == (5, 3) and scales(f[n]) == ["/pue", "/context"]
            and f[n].attrs["units"] and f[n].attrs["long_name"] for n in figures))
        check("replications have three", all(
            f["replications"][n].shape == (5, 3, 3) and scales(f["replications"][n])
            == ["/replications/pue", "/replications/context", "/replications/replication"]
            for n in figures) and f["replications/replication"][:].tolist() == [0, 1, 2])
        good = True
        for n in figures:
            values = f["replications"][n][:]
            half = student_half(values)
            near = {"rtol": 1e-9, "atol": 1e-12 * np.nanmax(np.abs(values), initial=1e-300),
                    "equal_nan": True}
            good = good and np.allclose(f[n][:], values.mean(axis=-1), **near)
            if f"{n}_low" in f:
                good = good and np.allclose(f[f"{n}_low"][:], f[n][:] - half, **near)
                good = good and np.allclose(f[f"{n}_high"][:], f[n][:] + half, **near)
            else:
                good = good and np.isnan(values).all()
        check("means and Student intervals are those of the replications", good)
        shares = np.stack([f[f"binding_share_{b}"][:] for b in BINDINGS])
        check("shares sum to 1", np.allclose(shares.sum(axis=0), 1, rtol=1e-9))
        check("the flag is the largest share", f["binding"].attrs["flag_meanings"].split()
              == BINDINGS and (f["binding"][:] == shares.argmax(axis=0)).all()
              and scales(f["binding"]) == ["/pue", "/context"])
        mean, half = crossings(f)
        b = f["boundary"]
        check("the boundary is where rho crosses rho*", scales(b["pue"]) == ["/boundary/context"]
              and np.allclose(b["pue"][:], mean, rtol=1e-12)
              and np.allclose(b["pue_low"][:], mean - half, rtol=1e-9)
              and np.allclose(b["pue_high"][:], mean + half, rtol=1e-9))
        ends = f["pue"][:]
        at = np.searchsorted(ends, b["pue_binding"][:])
        check("that by shares holds the step that it lies in",
              (b["pue_binding_low"][:] <= ends[at - 1] + 1e-12).all()
              and (b["pue_binding_high"][:] >= ends[at] - 1e-12).all())
        check("the root says how it was made", f.attrs["replications"] == 3
              and f.attrs["seed"] == 3 and f.attrs["title"] == "Two nodes"
              and "--vary" in f.attrs["command"]
              and f["scenario"][()].decode().startswith("<?xml"))
        for c, x in enumerate(f["context"][:]):
            line = next(w for w in out.splitlines() if w.endswith(f"context {x:.5g}"))
            check(f"the boundary at {x:g} is printed",
                  f"above {b['pue'][c]:.4g} +- {(b['pue_high'][c] - b['pue'][c]):.2g} " in line)


def one_run(folder):
    """A point of the sweep is the run with its values set, and its seed."""
    subprocess.run([DCSIM, "run", "site.xml", "-q", "-o", "r.h5", "--set", "//cooling/@pue=1.5",
                    "--set", "//prompt/@mean=2048", "--seed", "5"], cwd=folder, env=ENVIRONMENT,
                   check=True)
    with h5py.File(os.path.join(folder, "r.h5")) as r, \
            h5py.File(os.path.join(folder, "s.h5")) as f:
        names = [n for n in f["replications"] if n in r["summary"]]
        check("a point's replication is the run with that seed", len(names) > 40 and all(
            np.array_equal(f["replications"][n][2, 1, 2], r["summary"][n][()], equal_nan=True)
            for n in names))
        check("its latencies too", all(
            f[f"replications/{n}_p50"][2, 1, 2] == r[f"summary/{n}/value"][0]
            and f[f"replications/{n}_mean"][2, 1, 2] == r[f"summary/{n}/mean"][()]
            for n in ("ttft", "tpot", "itl", "e2e")))
        check("its shares too", [f[f"replications/binding_share_{b}"][2, 1, 2] for b in BINDINGS]
              == r["summary/binding_share"][:].tolist())


def by_xarray(folder):
    path = os.path.join(folder, "s.h5")
    with xarray.open_dataset(path, engine="h5netcdf") as d:
        check("xarray reads the figures", d["token_rate_mean"].dims == ("pue", "context")
              and float(d["token_rate_mean"].sel(pue=1.1, context=512, method="nearest")) > 0
              and d["token_rate_mean"].attrs["units"] == "token/s")
    with xarray.open_dataset(path, engine="h5netcdf", group="boundary") as d:
        check("xarray reads the boundary with its coordinate", d["pue"].dims == ("context",)
              and d["context"].values.tolist() == [512, 2048, 8192])
    with xarray.open_dataset(path, engine="h5netcdf", group="replications") as d:
        check("xarray reads the replications", d["Q_token"].dims
              == ("pue", "context", "replication") and d["pue"].size == 5)


def other_plans(folder):
    sweep(folder, "--zip", vary=("pue=//cooling/@pue=1.1,1.5", "w=//replica/@weights=FP8,FP16"))
    with h5py.File(os.path.join(folder, "s.h5")) as f:
        check("pairs are points", f["point"][:].tolist() == [0, 1]
              and f["pue"][:].tolist() == [1.1, 1.5] and scales(f["pue"]) == ["/point"]
              and [w.decode() for w in f["w"][:]] == ["FP8", "FP16"]
              and scales(f["Q_token"]) == ["/point"])
        check("pairs have no boundary, one replication no group",
              "boundary" not in f and "replications" not in f)
    for design in ("sobol:8", "lhs:8"):
        sweep(folder, "--design", design, vary=("pue=//cooling/@pue=1.1:1.5",
                                                "feed=//feed/@limit=10 kW:20 kW"))
        with h5py.File(os.path.join(folder, "s.h5")) as f:
            check(f"{design} fills its ranges", f["Q_token"].shape == (8,)
                  and 1.1 < f["pue"][:].min() < 1.2 and 1.4 < f["pue"][:].max() < 1.5
                  and f["feed"].attrs["units"] == "kW"
                  and np.allclose(f["feed_limit_mean"][:], 1e3 * f["feed"][:], rtol=1e-9))
    sweep(folder, vary=("w=//replica/@weights=FP8,FP16", PUE))
    with h5py.File(os.path.join(folder, "s.h5")) as f:
        check("words are coordinates", scales(f["Q_token"]) == ["/w", "/pue"]
              and [w.decode() for w in f["w"][:]] == ["FP8", "FP16"] and "boundary" not in f)
        check("more bytes per weight, fewer tokens",
              (f["Q_token"][1] < f["Q_token"][0]).all())
    sweep(folder, vary=(PUE,))
    with h5py.File(os.path.join(folder, "s.h5")) as f:
        check("with one axis the boundary is a number, with what the steps leave open",
              1.1 < f["boundary/pue_low"][()] < f["boundary/pue"][()] < 1.9)


def threads(folder):
    made = []
    for n in ("1", "2", "4"):
        sweep(folder, "--replications", "2", "--threads", n, vary=(PUE,), output="t.h5")
        made.append(content(folder, "t.h5"))
    check("1, 2 and 4 threads make the same bytes", made[0] == made[1] == made[2])


def killed(folder):
    """Killed when some records are there; not while there is none, and before all are."""
    words = command("site.xml", "--threads", "2", "--replications", "12", vary=(PUE,),
                    output="k.h5")
    subprocess.run(words, cwd=folder, env=ENVIRONMENT, capture_output=True, check=True)
    whole, journal = content(folder, "k.h5"), os.path.join(folder, "k.h5.journal.0")
    check("a sweep that is done leaves no journal", not os.path.exists(journal))
    os.remove(os.path.join(folder, "k.h5"))
    for kill in range(2):
        before = os.path.getsize(journal) if os.path.exists(journal) else 0
        with subprocess.Popen(words, cwd=folder, env=ENVIRONMENT, stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL) as process:
            while process.poll() is None and (not os.path.exists(journal)
                                              or os.path.getsize(journal) < before + 4000):
                time.sleep(0.002)
            process.send_signal(signal.SIGKILL)
        check(f"kill {kill + 1} came in the middle, and left no result",
              process.returncode == -signal.SIGKILL and os.path.getsize(journal) > before
              and not os.path.exists(os.path.join(folder, "k.h5")))
    records = os.path.getsize(journal)
    with open(journal, "ab") as f:
        f.write(b"torn")
    started = subprocess.run(command("site.xml", "--seed", "9", vary=(PUE,), output="k.h5"),
                             cwd=folder, env=ENVIRONMENT, capture_output=True, text=True,
                             check=False)
    check("another sweep does not take its journal", started.returncode == 2
          and "no journal of this experiment" in started.stderr
          and os.path.getsize(journal) == records + 4)
    subprocess.run(words, cwd=folder, env=ENVIRONMENT, capture_output=True, check=True)
    check("what goes on after kills ends at the same bytes", content(folder, "k.h5") == whole)
    check("and its journal is gone", not os.path.exists(journal))


def ranks(folder):
    """Two ranks; and two that were killed, whose sweep one process ends."""
    launcher = os.environ.get("MPIRUN")
    if not launcher:
        skip("two ranks make the same bytes", "built without MPI, or no mpirun")
        return
    # As tests/ranks.sh has it: more ranks than processors, root, a container, leaks of Open MPI.
    flags = []
    version = subprocess.run([launcher, "--version"], capture_output=True, text=True, check=False)
    if "Open MPI" in version.stdout:
        flags = ["--oversubscribe"] + (["--allow-run-as-root"] if os.getuid() == 0 else [])
    environment = dict(ENVIRONMENT, OMPI_MCA_btl_vader_single_copy_mechanism="none",
                       OMP_WAIT_POLICY="passive",
                       ASAN_OPTIONS=":".join(filter(None, (os.environ.get("ASAN_OPTIONS"),
                                                           "detect_leaks=0"))))
    alone = command("site.xml", "--replications", "12", "--threads", "1", vary=(PUE,),
                    output="m.h5")
    both = [launcher, *flags, "-n", "2", *alone]
    subprocess.run(alone, cwd=folder, env=ENVIRONMENT, capture_output=True, check=True)
    whole = content(folder, "m.h5")
    os.remove(os.path.join(folder, "m.h5"))
    subprocess.run(both, cwd=folder, env=environment, stdin=subprocess.DEVNULL,
                   capture_output=True, check=True, timeout=300)
    check("two ranks make the same bytes", content(folder, "m.h5") == whole)
    os.remove(os.path.join(folder, "m.h5"))
    journal = os.path.join(folder, "m.h5.journal.1")
    # Each rank tells its process, so that the second can be killed alone.
    told = 'echo $$ >pid.${OMPI_COMM_WORLD_RANK-$PMI_RANK}; exec "$@"'
    both = [launcher, *flags, "-n", "2", "sh", "-c", told, "sh", *alone]
    with subprocess.Popen(both, cwd=folder, env=environment, stdin=subprocess.DEVNULL,
                          stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        while process.poll() is None and (not os.path.exists(journal)
                                          or os.path.getsize(journal) < 4000):
            time.sleep(0.002)
        os.kill(int(content(folder, "pid.1")), signal.SIGKILL)
        process.wait(timeout=300)
    check("a rank that is lost leaves journals and no result", process.returncode != 0
          and os.path.exists(journal) and not os.path.exists(os.path.join(folder, "m.h5")))
    subprocess.run(alone, cwd=folder, env=ENVIRONMENT, capture_output=True, check=True)
    check("one process ends what two ranks began, at the same bytes",
          content(folder, "m.h5") == whole)
    check("and removes the journals of both",
          not [n for n in os.listdir(folder) if "journal" in n])
    for name in ("m.h5", "pid.0", "pid.1"):
        os.remove(os.path.join(folder, name))


def mistakes(folder):
    for name in ("s.h5", "t.h5", "k.h5", "r.h5"):
        os.remove(os.path.join(folder, name))
    here = sorted(os.listdir(folder))
    pue = ("--vary", "pue=//cooling/@pue=1.1,1.2")
    for told, words in (
            ("sweep needs an axis", []),
            ("no name, XPath and values", ["--vary", "//cooling/@pue=1.1:2:10"]),
            ("a range that does not rise", ["--vary", "pue=//cooling/@pue=2:1:10"]),
            ("a range without a number of values", ["--vary", "pue=//cooling/@pue=1:2"]),
            ("the result has for something else", ["--vary", "PUE=//cooling/@pue=1,2"]),
            ("and the later would win", ["--vary", "a=//cooling/@pue=1.1,1.2", "--vary",
                                         "b=//cooling/@pue=1.3,1.4"]),
            ("site.xml:6: cooling/@pue: --vary 'pue' (//cooling/@pue) and 'b' (//site/cooling/@pue)",
             [*pue, "--vary", "b=//site/cooling/@pue=1.3,1.4"]),
            ("output/@mean: --vary 'c' (//workload/*/@mean) and 'out'", ["--design", "lhs:4",
             "--vary", "c=//workload/*/@mean=1000:2000", "--vary", "out=//output/@mean=10:20"]),
            ("the result has for something else", ["--vary", "boundary=//cooling/@pue=1,2"]),
            ("two axes have the name", [*pue, *pue]),
            ("selects nothing", ["--vary", "pue=//cooling/pue=1,2"]),
            ("so it is with //cooling/@pue=0.5", ["--vary", "pue=//cooling/@pue=0.5,1.5"]),
            ("so it is with //cooling/@pue=0.9",
             ["--vary", "pue=//cooling/@pue=1.9,1.1,0.9", "--vary", "c=//prompt/@mean=10,20"]),
            ("so it is with //cooling/@pue=1.9, //prompt/@mean=-5",
             ["--vary", "pue=//cooling/@pue=1.9,1.1", "--vary", "c=//prompt/@mean=10,-5"]),
            ("equally many would be right",
             ["--zip", *pue, "--vary", "c=//prompt/@mean=1,2,3"]),
            ("exclude each other", ["--zip", "--design", "lhs:8", *pue]),
            ("sobol:N or lhs:N", ["--design", "grid:8", *pue]),
            ("did you mean 'token_rate_mean'", ["--of", "token_rate_maen", *pue]),
            ("a figure of the summary", ["--of", "nothing_of_the_kind", *pue]),
            ("--replications: found '0'", ["--replications", "0", *pue]),
            ("--json does not go with sweep", ["--json", *pue]),
            ("--vary does not go with run", None)):
        call = command("site.xml", *words) if words is not None else \
            [DCSIM, "run", "site.xml", "-o", "s.h5", *pue]
        done = subprocess.run(call, cwd=folder, env=ENVIRONMENT, capture_output=True, text=True,
                              check=False)
        good = (done.returncode == 2 and told in done.stderr and done.stdout == ""
                and sorted(os.listdir(folder)) == here)
        if not good:
            print(f"# exit {done.returncode}: {done.stderr.strip()}")
        check(f"a mistake: {told}", good)


def physics(folder):
    """The sweep of PUE by context, reduced to fewer points and minutes."""
    path = os.path.join(TOP, "scenarios", "pue_context.xml")
    short = ["--set", "/scenario/@horizon=6 min", "--set", "/scenario/@warmup=6 min",
             "--replications", "3", "-q"]
    done = subprocess.run(command(path, *short, output="p.h5", vary=(
        "pue=//cooling/@pue=1.05:1.95:5", "context=//prompt/@mean=512:32768:4:log:int")),
        cwd=folder, env=ENVIRONMENT, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"Bail out! exit {done.returncode}: {done.stderr}")
    with h5py.File(os.path.join(folder, "p.h5")) as f:
        power = f["binding_share_feed"][:] + f["binding_share_cooling"][:]
        # By pairs, since replications have common random numbers.
        pairs = np.diff(f["replications/token_rate_mean"][:], axis=0)
        step, room = pairs.mean(axis=-1), student_half(pairs)
        short_of_power = (power[1:] > 0.5) & (power[:-1] > 0.5)
        carried = (power[1:] == 0) & (power[:-1] == 0)
        check("the grid holds steps of both kinds for every context",
              short_of_power.any(axis=0).all() and carried.any(axis=0).all())
        check("tokens never rise with PUE, within intervals", (step <= room).all())
        check("they fall while power binds, by more than intervals",
              (step < -room)[short_of_power].all())
        check("they are flat while it does not, within intervals",
              (np.abs(step) <= room)[carried].all())
        b = f["boundary"]
        check("the crossover falls as prompts grow", (np.diff(b["pue"][:]) < 0).all())
        check("and from the shortest to the longest by more than intervals",
              b["pue_high"][-1] < b["pue_low"][0])
        check("both boundaries agree within the step of the axis",
              (np.abs(b["pue"][:] - b["pue_binding"][:]) <= f["pue"][1] - f["pue"][0]).all())
        print("#", "boundary", b["pue"][:], b["pue_binding"][:])


def main():
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "site.xml"), "w", encoding="utf-8") as f:
            f.write(SITE.format(horizon=30))
        grid(folder)
        one_run(folder)
        by_xarray(folder)
        other_plans(folder)
        threads(folder)
        killed(folder)
        ranks(folder)
        mistakes(folder)
        physics(folder)
    print(f"1..{count}")


main()
