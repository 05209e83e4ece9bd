"""Rules from before there was a choice count empty years as nothing, as was agreed on."""


def migrate(cr, version):
    """Give the rules that there are the new term with the meaning they had."""
    if version:
        cr.execute("ALTER TABLE rebate_rule ADD COLUMN IF NOT EXISTS baseline_skip_empty boolean")
        cr.execute("UPDATE rebate_rule SET baseline_skip_empty = FALSE")
