"""PyTorch trials whose step several processes share."""
