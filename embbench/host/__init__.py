"""Facts from the operating system about machine, memory, noise and devices. Only reads; changes no setting."""
