"""What a program pays at most and at least, and how often."""

from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..engine.limits import guaranteed_so_far
from ..engine.prorate import prorate
from .rebate_case import Days, Guarantee

# From the shortest to the longest.
PERIODS = ("month", "quarter", "half_year", "year", "program")


class RebateProgram(models.Model):
    _inherit = "rebate.program"

    settlement_period = fields.Selection(
        selection=lambda self: self._fields["period_type"].selection,
        string="Pays Each",
        required=True,
        compute="_compute_settlement_period",
        store=True,
        readonly=False,
        precompute=True,
        tracking=True,
        help="How often the program pays, at most as long as the period. Where it pays within a"
        " period, it pays what is earned to date, and the next payout the difference.",
    )
    max_payout = fields.Monetary(
        string="Greatest Rebate",
        tracking=True,
        help="A period earns at most this, all rules together; 0: no limit.",
    )
    guaranteed_payout = fields.Monetary(
        string="Guaranteed Rebate",
        tracking=True,
        help="A period earns at least this, whatever was bought; 0: nothing is guaranteed.",
    )
    min_payout = fields.Monetary(
        string="Smallest Payout",
        tracking=True,
        help="Less than this is not paid but carried over to the next settlement; 0: all is paid.",
    )

    final_rest = fields.Selection(
        [("release", "Not paid"), ("pay", "Paid")],
        string="Rest at the End",
        default="release",
        required=True,
        tracking=True,
        help="What becomes of less than the smallest payout when an agreement has ended and nothing"
        " can be added to it. Not paid: it is released from the liability to the rebate account."
        " Should the agreement go on, or late invoices make it enough, it is owed again.",
    )

    @api.depends("period_type")
    def _compute_settlement_period(self):
        for program in self:
            program.settlement_period = program.period_type

    @api.constrains("max_payout", "guaranteed_payout", "min_payout")
    def _check_limits(self):
        for program in self:
            if min(program.max_payout, program.guaranteed_payout, program.min_payout) < 0:
                raise ValidationError(
                    self.env._(
                        "Program “%s” has a negative limit. Enter 0 where there is none.",
                        program.display_name,
                    )
                )
            if 0 < program.max_payout < program.guaranteed_payout:
                raise ValidationError(
                    self.env._(
                        "Program “%s” guarantees more than its greatest rebate. Lower the one or"
                        " raise the other.",
                        program.display_name,
                    )
                )

    @api.constrains("period_type", "settlement_period")
    def _check_settlement_period(self):
        labels = dict(self._fields["period_type"]._description_selection(self.env))
        for program in self:
            if PERIODS.index(program.settlement_period) > PERIODS.index(program.period_type):
                raise ValidationError(
                    self.env._(
                        "Program “%(program)s” counts by %(period)s but pays by %(settlement)s."
                        " Choose a settlement period that is not longer than the period.",
                        program=program.display_name,
                        period=labels[program.period_type],
                        settlement=labels[program.settlement_period],
                    )
                )

    def _limits(self, days: Days | None) -> tuple[Decimal, Decimal]:
        """The greatest and the guaranteed rebate of a period, in the program's currency.

        :param days: the share of the period that counts, where the terms are pro rata
        """
        self.ensure_one()
        limits = Decimal(str(self.max_payout)), Decimal(str(self.guaranteed_payout))
        if not days:
            return limits
        coin = Decimal(str(self.currency_id.rounding))
        return tuple(prorate(value, *days, coin) for value in limits)

    def _limits_on(self, window, day, days: Days | None):
        """The limits of a period as they are on a day: a guarantee is owed by the days that have
        passed, so that no payout within the period pays what the whole period is guaranteed.

        :param window: the period
        :param day: no later than its end
        :param days: as for :meth:`_limits`
        :return: as :meth:`_limits`; and :class:`Guarantee` where the period runs, or None
        """
        greatest, guaranteed = limits = self._limits(days)
        if not guaranteed or day >= window.date_to:
            return limits, None
        passed = Days(
            max((day - window.date_from).days + 1, 0), (window.date_to - window.date_from).days + 1
        )
        by_now = guaranteed_so_far(guaranteed, *passed, Decimal(str(self.currency_id.rounding)))
        return (greatest, by_now), Guarantee(guaranteed, passed)
