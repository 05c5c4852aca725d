#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fails when `dcsim validate` finds an error where the measured figures are its own, another one than
-50 % where a time was doubled, or results that depend on the number of threads; when a point is left
out without its reason or a mistake is taken; or when result file, report, JSON and figures disagree or
cannot be read."""

import csv
import json
import os
import subprocess
import sys
import tempfile

import h5py
import numpy as np

DCSIM = os.environ["DCSIM"]
SOURCE = os.environ["top_srcdir"]
QUANTITIES = ("tpot", "itl_p50", "ttft", "token_rate", "gpu_power", "e_tok", "wall_power")
UNITS = {"tpot": "tpot_s", "itl_p50": "itl_p50_s", "ttft": "ttft_s", "token_rate": "token_rate_per_s",
         "gpu_power": "gpu_power_W", "e_tok": "e_tok_J", "wall_power": "wall_power_W"}
# Over kinds of load, layouts, precisions, hardware and engines.
POINTS = """\
hardware,engine,version,llm,gpus,copies,weights,kv,attention,expert_parallel,kind,prompt_tokens,output_tokens,spread,clients,cap_W
H100-SXM,vLLM,0.12.0,Llama-3.1-8B,1,1,FP16,FP16,,,,1000,200,,1,
H100-SXM,vLLM,0.12.0,Llama-3.1-8B,1,1,FP8,FP16,,,,1000,200,0.111,8,
H100-SXM,vLLM,,Llama-3.1-70B,4,2,FP8,FP16,,,,500,500,,16,
H100-SXM,vLLM,0.15.1,Llama-3.1-70B,4,1,FP8,FP16,,,,2000,100,,64,400
H200-SXM,TensorRT-LLM,1.0.0,Llama-3.1-70B,8,1,FP8,FP8,,,,1000,1000,,4,
H200-SXM,SGLang,,gpt-oss-120b,2,1,FP4,FP16,,,,1000,300,0.5,16,
B200,TensorRT-LLM,1.2,DeepSeek-R1,8,1,FP8,FP8,data,yes,,1000,300,,16,
B200,vLLM,,Qwen3-235B-A22B,4,1,FP8,FP16,,yes,,900,300,,7.9,
B200,vLLM,,gemma-3-27b,1,1,FP16,FP16,,,,2000,200,,16,
H100-SXM,vLLM,,Llama-2-70B,8,1,FP16,FP16,,,batch,1024,128,,16,
H200-SXM,TensorRT-LLM,,Llama-2-70B,1,8,FP8,FP8,,,offline,294,294,0.5,,
B200,vLLM,,Nemotron-Nano-9B-v2,1,1,FP16,FP16,,,,250,500,,128,
"""
count = 0


def check(text, good):
    global count
    count += 1
    print(f"{'ok' if good else 'not ok'} {count} - {text}", flush=True)


def run(*arguments):
    return subprocess.run([DCSIM, "validate", *arguments], capture_output=True, text=True,
                          check=False)


def write(path, rows):
    with open(path, "w", encoding="ascii", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)


def measure(folder):
    """The points with the simulator's own figures: those of a run against made-up ones."""
    rows = list(csv.DictReader(POINTS.splitlines()))
    for row in rows:
        row.update({UNITS[q]: 7 for q in QUANTITIES})
    write(f"{folder}/made_up.csv", rows)
    done = run("-q", "-o", f"{folder}/made_up.h5", f"{folder}/made_up.csv")
    check("twelve points of all kinds are simulated",
          done.returncode == 0 and done.stdout == "" and done.stderr == "")
    with h5py.File(f"{folder}/made_up.h5") as file:
        for i, row in enumerate(rows):
            for q in QUANTITIES:
                value = file[f"{q}_predicted"][i]
                row[UNITS[q]] = repr(float(value)) if np.isfinite(value) else ""
        check("all count", set(file["excluded"][...]) == {b""})
        check("TTFT is compared at low load and of batches",
              [np.isfinite(v) for v in file["ttft_predicted"][...]] ==
              [True, True, True, False, True, True, True, True, True, True, False, False])
    return rows


