# Written by build-aux/list-data: run it after adding or removing a file; do not edit.
nobase_dist_pkgdata_DATA += scenarios/dcsim.xsd
nobase_dist_pkgdata_DATA += scenarios/one_hour_full.xml
nobase_dist_pkgdata_DATA += scenarios/one_node_azure.xml
nobase_dist_pkgdata_DATA += scenarios/pathA_100MW.xml
nobase_dist_pkgdata_DATA += scenarios/pathA_2024_2030.xml
nobase_dist_pkgdata_DATA += scenarios/pathB_100MW.xml
nobase_dist_pkgdata_DATA += scenarios/pathB_2024_2030.xml
nobase_dist_pkgdata_DATA += scenarios/pue_context.xml
nobase_dist_pkgdata_DATA += scenarios/small_site.xml
nobase_dist_pkgdata_DATA += scenarios/traces/README.md
nobase_dist_pkgdata_DATA += scenarios/traces/azure2023_conv.csv.gz
nobase_dist_pkgdata_DATA += scenarios/traces/azure2024_weekday.xml
