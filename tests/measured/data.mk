# Written by build-aux/list-data: run it after adding or removing a file; do not edit.
dist_measured_DATA += tests/measured/README.md
dist_measured_DATA += tests/measured/mlenergy_v3.csv.gz
dist_measured_DATA += tests/measured/mlperf.csv.gz
dist_measured_DATA += tests/measured/notes.csv
dist_measured_DATA += tests/measured/power_cap_curves.csv
dist_measured_DATA += tests/measured/prompts.csv
dist_measured_DATA += tests/measured/serving_points.csv.gz
dist_measured_DATA += tests/measured/splitwise_llama2_70b_h100.csv
