"""Floor 1: what is measured, as pure frozen values. Nothing here prints, measures or knows a framework."""
