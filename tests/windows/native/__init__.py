"""What is compiled for the Windows tests: an IIS-shaped client, a FastCGI yardstick, and how both are run."""
