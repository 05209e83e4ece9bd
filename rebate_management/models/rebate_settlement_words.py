"""The terms of a program in sentences, as its statement tells them: from the frozen values, in the
language of the context."""

from decimal import Decimal

from odoo import api, models
from odoo.tools import format_amount, format_date

from .rebate_tier import format_quantity


class RebateSettlement(models.Model):
    _inherit = "rebate.settlement"

    def _terms_in_words(self, frozen):
        """Tell the terms of a program.

        :param frozen: of the settlement's snapshot, see :meth:`_freeze_terms`
        :return: sentences
        """
        self.ensure_one()
        terms = frozen.get("terms")
        if not terms:
            return []
        return [
            sentence
            for sentence in (
                self._word_period(terms),
                self._word_purchases(terms),
                self._word_tiers(terms),
                *self._word_limits(terms),
                self._word_claim(terms),
                self._word_payout(terms),
            )
            if sentence
        ]

    @api.model
    def _selected(self, model, name, value):
        return dict(self.env[model]._fields[name]._description_selection(self.env)).get(value, "")

    def _word_period(self, terms):
        values = {
            "first": format_date(self.env, terms["date_start"]),
            "last": terms.get("date_end") and format_date(self.env, terms["date_end"]),
            "period": self._selected("rebate.program", "period_type", terms["period_type"]),
            "pays": self._selected(
                "rebate.program", "settlement_period", terms["settlement_period"]
            ),
        }
        if terms.get("date_end"):
            time = self.env._("The program runs from %(first)s to %(last)s.", **values)
        else:
            time = self.env._("The program has run since %(first)s.", **values)
        if terms["period_type"] == terms["settlement_period"]:
            counting = self.env._(
                "Purchases are counted and rebates paid by: %(period)s.", **values
            )
        else:
            counting = self.env._(
                "Purchases are counted by: %(period)s. Rebates are paid by: %(pays)s.", **values
            )
        return f"{time} {counting}"

    def _word_purchases(self, terms):
        if terms["basis"] == "paid":
            when = self.env._("Purchases count, without taxes, when they are paid.")
            if terms.get("early_discount_counts"):
                discount = self.env._("A discount for early payment counts as paid.")
                when = f"{when} {discount}"
        else:
            when = self.env._("Purchases count, without taxes, when they are invoiced.")
        if terms.get("include_refunds"):
            returns = self.env._("Returns are deducted.")
        else:
            returns = self.env._("Returns are not deducted.")
        sentences = [when, returns]
        # Settlements frozen before services had a say tell nothing of them.
        if terms.get("uom_id") and "count_services" in terms:
            sentences.append(
                self.env._("Units are those of goods and services.")
                if terms["count_services"]
                else self.env._("Units are those of goods that were paid for, not of services.")
            )
        return " ".join(sentences)

    def _word_tiers(self, terms):
        return {
            "retroactive": self.env._(
                "The rate of the highest tier reached applies to all purchases of the period."
            ),
            "incremental": self.env._(
                "Each tier's rate applies to the purchases from its threshold up to the next."
            ),
            "rolling": self.env._(
                "The highest tier reached pays its rate on all purchases, and each one below it"
                " pays its own on its upper threshold."
            ),
            "total": self.env._("Every tier reached pays its rate on all purchases."),
        }.get(terms["tier_method"])

    def _word_limits(self, terms):
        limits = {
            "max_payout": self.env._("A period earns at most %s."),
            "guaranteed_payout": self.env._("A period earns at least %s."),
            "min_payout": self.env._("Less than %s is carried over to the next payout."),
        }
        words = [
            sentence % format_amount(self.env, terms[name], self.currency_id)
            for name, sentence in limits.items()
            if terms.get(name)
        ]
        if terms.get("min_payout") and terms.get("final_rest"):
            words.append(
                self.env._("What is less at the end of the agreement is paid.")
                if terms["final_rest"] == "pay"
                else self.env._("What is less at the end of the agreement is not paid.")
            )
        return words

    def _word_claim(self, terms):
        if terms.get("claim_required"):
            return self.env._(
                "The rebate is to be claimed within %s days after the period; what is not claimed"
                " by then expires.",
                terms["claim_deadline_days"],
            )
        return ""

    def _word_payout(self, terms):
        if terms["payout_method"] == "vendor_bill":
            document = self.env._("The rebate is paid as on a bill of yours.")
        else:
            document = self.env._("The rebate is paid by credit note.")
        if terms.get("payout_delay_days"):
            document = " ".join(
                [
                    document,
                    self.env._(
                        "It is due %s days after the end of what it is paid for.",
                        terms["payout_delay_days"],
                    ),
                ]
            )
        if terms["clawback_policy"] == "invoice":
            return " ".join([document, self.env._("What was paid too much is invoiced.")])
        return " ".join(
            [document, self.env._("What was paid too much is made up for by later rebates.")]
        )

    # ------------------------------------------------------------------
    # Rules
    # ------------------------------------------------------------------

    def _rule_in_words(self, rule, terms):
        """Tell what a rule counts and what reaches its tiers.

        :param rule: of the frozen terms
        :param terms: the program's frozen terms
        :return: sentences
        """
        own = rule["terms"]
        sentences = [self.env._("What counts: %s.", rule.get("counts") or "–")]
        if own.get("qualifier") == "program":
            sentences.append(self.env._("All purchases of the program choose the tier."))
        elif own.get("qualifier") == "domain":
            sentences.append(self.env._("Purchases of other products choose the tier."))
        measure = own.get("qualifier_measure") or ""
        if measure.startswith("growth"):
            sentences += self._word_growth(own)
        elif measure == "target_percent":
            sentences.append(
                self.env._("The tiers are reached by percent of the target that was agreed.")
            )
        if own.get("max_measure"):
            sentences.append(
                self.env._(
                    "Purchases beyond %s in a period earn nothing.",
                    self._word_measure(own["max_measure"], terms),
                )
            )
        return sentences

    def _word_growth(self, own):
        baseline = self._selected("rebate.rule", "baseline", own["baseline"])
        if own["baseline"] == "average":
            years = own["baseline_years"]
            # Terms that were frozen before there was a choice counted empty years as nothing.
            if own.get("baseline_skip_empty"):
                years = self.env._("%s, without empty ones", years)
            baseline = f"{baseline} ({years})"
        return [
            self.env._(
                "The tiers are reached by growth, compared with: %(baseline)s. The rate is paid"
                " on: %(reward)s.",
                baseline=baseline,
                reward=self._selected("rebate.rule", "growth_reward", own["growth_reward"]),
            )
        ]

    def _word_measure(self, value, terms):
        if terms.get("measure") == "quantity":
            unit = terms.get("uom_id")
            return format_quantity(self.env, Decimal(str(value)), unit[0]["name"] if unit else "")
        return format_amount(self.env, value, self.currency_id)
