"""Workloads of this engine besides the networks behind a table: a file per workload, see `engines.listed`."""
