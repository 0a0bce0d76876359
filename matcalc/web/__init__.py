"""The playground: a page in the browser, served on this machine alone, whose derivations run in processes of their own."""