def own_figures(folder, rows):
    write(f"{folder}/own.csv", rows)
    done = run("--json", "-o", f"{folder}/own.h5", f"{folder}/own.csv")
    result = json.loads(done.stdout)
    errors = [e for g in result["groups"] for e in g["errors"].values()]
    check("its own figures come out without any error",
          result["compared"] == len(rows) and len(errors) > 20 and
          all(e["p90"] <= 1e-12 and abs(e["bias"]) <= 1e-12 for e in errors))
    with h5py.File(f"{folder}/own.h5") as file:
        both = [(file[f"{q}_measured"][...], file[f"{q}_predicted"][...]) for q in QUANTITIES]
        check("the file has them too, with units",
              all(np.allclose(m, p, rtol=1e-12, equal_nan=True) for m, p in both) and
              file["tpot_predicted"].attrs["units"] == "s" and
              file["gpu_power_measured"].attrs["units"] == "W")


def doubled(folder, rows):
    rows = [dict(row) for row in rows]
    for row in rows:
        for q in ("tpot", "gpu_power"):
            row[UNITS[q]] = row[UNITS[q]] and repr(2 * float(row[UNITS[q]]))
    write(f"{folder}/doubled.csv", rows)
    result = json.loads(run("--json", f"{folder}/doubled.csv").stdout)
    errors = [(name, e) for g in result["groups"] for name, e in g["errors"].items()]
    check("twice the time per token and power are errors of -50 %",
          all(abs(e["bias"] - (-0.5 if name in ("tpot", "gpu_power") else 0)) <= 1e-9 and
              abs(e["median"] + e["bias"]) <= 1e-9 for name, e in errors))


def threads(folder):
    names = [f"{folder}/threads_{n}" for n in (1, 3)]
    outputs = [run("--threads", n, "--markdown", f"{name}.md", "-o", f"{name}.h5",
                   f"{folder}/own.csv").stdout
               for n, name in zip(("1", "3"), names)]
    check("the summary does not depend on threads", outputs[0] == outputs[1] and outputs[0])
    with open(f"{names[0]}.md", encoding="utf-8") as one, \
            open(f"{names[1]}.md", encoding="utf-8") as two:
        check("the report does not depend on threads", one.read() == two.read())
    with h5py.File(f"{names[0]}.h5") as one, h5py.File(f"{names[1]}.h5") as two:
        check("the file does not depend on threads",
              all(one[name][...].tobytes() == two[name][...].tobytes()
                  for name in one if one[name].dtype.kind != "O"))


def report(folder, rows):
    """Excluded points and errors above 15 % are told, and what was held out."""
    rows = [dict(row) for row in rows]
    for row in rows[:9]:
        row[UNITS["tpot"]] = repr(1.4 * float(row[UNITS["tpot"]]))
        row.update(hardware="H100-SXM", engine="vLLM", version="0.12.0", llm="Llama-3.1-8B", gpus=1,
                   copies=1, weights="FP8", attention="", expert_parallel="", kv="FP16", cap_W="")
    rows[10]["kind"] = "server"
    rows[11]["tpot_s"] = "1e-9"
    write(f"{folder}/report.csv", rows)
    with open(f"{folder}/held.csv", "w", encoding="ascii") as file:
        file.write("group,left_out,quantity,n,median,p90\nH100-SXM vLLM,Qwen3-8B,tpot,12,0.071,0.19\n"
                   "mlenergy,each model,gpu_power,60,0.121,0.3\nmlenergy,each model,tpot,60,0.149,0.3\n")
    done = run("-q", "--markdown", f"{folder}/report.md", "--held-out", f"{folder}/held.csv",
               f"{folder}/report.csv")
    with open(f"{folder}/report.md", encoding="utf-8") as file:
        text = file.read()
    check("the report is written", done.returncode == 0 and text.startswith("<!-- Generated by"))
    check("it tells what was held out", "| H100-SXM vLLM | Qwen3-8B | tpot | 12 | 7.1 | 19.0 |" in text)
    bars = text.split("## Bars")[1].split("## Errors by hardware")[0]
    check("it tells which bars are missed on what was held out",
          "| mlenergy | each model | gpu_power | 60 | **12.1** | 30.0 | 12.0 |" in text and
          "| mlenergy | each model | tpot | 60 | 14.9 | 30.0 | 15.0 |" in text and
          bars.count("left out of the fit, 60 points") == 1 and bars.count("- none.") == 2)
    check("it tells why points are left out",
          "| 1 | server scenario: the rate is set by latency limits |" in text and
          "| 1 | faster than memory allows at the stated concurrency |" in text)
    doubts = text.split("## Where not to trust it")[1].split("## Errors by version")[0]
    check("it tells where not to trust it",
          "| dcsim | H100-SXM | vLLM | 0.12 | Llama-3.1-8B | TPOT |" in doubts)


