"""PyTorch: tables by update, networks by workload, their trials, eager and compiled, and a CUDA device's ceilings."""
