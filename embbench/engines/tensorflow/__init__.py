"""TensorFlow: a traced step, TensorFlow's training kernels, parts, profile."""
