"""`python -m gezhi`"""

from gezhi.entrypoints.cli import main

if __name__ == "__main__":
    main()
