"""The API under load, over loopback: a server process, a writer or a training, and many clients."""
