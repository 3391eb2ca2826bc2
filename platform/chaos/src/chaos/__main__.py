"""``python -m chaos``: experiments, and their verdicts."""

from chaos.main import main

if __name__ == "__main__":
    main()
