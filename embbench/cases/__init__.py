"""What is measured, as pure frozen values. Nothing here prints, measures or knows a framework."""
