"""Entry point of `python -m moe`."""

from moe.cli.root import main

if __name__ == "__main__":
    main()
