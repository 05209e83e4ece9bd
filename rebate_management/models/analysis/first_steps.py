"""Which of the first steps a company has taken already."""


def steps_done(env):
    """Find the steps that the records of the company show to be done.

    :return: the names of the methods that open these steps
    """
    of_company = [("company_id", "in", env.company.ids)]
    offered = [*of_company, ("state", "!=", "draft"), ("amends_id", "=", False)]
    enrolled = [*of_company, ("state", "not in", ("draft", "proposed"))]
    paid = [*of_company, ("state", "in", ("posted", "paid"))]
    # What is archived was done all the same.
    env = env(context={**env.context, "active_test": False})
    is_paid = bool(env["rebate.settlement"].search_count(paid, limit=1))
    facts = {
        # Where rebates were paid the settings have been seen.
        "action_rebate_open_settings": is_paid,
        "action_rebate_open_program": env["rebate.program"].search_count(offered, limit=1),
        "action_rebate_open_agreement": env["rebate.agreement"].search_count(enrolled, limit=1),
        "action_rebate_open_settlement": is_paid,
    }
    return {name for name, is_done in facts.items() if is_done}
