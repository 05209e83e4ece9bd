"""What was settled keeps its scope, and where master data changed since, it says so."""

from odoo import fields, models
from odoo.tools import format_list

from ..tools.apart import apart
from ..tools.trust import trusted
from .rebate_turns import take_turn

# So many products are named, of however many.
NAMED = 10


class RebateAccrual(models.Model):
    _inherit = "rebate.accrual"

    scope_note = fields.Text(
        string="Counted as Settled",
        compute="_compute_scope_note",
        help="Products that count otherwise by now than when days of the period were paid for;"
        " these keep them as they were.",
    )

    def _compute_scope_note(self):
        changes = {}
        for _accruals, found, _error in apart(self, lambda some: some._scope_changes()):
            # Why a program cannot be computed is told by its problem.
            changes |= found or {}
        for accrual in self:
            accrual.scope_note = "\n".join(
                dict.fromkeys(
                    self._scope_sentence(settlement_id, name, product_ids, has_left)
                    for settlement_id, name, product_ids, has_left in changes.get(accrual.id, ())
                )
            )

    def _scope_changes(self):
        """Find what counts otherwise today than when days of the periods were paid for.

        :return: by accrual id, ``(settlement id, name of the sum, product ids, whether they left)``
        """
        measure = self.env["rebate.measure"]
        windows = self._windows()
        if not windows or not (paid := measure._paid_days(windows)):
            return {}
        programs = measure._agreements(windows).program_id
        kept = {part for spans in paid.values() for one in spans for part in one.scope}
        differing = measure._changes(programs, kept)
        return {
            window.key: [
                (one.settlement_id, part.name, sorted(product_ids), has_left)
                for one in paid.get(window.agreement_id, ())
                if one.period_from == window.date_from
                for part in one.scope
                for product_ids, has_left in zip(differing[part], (True, False), strict=True)
                if product_ids
            ]
            for window in windows
        }

    def _scope_sentence(self, settlement_id, name, product_ids, has_left):
        # Whoever may read the period may read what it counted.
        settlement = self.env["rebate.settlement"].sudo().browse(settlement_id)
        rule = self.env["rebate.rule"].sudo().browse(abs(name))
        products = self.env["product.product"].sudo().browse(product_ids)
        names = products[:NAMED].mapped("display_name")
        if len(products) > NAMED:
            names.append(self.env._("%s more", len(products) - NAMED))
        vals = {
            "settlement": settlement.name,
            "products": format_list(self.env, names),
            "rule": rule.display_name,
        }
        if name < 0 and has_left:
            return self.env._(
                "Since settlement %(settlement)s, purchases of %(products)s no longer choose the"
                " tier of rule “%(rule)s”: for the days that are paid for they still do, open"
                " periods follow.",
                **vals,
            )
        if name < 0:
            return self.env._(
                "Since settlement %(settlement)s, purchases of %(products)s choose the tier of rule"
                " “%(rule)s”: for the days that are paid for they do not, open periods follow.",
                **vals,
            )
        if has_left:
            return self.env._(
                "Since settlement %(settlement)s, %(products)s no longer count for rule “%(rule)s”:"
                " the days that are paid for keep them, open periods follow.",
                **vals,
            )
        return self.env._(
            "Since settlement %(settlement)s, %(products)s count for rule “%(rule)s”: the days that"
            " are paid for leave them out, open periods follow.",
            **vals,
        )

    def _tell_scope_changes(self):
        """Tell each program once of products that count otherwise than when they were settled."""
        changes = self._scope_changes()
        if not any(changes.values()):
            return
        found = {}
        for accrual in self:
            for settlement_id, name, product_ids, has_left in changes.get(accrual.id, ()):
                by_place = found.setdefault(accrual.program_id, {})
                for product_id in product_ids:
                    # told of the first settlement alone
                    by_place.setdefault((name, product_id, has_left), settlement_id)
        news = {
            program: untold
            for program, places in found.items()
            if (untold := places.keys() - {tuple(place) for place in program.told_scope or ()})
        }
        # Another transaction that refreshes the program at the moment tells it.
        for program in take_turn(self.program_id.filtered(lambda program: program in news)):
            sentences = {}
            for place in sorted(news[program]):
                name, product_id, has_left = place
                sentences.setdefault((found[program][place], name, has_left), []).append(product_id)
            # A reader who refreshes tells it too; it is the program's word.
            program_sudo = trusted(program.sudo())
            speaking = self.with_context(lang=program.user_id.lang)
            for (settlement_id, name, has_left), product_ids in sentences.items():
                program_sudo.message_post(
                    body=speaking._scope_sentence(settlement_id, name, product_ids, has_left)
                )
            told = {tuple(place) for place in program.told_scope or ()}
            program_sudo.told_scope = sorted(told | news[program])
