"""How results look in a notebook: HTML that needs no script but for its copy buttons, and nothing from elsewhere."""
