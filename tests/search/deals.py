"""What is agreed on in the small world of ``world.py``, for Hypothesis to do at random: who takes
part in which program, and by which terms."""

from datetime import timedelta

from hypothesis import event
from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule

from odoo import Command, fields

from .trade import Trade, places
from .world import days, documents

# Terms that an amendment may change, each of them or not; of tiers one is meant.
new_terms = st.fixed_dictionaries(
    {},
    optional={
        "rate": st.sampled_from((0, 0.75, 4, 33.333)),
        "threshold": st.sampled_from((0, 40, 700, 2000)),
        "max_payout": st.sampled_from((0, 40, 250)),
        "basis": st.sampled_from(("invoiced", "paid")),
        "include_refunds": st.booleans(),
    },
)
meant = st.sampled_from((True, True, False))


class Deals(Trade):
    """Trade, and the agreements and programs by which it earns."""

    @initialize(
        alone=st.booleans(),
        child=st.booleans(),
        trade=st.lists(documents, max_size=8),
        program=places,
        terms=new_terms,
        is_meant=meant,
    )
    def begin(self, alone, child, trade, program, terms, is_meant):
        """Who is enrolled, what was bought, and which terms were not the first."""
        case = self.case
        for offered in case.world:
            case._enrol(offered, case.parent, include_children=True, target_amount=1000)
            if alone:
                case._enrol(offered, case.alone)
        if child:
            case._enrol(case.programs["second"], case.child)
        self.post(trade)
        case._drain()
        self.amend(program, 0, {"rate": 4.5} | terms, is_meant)

    @rule(
        program=places,
        distributor=st.integers(0, 2),
        day=days,
        until=st.one_of(st.none(), days),
        children=st.booleans(),
    )
    def enrol(self, program, distributor, day, until, children):
        with self.attempt():
            self.case._enrol(
                self.pick(program, self.case.world),
                self.case.distributors[distributor],
                date_start=day,
                date_end=until,
                include_children=children,
                target_amount=300,
            )

    @rule(place=places, day=days, children=st.booleans())
    def renew(self, place, day, children):
        """A new agreement from a day on in place of the one until then."""
        agreement = self.pick(place, self.agreements)
        day = fields.Date.to_date(day)
        with self.attempt():
            agreement.date_end = day - timedelta(days=1)
            self.case._enrol(
                agreement.program_id,
                agreement.partner_id,
                date_start=day,
                include_children=children,
            )

    @rule(place=places)
    def end(self, place):
        self.pick(place, self.agreements).action_end()

    @rule(place=places, day=days, name=st.sampled_from(("date_start", "date_end")))
    def change_dates(self, place, day, name):
        with self.attempt():
            self.pick(place, self.agreements).write({name: day})

    @rule(
        place=places,
        program=st.sampled_from(("growth", "average", "target")),
        amount=st.sampled_from((0, 100, 5000)),
    )
    def agree_on_amounts(self, place, program, amount):
        agreement = self.pick(place, self.case.programs[program].agreement_ids)
        agreement.write({"baseline_amount": amount, "target_amount": amount})

    @rule(place=places)
    def change_children(self, place):
        agreement = self.pick(place, self.agreements)
        agreement.include_children = not agreement.include_children

    @rule(place=places, rate=st.sampled_from((0, 1.5, 7)))
    def agree_on_own_tiers(self, place, rate):
        agreement = self.pick(place, self.agreements)
        terms = agreement.program_id.rule_ids[:1]
        own = {"rule_id": terms.id, "threshold": 50, "rate": rate}
        agreement.tier_ids = [Command.clear(), Command.create(own)]

    @rule(program=places, rate=st.sampled_from((0.5, 2, 12)))
    def correct_terms(self, program, rate):
        """Before anything is paid, a program may be taken back and offered otherwise."""
        program = self.pick(program, self.case.world)
        with self.attempt():
            program.action_reset()
            program.rule_ids.tier_ids.sorted("threshold")[:1].rate = rate
            program.action_activate()

    @rule(place=places)
    def close(self, place):
        self.pick(place, self.case.world).action_close()

    # ------------------------------------------------------------------
    # Amendments
    # ------------------------------------------------------------------

    @rule(program=places, tier=places, terms=new_terms, is_meant=meant)
    def amend(self, program, tier, terms, is_meant):
        """New terms for a running program, looked at and then put into force, or dropped."""
        program = self.pick(program, self.case.world)
        held, paid = self.held(), self.paid()
        amendment = program.amendment_ids.browse()
        with self.attempt():
            draft = program.browse(program.action_amend()["res_id"])
            tiers = {name: terms[name] for name in terms if name in ("rate", "threshold")}
            self.pick(tier, draft.rule_ids.tier_ids).write(tiers)
            draft.write({name: terms[name] for name in terms if name not in tiers})
            draft.action_preview_amendment()
            amendment = program.amendment_ids.filtered("draft_id")
        outcome = "applied" if is_meant else "dropped"
        event(f"amendment {outcome if amendment else 'refused'}")
        if amendment:
            self.case.assertEqual(self.held(), held, "held after a preview")
            (self.put_into_force if is_meant else self.drop)(amendment, held)
            self.case.assertEqual(self.paid(), paid, "paid before an amendment")

    def put_into_force(self, amendment, held):
        """What the preview promised is held, all else is as it was, and the record stays."""
        case, promised = self.case, self.effects(amendment)
        amendment.reason = "Agreed"
        amendment.action_apply()
        case.assertEqual(self.effects(amendment), promised, "effects, previewed and applied")
        lines = amendment.line_ids.filtered("accrual_id")
        before = {line.accrual_id: line.earned_before for line in lines if line.accrual_state}
        case.assertEqual(before, {accrual: held[accrual][0] for accrual in before}, "before")
        expected = {
            accrual: amounts[0] for accrual, amounts in held.items() if accrual.exists()
        } | {line.accrual_id: line.earned_after for line in lines}
        after = {accrual: amounts[0] for accrual, amounts in self.held().items()}
        case.assertEqual(after, expected, "promised for each period, and held")
        for change in (
            lambda: amendment.write({"reason": "Another"}),
            lambda: amendment.line_ids.write({"earned_after": 1}),
            amendment.action_apply,
            amendment.unlink,
        ):
            with case.assertRefused():
                change()

    def drop(self, amendment, held):
        """An amendment that is dropped leaves nothing."""
        draft, lines = amendment.draft_id, amendment.line_ids
        draft.action_discard_amendment()
        self.case.assertFalse(amendment.exists() or draft.exists() or lines.exists())
        self.case.assertEqual(self.held(), held, "held after an amendment was dropped")

    def held(self):
        """What each period earned and what was settled of it."""
        self.env.invalidate_all()
        return {
            accrual: (accrual.earned_amount, accrual.settled_amount)
            for accrual in self.agreements.accrual_ids
        }

    def paid(self):
        """Each payout with its amounts."""
        return {
            payout: (
                payout.state,
                payout.line_ids.mapped("amount"),
                payout.move_ids.mapped("amount_total"),
            )
            for payout in self.env["rebate.settlement"].search([])
        }

    def effects(self, amendment):
        """What an amendment does to each period."""
        return sorted(
            (
                *(line.program_id.id, line.partner_id.id, line.date_from, line.date_to),
                *(line.earned_before, line.earned_after, line.settled_amount),
            )
            for line in amendment.line_ids
        )
