"""The process of the command: `python -m moe`."""

from services.__main__ import main

if __name__ == "__main__":
    main()
