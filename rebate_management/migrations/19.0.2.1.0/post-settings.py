"""Companies propose to new programs what their programs did so far, and a level of approval for all
payouts of all companies is in each one's own currency."""

from odoo import SUPERUSER_ID, api
from odoo.tools import SQL


def migrate(cr, version):
    """Take over the settings from the newest running program of each company; a company without
    programs gets those of a new one."""
    if not version:
        return
    cr.execute(
        SQL(
            """
            UPDATE res_company company
               SET rebate_accrual_method = program.accrual_method,
                   rebate_tax_policy = CASE
                       WHEN program.tax_policy = 'product' AND program.payout_product_id IS NULL
                       THEN 'none' ELSE program.tax_policy END,
                   rebate_expense_account_id = program.expense_account_id,
                   rebate_liability_account_id = program.liability_account_id,
                   rebate_accrual_journal_id = program.accrual_journal_id,
                   rebate_payout_journal_id = program.journal_id,
                   rebate_payout_product_id = program.payout_product_id
              FROM (SELECT DISTINCT ON (program.company_id) program.company_id,
                           program.accrual_method, program.tax_policy, program.payout_product_id,
                           program.expense_account_id, program.liability_account_id,
                           program.accrual_journal_id,
                           journal.id AS journal_id
                      FROM rebate_program program
                 LEFT JOIN account_journal journal
                        ON journal.id = program.journal_id AND journal.type = 'sale'
                     WHERE program.amends_id IS NULL
                  ORDER BY program.company_id, program.state = 'active' DESC,
                           program.payout_method = 'credit_note' DESC, program.id DESC) program
             WHERE program.company_id = company.id
         RETURNING company.id
            """
        )
    )
    used = [company_id for (company_id,) in cr.fetchall()]
    cr.execute(
        "UPDATE rebate_approval_level SET currency_id = NULL"
        " WHERE company_id IS NULL AND COALESCE(amount_from, 0) = 0"
    )
    env = api.Environment(cr, SUPERUSER_ID, {})
    env.invalidate_all()
    companies = env["res.company"].search([("chart_template", "!=", False)])
    companies.filtered(lambda company: company.id not in used)._rebate_set_accounts()
    # Who has programs has taken the first steps.
    panel = env.ref("rebate_management.onboarding_panel")
    for company in env["res.company"].browse(used):
        panel.with_company(company)._search_or_create_progress().action_close()
