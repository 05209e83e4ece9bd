"""The overview: what waits for whoever opens the app, and how the rebates stand."""

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import date_utils, format_date, format_list

from .distributor_purchases import DAYS, list_purchases, month_lines, movers
from .earnings import list_earnings, running_domain
from .money import Adder, Amount
from .near_tiers import list_near, watched
from .opening import opening
from .payout_calendar import calendar_rows, list_payouts, month_bars
from .reader import find_reader, own_domain
from .stored_sums import add_up, last_runs
from .todo import list_todos

# Days on which money goes out, of which the page tells.
ROWS = 6


class RebateOverview(models.AbstractModel):
    """All of the page in one answer: sums come from stored accruals, which the queue keeps up to
    date, and who is near a tier from the watch list of last night. Only these few are then measured
    live, in a second answer."""

    _name = "rebate.overview"
    _description = "Rebate Overview"

    @api.model
    @api.readonly
    def get_overview(self) -> dict:
        """Tell what the page shows to the user: what waits for them, figures, and the actions that
        open the records behind each.

        Amounts are in the currency of the user's company, except those of one agreement.

        :raise AccessError: when they do not work with rebates
        """
        self.env["rebate.accrual"].check_access("read")
        reader = find_reader(self.env.user)
        today = fields.Date.context_today(self)
        domain = own_domain(reader, self.env.user)
        adder = Adder(self.env)
        sums = add_up(self.env, domain, today, date_utils.subtract(today, years=1))
        payouts = list_payouts(self.env, reader, sums, domain, today)
        accrues = any(one.program.accrual_method != "none" for one in sums)
        runs = last_runs(self.env) if reader.proposes and accrues else {}
        overview = {
            "currency_id": adder.currency.id,
            "company": self.env.company.name,
            "today": today.isoformat(),
            "is_own": reader.is_own,
            "empty": self._prepare_empty(reader, domain, sums),
            "todos": list_todos(self.env, reader, adder, sums, payouts, runs, domain, today),
            "todos_done": not (reader.only_reads or reader.is_own),
            **self._prepare_money(reader, adder, sums, payouts, runs, domain, today),
        }
        if reader.sells or reader.only_reads:
            overview |= self._prepare_sales(reader, adder, domain, today)
        return overview | {"note": self._note(adder)}

    @api.model
    @api.readonly
    def get_near(self) -> dict:
        """Tell who is near a tier or about to miss one, of what :meth:`get_overview` told, as it is
        by now: measured live, which takes longer than to read all else.

        :raise AccessError: when they do not work with rebates
        """
        self.env["rebate.accrual"].check_access("read")
        reader = find_reader(self.env.user)
        if not reader.sells:
            return {}
        domain = own_domain(reader, self.env.user)
        return list_near(self.env, domain, fields.Date.context_today(self))

    # ------------------------------------------------------------------
    # Parts of the page
    # ------------------------------------------------------------------

    def _prepare_money(self, reader, adder, sums, payouts, runs, domain, today):
        """Values of what is owed, earned and paid."""
        ago = date_utils.subtract(today, years=1)
        rows = calendar_rows(self.env, adder, payouts, domain, today)
        values = {
            "tiles": self._prepare_tiles(reader, adder, sums, runs, domain, today, ago),
            "earnings": list_earnings(self.env, adder, sums, domain, today, ago),
            "payouts": rows[:ROWS],
            "payouts_more": max(0, len(rows) - ROWS),
            "payouts_action": opening(
                self.env._("Payouts"),
                "rebate.settlement",
                domain & Domain("state", "in", ("approved", "posted", "paid"))
                if reader.is_own
                else domain,
            ),
        }
        if not reader.is_own:
            values["payout_months"] = month_bars(self.env, adder, payouts, domain, today)
        return values

    def _prepare_tiles(self, reader, adder, sums, runs, domain, today, ago):
        """Values of the figures on top of the page."""
        running = [one for one in sums if one.runs_on(today)]
        past = [one for one in sums if one.runs_on(ago, is_past=True)]
        foreseen = adder.total(Amount(one.expected, one.currency, today) for one in running)
        before = adder.total(Amount(one.earned, one.currency, one.date_to) for one in past)
        tiles = []
        if not reader.is_own:
            tiles.append(
                {
                    "key": "liability",
                    "label": self.env._("Liability Now"),
                    "help": self.env._("Earned to date, and not yet paid, expired or released"),
                    "amount": adder.total(Amount(one.open, one.currency, today) for one in sums),
                    "action": opening(
                        self.env._("Liability Now"),
                        "rebate.accrual",
                        domain & Domain("open_amount", "!=", 0),
                    ),
                }
            )
        if reader.proposes:
            tiles.append(
                {
                    "key": "accrued",
                    "label": self.env._("In the Books"),
                    "help": self.env._(
                        "Accrued up to %s", format_date(self.env, min(runs.values()))
                    )
                    if runs
                    else self.env._("Nothing is accrued yet"),
                    "amount": adder.total(Amount(one.accrued, one.currency, today) for one in sums),
                    "action": opening(
                        self.env._("In the Books"),
                        "rebate.accrual",
                        domain & Domain("accrued_amount", "!=", 0),
                    ),
                }
            )
        tiles += [
            {
                "key": "earned",
                "label": self.env._("Earned This Period"),
                "help": self.env._("By the periods that run today, to date"),
                "amount": adder.total(Amount(one.earned, one.currency, today) for one in running),
                "foreseen": foreseen,
                "action": opening(
                    self.env._("Running Periods"),
                    "rebate.accrual",
                    running_domain(today, domain),
                ),
            },
            {
                "key": "before",
                "label": self.env._("A Year Ago"),
                "help": self.env._("Earned by the whole periods that ran on this day last year"),
                "amount": before,
                "percent": 100 * (foreseen - before) / before if before > 0 else False,
                "action": opening(
                    self.env._("Periods a Year Ago"),
                    "rebate.accrual",
                    running_domain(ago, domain),
                ),
            },
        ]
        return tiles

    def _prepare_sales(self, reader, adder, domain, today):
        """Values of whose purchases move, and who is close to a tier."""
        bought, by_month = list_purchases(self.env, adder, domain, today)
        values = {
            "days": DAYS,
            "movers": movers(self.env, bought, today),
            "purchase_months": month_lines(self.env, by_month, domain, today),
        }
        now, before = (sum(getattr(one, name) for one in bought) for name in ("now", "before"))
        values["purchases"] = {
            "key": "purchases",
            "label": self.env._("Purchases"),
            "help": self.env._("Invoiced in the last %s days, without taxes", DAYS),
            "amount": adder.currency.round(now),
            "percent": 100 * (now - before) / before if before > 0 else False,
            "action": opening(
                self.env._("Agreements"),
                "rebate.agreement",
                domain & Domain("state", "=", "active"),
            ),
        }
        if reader.sells:
            values |= watched(self.env, domain)
        return values

    def _prepare_empty(self, reader, domain, sums):
        """Values of what stands where there are no figures yet, with the next step."""
        agreements = self.env["rebate.agreement"]
        if sums or agreements.search_count(domain & Domain("state", "=", "active"), limit=1):
            return False
        if reader.is_own:
            return {
                "title": self.env._("None of your customers takes part in a program yet"),
                "text": self.env._(
                    "Here you will see what they buy, what they earn, and who is close to the next"
                    " tier."
                ),
                "button": self.env._("See the Programs"),
                "action": "rebate_management.rebate_program_action",
            }
        text = self.env._(
            "Once a program is active and distributors take part in it, this page tells what waits"
            " for you, what is owed and what goes out when."
        )
        if not reader.is_manager:
            return {
                "title": self.env._("There are no rebates yet"),
                "text": text,
                "button": self.env._("See the Programs"),
                "action": "rebate_management.rebate_program_action",
            }
        programs = self.env["rebate.program"].search_count([], limit=1)
        return {
            "title": self.env._("Enrol your first distributors")
            if programs
            else self.env._("Begin with your first program"),
            "text": text,
            "button": self.env._("To the Programs")
            if programs
            else self.env._("Choose a Template"),
            "action": "rebate_management.rebate_program_action"
            if programs
            else "rebate_management.rebate_template_action_choose",
        }

    def _note(self, adder):
        """Say which currencies were converted, and by which rates."""
        sentences = []
        if adder.foreign:
            sentences.append(
                self.env._(
                    "Amounts in %(currencies)s are converted to %(company)s: of past periods at the"
                    " rate of their last day, what was posted at that of its month's end, all else"
                    " at today's.",
                    currencies=format_list(self.env, adder.foreign.mapped("name")),
                    company=adder.currency.name,
                )
            )
        if adder.lacking:
            sentences.append(
                self.env._(
                    "Amounts in %s are left out: no exchange rate is known. Enter one under"
                    " Accounting, Configuration, Currencies.",
                    format_list(self.env, adder.lacking.mapped("name")),
                )
            )
        return " ".join(sentences)
