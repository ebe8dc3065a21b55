"""embbench: what an embedding table costs per training step, measured and audited."""

__version__ = "0.2.0"
