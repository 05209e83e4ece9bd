"""A template: the terms of a program to start from, and the words that explain them."""

from markupsafe import Markup, escape

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ...tools.trust import trusted
from .kept_scope import FILTERS, SCOPE_OF
from .template_terms import is_term, terms_of, terms_to_vals, walk
from .tier_methods import TIER_METHODS


class RebateTemplate(models.Model):
    _name = "rebate.template"
    _description = "Rebate Program Template"
    _inherit = "rebate.bounds"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True, help="Also the name of the new program.")
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one(
        "res.company",
        default=lambda self: self.env.company,
        index="btree_not_null",
        help="Only this company and its branches see the template. Empty: all companies do.",
    )
    summary = fields.Text(
        string="What It Does", translate=True, help="What such a program rewards, in plain words."
    )
    example = fields.Text(
        translate=True, help="The terms of the template, applied to the purchases of one period."
    )
    advice = fields.Text(
        string="What to Adapt",
        translate=True,
        help="What to check and change in a program that was started from the template.",
    )
    terms = fields.Json(
        required=True, help="The terms of a program with its rules and their tiers."
    )
    program_type = fields.Selection(
        selection=lambda self: (
            self.env["rebate.program"]._fields["program_type"]._description_selection(self.env)
        ),
        string="Type",
        compute="_compute_program_type",
        store=True,
    )
    facts = fields.Char(compute="_compute_facts")
    tier_summary = fields.Text(string="Pays", compute="_compute_facts")
    picture = fields.Char(compute="_compute_picture")

    @api.constrains("terms")
    def _check_terms(self):
        for template in self:
            if odd := template._odd_term():
                raise ValidationError(
                    self.env._(
                        "Template “%(template)s” has a term that no program can have: %(term)s."
                        " Save the template anew from a program.",
                        template=template.display_name,
                        term=odd,
                    )
                )
            template._check_filters()

    @api.depends("terms")
    def _compute_program_type(self):
        types = self._fields["program_type"].get_values(self.env)
        for template in self:
            # Computed before the terms are checked, so they may be anything.
            terms = template.terms if isinstance(template.terms, dict) else {}
            program_type = terms.get("program_type", "volume")
            template.program_type = program_type if program_type in types else False

    @api.depends("terms")
    @api.depends_context("company", "lang")
    def _compute_facts(self):
        programs = self.env["rebate.program"]
        for template in self:
            if template._odd_term():
                # An addon that knew the term is gone; the other cards are still of use.
                template.facts = self.env._("Terms that can no longer be used")
                template.tier_summary = False
                continue
            # Amounts are written as the program would write them, in its currency.
            program = programs.new(terms_to_vals(programs, template.terms or {}))
            names = ["program_type", "period_type"]
            # How tiers apply matters to a scale of purchases only.
            if any(len(rule.tier_ids) > 1 and not rule._is_growth() for rule in program.rule_ids):
                names.append("tier_method")
            template.facts = " · ".join(
                dict(programs._fields[name]._description_selection(self.env))[program[name]]
                for name in names
            )
            template.tier_summary = "\n".join(
                f"{rule.name}: {rule.tier_summary}" for rule in program.rule_ids
            )

    @api.depends("terms")
    def _compute_picture(self):
        for template in self:
            terms = template.terms or {}
            # Of an addon that is gone nothing is known.
            method = TIER_METHODS.get(terms.get("tier_method"))
            is_stepped = template.program_type == "volume" and method and method.is_stepped
            template.picture = "tiered" if is_stepped else template.program_type

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_create_program(self):
        """Start a draft program from the template and open it.

        :raise UserError: when the template's terms can no longer be used
        """
        program = self._create_program()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "rebate_management.rebate_program_action"
        )
        return action | {"views": [(False, "form")], "res_id": program.id}

    # ------------------------------------------------------------------
    # Business methods
    # ------------------------------------------------------------------

    def _create_program(self):
        """Create a draft program with the terms of the template, for this fiscal year.

        :return: the program, of the company one works in
        """
        self.ensure_one()
        company = self.env.company
        if self.company_id and self.company_id not in company.parent_ids:
            # One works in several companies at once and chose the template of another of them.
            company = self.company_id
        program = (
            self.env["rebate.program"]
            .with_company(company)
            .create(self._prepare_program_vals(company))
        )
        trusted(program).template_id = self
        self._translate(program)
        return program

    def _prepare_program_vals(self, company):
        """Prepare a program of a company.

        :raise UserError: when the template names only products that are gone
        """
        self.ensure_one()
        year = company.compute_fiscalyear_dates(fields.Date.context_today(self))
        return self._usable_terms() | {
            "name": self.name,
            "note": self._note(),
            "company_id": company.id,
            "date_start": year["date_from"],
            "date_end": year["date_to"],
        }

    def _note(self):
        """Write what the program is told about itself, as HTML."""
        self.ensure_one()
        paragraphs = (
            (None, self.summary),
            (self.env._("Example"), self.example),
            (self.env._("What to adapt"), self.advice),
        )
        return Markup().join(
            Markup("<p>%s%s</p>")
            % (
                Markup("<b>%s.</b> ") % title if title else "",
                escape(text).replace("\n", Markup("<br/>")),
            )
            for title, text in paragraphs
            if text
        )

    def _translate(self, program):
        """Give a new program its name and note in every language that the template speaks."""
        installed = [lang for lang, _label in self.env["res.lang"].get_installed()]
        spoken = {lang: self.with_context(lang=lang) for lang in installed}
        program.update_field_translations(
            "name", {lang: template.name for lang, template in spoken.items()}
        )
        translations = {lang: {} for lang in spoken}
        for term, others in (
            program._fields["note"]
            .get_translation_dictionary(
                program.note or "", {lang: template._note() for lang, template in spoken.items()}
            )
            .items()
        ):
            for lang, translation in others.items():
                translations[lang][term] = translation
        program.update_field_translations("note", translations, source_lang=self.env.lang)

    # ------------------------------------------------------------------
    # The terms of a template: what of a program they are, as JSON and as values of a new program
    # ------------------------------------------------------------------

    def _check_filters(self):
        """Refuse filters that the user could not write in a rule.

        :raise ValidationError: naming template, rule, filter, field and remedy
        """
        self.ensure_one()
        rules = self.env["rebate.rule"]
        try:
            for rule in (self.terms or {}).get("rule_ids", ()):
                for name in FILTERS:
                    rules._check_text(name, rule.get(name), rule.get("name"))
        except ValidationError as error:
            raise ValidationError(
                self.env._(
                    "Template “%(template)s”: %(error)s", template=self.display_name, error=error
                )
            ) from error

    def _odd_term(self):
        """Find a term that no program can have, as a text; None where all is well."""
        self.ensure_one()
        return next(
            (
                f"{name or '–'}: {value}"
                for model, name, value in walk(self.env["rebate.program"], self.terms or {})
                if not is_term(model, name, value)
            ),
            None,
        )

    @api.model
    def _terms_of(self, record):
        """Write down the terms of a program, a rule or a tier, see :func:`terms_of`."""
        return terms_of(record)

    def _usable_terms(self):
        """Turn the terms into values of a program, without the products that are gone.

        :raise UserError: when a rule names nothing else, so that it would count everything
        """
        self.ensure_one()
        self._check_terms()
        program = self.env["rebate.program"]
        named = {}
        for model, name, value in walk(program, self.terms):
            comodel = model._fields[name].comodel_name
            if comodel and value:
                ids = value if isinstance(value, list) else [value]
                named[comodel] = named.get(comodel, self.env[comodel]).union(
                    self.env[comodel].browse(ids)
                )
        there = {comodel: set(records.exists().ids) for comodel, records in named.items()}
        vals = terms_to_vals(program, self.terms, there)
        rules = zip(self.terms.get("rule_ids", ()), vals.get("rule_ids", ()), strict=True)
        for terms, (_command, _id, rule_vals) in rules:
            self._check_scope(terms, rule_vals)
        return vals

    def _check_scope(self, terms, vals):
        """Refuse a rule of which all that limited it is gone."""
        if (
            any(terms.get(name) for name in SCOPE_OF.values())
            and not any(vals[name][0][2] for name in SCOPE_OF.values() if name in vals)
            and (terms.get("product_domain") or "[]").strip() == "[]"
        ):
            raise UserError(
                self.env._(
                    "Template “%(template)s”: the products that rule “%(rule)s” counts no longer"
                    " exist, so it would count everything. Save the template anew from a program,"
                    " or archive it.",
                    template=self.display_name,
                    rule=terms.get("name") or "",
                )
            )
