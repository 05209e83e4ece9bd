"""Programs that depend on each other: those that lower another's amount, and those of a group of
which only the best pays. What they earn in the same days is calculated along."""

from odoo import models
from odoo.fields import Domain

from ..engine.sharing import share_in_common
from ..engine.tiers import ZERO
from .rebate_case import Reduction
from .rebate_measure import Window


class RebateCalculation(models.AbstractModel):
    _inherit = "rebate.calculation"

    def _related_windows(self, windows):
        """The periods of other programs on which some windows depend, and those on which these
        depend; each once, and none that is asked for anyway."""
        agreements = self.env["rebate.agreement"].browse({w.agreement_id for w in windows})
        programs = agreements.program_id
        if not any(program._related() for program in programs):
            return []
        programs = programs._with_related()
        # Whoever may see a program must see the figures that others leave to it.
        others_sudo = self.env["rebate.agreement"].sudo()
        others = others_sudo.search(
            Domain("program_id", "in", programs.ids)
            & Domain("partner_id", "in", agreements.partner_id.ids)
            & Domain("state", "in", ("active", "ended"))
        )
        by_place = others.grouped(lambda other: (other.partner_id, other.program_id))
        known = {(w.agreement_id, w.date_from, w.until) for w in windows}
        related = []
        pending = list(windows)
        while pending:
            window = pending.pop()
            agreement = self.env["rebate.agreement"].browse(window.agreement_id)
            for program in agreement.program_id._related():
                for other in by_place.get((agreement.partner_id, program), ()):
                    for first, last in other._periods(window.last_day):
                        place = (other.id, first, window.until)
                        if last >= window.date_from and place not in known:
                            known.add(place)
                            key = ("of", *place)
                            found = Window(key, other.id, first, last, until=window.until)
                            related.append(found)
                            pending.append(found)
        return related

    def _overlapping(self, window, windows):
        """Those of some windows that share days with one and ask about the same moment."""
        return [
            other
            for other in windows
            if other.until == window.until
            and other.date_from <= window.date_to
            and other.date_to >= window.date_from
        ]

    def _reducing(self, windows):
        """Pair each window with those of the programs that lower its amount.

        :return: by window key, the windows of the other programs
        """
        agreements = self.env["rebate.agreement"].browse(w.agreement_id for w in windows)
        reducing_programs = {
            program: reducing
            for program in agreements.program_id
            if (reducing := program._reducing_programs())
        }
        if not reducing_programs:
            return {}
        by_place = {}
        for window, agreement in zip(windows, agreements, strict=True):
            by_place.setdefault((agreement.partner_id, agreement.program_id), []).append(window)
        reducing = {}
        for window, agreement in zip(windows, agreements, strict=True):
            for program in reducing_programs.get(agreement.program_id, ()):
                others = by_place.get((agreement.partner_id, program), ())
                reducing.setdefault(window.key, []).extend(self._overlapping(window, others))
        return reducing

    def _shared(self, windows, reducing, purchases):
        """Measure which part of what each other program counted a program counts too.

        :param reducing: see :meth:`_reducing`
        :param purchases: what was measured in all
        :return: by ``(key, other key, rule id, other rule id)``, the part and the whole
        """
        by_key = {window.key: window for window in windows}
        amounts = self.env["rebate.measure"]._shared_purchases(
            (by_key[key], other) for key, others in reducing.items() for other in others
        )
        return {
            (key, other_key, rule_id, other_rule_id): (
                amount,
                purchases[other_key, other_rule_id].amount,
            )
            for (key, other_key, rule_id, other_rule_id), amount in amounts.items()
        }

    def _reductions(self, window, program, others, shared, results):
        """Compute by how much other programs lower the amount on which a program's rules pay.

        What another rule earned is spread over the purchases that it counted, in proportion to
        their amount; each rule is lowered by the part that lies on purchases it counts itself,
        see :func:`share_in_common`.
        Published case: Microsoft Dynamics 365, rebate reduction principle.

        :param others: the windows of the other programs, see :meth:`_reducing`
        :param shared: see :meth:`_shared`
        :return: by rule, a list of :class:`Reduction`
        """
        reductions = {}
        for other in others:
            result = results[other.key]
            for part in result.rules:
                earned = result.share_of(part)
                for rule in program.rule_ids if earned else ():
                    place = window.key, other.key, rule.id, part.rule.id
                    both, whole = shared.get(place, (ZERO, ZERO))
                    unit = part.case.terms.unit
                    amount = share_in_common(earned, part.outcome.parts, both, whole, unit)
                    if amount:
                        reductions.setdefault(rule, []).append(Reduction(result.program, amount))
        return reductions

    def _beaten(self, pairs, results):
        """Find who is not paid because another program of its group pays more for these days.

        :param pairs: windows with agreement and program, the first program first
        :return: by window key, the program that pays instead
        """
        groups = {}
        for window, agreement, program in pairs:
            group = program.stacking_group_id
            if group.method == "best":
                groups.setdefault((group, agreement.partner_id), []).append((window, program))
        beaten = {}
        for members in groups.values():
            for window, program in members:
                rivals = self._overlapping(window, [other for other, _program in members])
                # The first of equals wins, and they are in sequence.
                best = max(rivals, key=lambda rival: results[rival.key].earned)
                if results[best.key].program != program:
                    beaten[window.key] = results[best.key].program
        return beaten
