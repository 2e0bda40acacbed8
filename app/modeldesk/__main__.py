"""``python -m modeldesk``: the command line."""

from modeldesk.cli.main import main

main()