def bars_missed(folder, rows):
    """Fifty points that are off by 40 % miss their bars, and forty-nine have none."""
    row = {**rows[0], "tpot_s": repr(1.4 * float(rows[0]["tpot_s"]))}
    for n in (49, 50):
        # Prompts of other lengths, so that no row repeats another.
        write(f"{folder}/bars.csv", [{**row, "prompt_tokens": 1000 + i} for i in range(n)])
        run("-q", "--markdown", f"{folder}/bars.md", f"{folder}/bars.csv")
        with open(f"{folder}/bars.md", encoding="utf-8") as file:
            text = file.read()
        missed = [line for line in text.splitlines() if "points: the" in line and " TPOT " in line]
        check(f"{n} points off by 40 % are {'held to' if n == 50 else 'below'} the bars",
              len(missed) == (4 if n == 50 else 0) and
              ("| **28.6** |" in text) == (n == 50) == ("are asked for." in text))


def memory(folder):
    """More clients than the memory holds are told; the same on more GPUs are not."""
    head = "hardware,engine,llm,gpus,weights,kv,prompt_tokens,output_tokens,clients,tpot_s\n"
    with open(f"{folder}/memory.csv", "w", encoding="ascii") as file:
        file.write(head + "H100-SXM,vLLM,Llama-3.1-70B,2,FP8,FP16,8000,200,64,0.03\n"
                          "H100-SXM,vLLM,Llama-3.1-70B,8,FP8,FP16,8000,200,64,0.02\n")
    run("-q", "--markdown", f"{folder}/memory.md", "-o", f"{folder}/memory.h5",
        f"{folder}/memory.csv")
    with open(f"{folder}/memory.md", encoding="utf-8") as file:
        text = file.read().split("## Where the memory")[1].split("\n## ")[0]
    with h5py.File(f"{folder}/memory.h5") as file:
        places, running = file["places"][...], file["running"][...]
    check("too small a memory is told",
          "| dcsim | H100-SXM | vLLM | Llama-3.1-70B | 2 | 1 | 1 | 47 |" in text and
          "Together 1 of 2 points." in text and
          running[0] <= places[0] * 1.1 < 0.9 * 64 and places[1] > 64)


def mistakes(folder):
    with open(f"{folder}/bad.csv", "w", encoding="ascii") as file:
        file.write(POINTS.replace("1000,200,,1,", "1000,many,,1,"))
    done = run("-o", f"{folder}/bad.h5", f"{folder}/bad.csv")
    check("a broken file is told with its line",
          done.returncode == 2 and done.stdout == "" and "bad.csv:2: output_tokens: found 'many'"
          in done.stderr and not os.path.exists(f"{folder}/bad.h5"))
    check("an absent file is told", run(f"{folder}/none.csv").returncode == 2)
    check("a result never replaces data",
          run("-o", f"{folder}/own.csv", f"{folder}/own.csv").returncode == 2)
    check("options of scenarios are refused", run("--seed", "1").returncode == 2)
    check("--held-out without a report is refused", run("--held-out", "x.csv").returncode == 2)
    done = run("--held-out", f"{folder}/own.csv", "--markdown", f"{folder}/x.md", f"{folder}/own.csv")
    check("a wrong table of held-out errors is told",
          done.returncode == 2 and "own.csv:1: column missing" in done.stderr)


def figures(folder):
    script = f"{SOURCE}/analysis/plots/validation.py"
    try:
        import matplotlib  # noqa: F401, PLC0415 - only looked for
    except ImportError:
        for text in ("tells its use", "draws", "tells a broken file"):
            check(f"the script of figures {text} # SKIP no matplotlib", True)
        return
    done = subprocess.run([sys.executable, script, "--help"], capture_output=True, text=True,
                          check=False)
    check("the script of figures tells its use", done.returncode == 0 and "usage" in done.stdout)
    subprocess.run([sys.executable, script, "-d", f"{folder}/figures", f"{folder}/own.h5"],
                   check=False)
    check("the script of figures draws",
          all(os.path.getsize(f"{folder}/figures/validation_{q}.{kind}") > 1000
              for q in QUANTITIES for kind in ("png", "pdf")))
    done = subprocess.run([sys.executable, script, f"{folder}/own.csv"], capture_output=True,
                          text=True, check=False)
    check("the script of figures tells a broken file", done.returncode == 2 and done.stderr != "")


with tempfile.TemporaryDirectory() as where:
    points = measure(where)
    own_figures(where, points)
    doubled(where, points)
    threads(where)
    report(where, points)
    bars_missed(where, points)
    memory(where)
    mistakes(where)
    figures(where)
print(f"1..{count}")
sys.exit(0)
