"""Who may do what: principals, the rule of every route, and the plans that a principal may see."""
