"""Filters over products: what they may name, and how they are read without being evaluated.

A filter runs with all rights, because what counts for a program may not depend on who looks at it.
So it may tell nothing but what it is for: stored fields of the product and of what describes it.
"""

from ast import literal_eval
from math import isfinite

from odoo.fields import Domain
from odoo.orm.domains import DomainBool, DomainCondition, DomainNary, DomainNot

# What describes a product; of anything else a filter may name records by id, and no more.
PRODUCT_MODELS = frozenset(
    {
        "product.attribute",
        "product.attribute.value",
        "product.category",
        "product.product",
        "product.tag",
        "product.template",
        "product.template.attribute.line",
        "product.template.attribute.value",
    }
)
# Computed, but from stored tags alone: the template's and the variant's own.
ALSO_STORED = frozenset({("product.product", "all_product_tag_ids")})
NUMBERS = frozenset({"integer", "float", "monetary"})
RELATIONS = frozenset({"many2one", "many2many", "one2many"})
TYPES = NUMBERS | RELATIONS | {"boolean", "char", "date", "datetime", "html", "selection", "text"}
COMPARING = frozenset({"=", "!=", "<", ">", "<=", ">="})
AMONG = frozenset({"in", "not in"})
LIKE = frozenset({"like", "ilike", "=like", "=ilike"})
OPERATORS = COMPARING | AMONG | LIKE | {f"not {like}" for like in LIKE}
HIERARCHY = frozenset({"child_of", "parent_of"})
NESTED = frozenset({"any", "not any"})
# What the database holds as an integer, and what it compares without losing a digit.
GREATEST_INTEGER = 2**31 - 1
GREATEST_NUMBER = 10**15
LONGEST = 100_000
DEEPEST = 8


class FilterError(ValueError):
    """A filter that cannot be used."""


def read_filter(env, text, is_written=False) -> Domain:
    """Read a filter as the filter editor writes it, and check what it names.

    :param env: in whose language refusals are told
    :param text: a list of conditions on ``product.product``
    :param is_written: also check that the user of the environment, whatever rights it was given
        on top, may read every field
    :return: the domain
    :raise FilterError: with the reason and the remedy, to be told of the rule that has the filter
    """
    return _Reader(env, is_written).domain_of(text)


def named_records(env, domain) -> dict[str, set[int]]:
    """Find the records that a domain over products names by id.

    :param domain: as :func:`read_filter` returns it
    :return: ids by model
    """
    named = {}

    def collect(domain, model):
        for condition in domain.iter_conditions():
            of_model = model
            for step in condition.field_expr.split("."):
                field = of_model._fields.get(step)
                if field is not None and field.comodel_name:
                    of_model = env[field.comodel_name]
            values = condition.value
            if condition.operator in NESTED:
                collect(Domain(values), of_model)
            elif field is not None and (field.comodel_name or field.name == "id"):
                values = values if isinstance(values, list | tuple | set | frozenset) else [values]
                named.setdefault(of_model._name, set()).update(
                    value for value in values if type(value) is int and value > 0
                )

    collect(domain, env["product.product"])
    return named


class _Reader:
    """Reads one filter."""

    def __init__(self, env, is_written):
        self.env = env
        # Rights that a method was given on top are not those of who wrote the filter.
        self.writer = env(su=False) if is_written and not env.user._is_superuser() else None

    def domain_of(self, text) -> Domain:
        text = text or "[]"
        if "\0" in text or not _is_encodable(text):
            self._refuse(
                self.env._(
                    "it contains a character that no database can hold. Delete the character, or"
                    " choose the products anew with the filter editor."
                )
            )
        if len(text) > LONGEST:
            self._refuse(
                self.env._(
                    "it is longer than %s characters. Give the products a tag or a category, and"
                    " filter by that.",
                    LONGEST,
                )
            )
        try:
            domain = Domain(literal_eval(text.strip()))
        except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
            self._refuse_unreadable()
        self._check(domain, self.env["product.product"], 0)
        return domain

    def _refuse(self, reason):
        raise FilterError(reason)

    def _refuse_unreadable(self):
        self._refuse(
            self.env._("it cannot be understood. Choose the products anew with the filter editor.")
        )

    def _check(self, domain, model, depth):
        if depth > DEEPEST:
            self._refuse_unreadable()
        match domain:
            case DomainBool():
                pass
            case DomainNot():
                self._check(domain.child, model, depth + 1)
            case DomainNary():
                for child in domain.children:
                    self._check(child, model, depth)
            case DomainCondition():
                self._check_condition(domain, model, depth)
            case _:
                self._refuse_unreadable()

    def _check_condition(self, condition, model, depth):
        path, operator, value = condition.field_expr, condition.operator, condition.value
        steps = path.split(".")
        if len(steps) > DEEPEST:
            self._refuse_unreadable()
        field = None
        while steps:
            step = steps.pop(0)
            field = self._field(model, step, path)
            if not steps:
                break
            if field.type == "properties" and len(steps) == 1:
                # A property of the product is stored with it.
                self._check_value(None, path, operator, value)
                return
            if field.comodel_name not in PRODUCT_MODELS or field.type not in RELATIONS:
                self._refuse_field(path)
            model = self.env[field.comodel_name]
        if operator in NESTED:
            self._check_nested(field, path, value, depth)
        elif operator in HIERARCHY:
            of_model = field.comodel_name or model._name
            if of_model != "product.category" or (field.comodel_name is None and step != "id"):
                self._refuse_operator(path, operator)
            self._check_value(field, path, operator, value)
        elif operator not in OPERATORS:
            self._refuse_operator(path, operator)
        else:
            self._check_value(field, path, operator, value)

    def _check_nested(self, field, path, value, depth):
        if field.comodel_name not in PRODUCT_MODELS:
            self._refuse_field(path)
        try:
            nested = value if isinstance(value, Domain) else Domain(value)
        except (ValueError, TypeError):
            self._refuse_unreadable()
        self._check(nested, self.env[field.comodel_name], depth + 1)

    def _field(self, model, name, path):
        """Find the field that a step of a path names, where it may be named.

        :return: the field that is stored, which may be one of the template
        """
        field = model._fields.get(name)
        if field is None:
            self._refuse(
                self.env._(
                    "it cannot be understood, because there is no field “%(path)s” on products."
                    " Choose the products anew with the filter editor.",
                    path=path,
                )
            )
        also_stored = (model._name, name) in ALSO_STORED
        while field.inherited:
            field = field.related_field
        if not (
            model._name in PRODUCT_MODELS
            and (field.store or also_stored)
            and (field.type in TYPES or field.type == "properties")
            # the messages, activities, prices of vendors: more than the product
            and (field.type != "one2many" or field.comodel_name in PRODUCT_MODELS)
            # Who wrote a filter that runs is not known: it names what every employee may read.
            and (not field.groups or "base.group_user" in field.groups.split(","))
        ):
            self._refuse_field(path)
        if self.writer is not None:
            for checked in (self.writer[model._name], self.writer[field.model_name]):
                if not checked.has_access("read"):
                    self._refuse_field(path)
            if not self.writer[field.model_name]._has_field_access(field, "read"):
                self._refuse_field(path)
        return field

    def _check_value(self, field, path, operator, value):
        """Check that a value is plain, and one that the database can compare with the field."""
        if isinstance(value, Domain):
            self._refuse_value(path, value)
        takes_many = operator in AMONG | HIERARCHY | {"=", "!="}
        is_many = takes_many and isinstance(value, list | tuple | set | frozenset)
        values = value if is_many else [value]
        is_foreign = (
            field is not None
            and field.type in RELATIONS
            and field.comodel_name not in PRODUCT_MODELS
        )
        if is_foreign and operator not in AMONG | {"=", "!="}:
            self._refuse_operator(path, operator)
        for each in values:
            if each is not None and type(each) not in (bool, int, float, str):
                self._refuse_value(path, each)
            if isinstance(each, str):
                if is_foreign:
                    # Names of other records are searched, and those are not the product's.
                    self._refuse_value(path, each)
                if "\0" in each or not _is_encodable(each):
                    self._refuse_value(path, each)
            elif type(each) in (int, float):
                self._check_number(field, path, each)

    def _check_number(self, field, path, value):
        is_whole = field is not None and (field.type in RELATIONS or field.type == "integer")
        greatest = GREATEST_INTEGER if is_whole else GREATEST_NUMBER
        # Not converted before it is compared: a great integer is too great for a float, too.
        if not -greatest <= value <= greatest or not isfinite(value):
            self._refuse(
                self.env._(
                    "the number %(value)s for “%(field)s” is out of range. Enter a number between"
                    " %(least)s and %(greatest)s.",
                    value=str(value)[:40],
                    field=path,
                    least=-greatest,
                    greatest=greatest,
                )
            )

    def _refuse_field(self, path):
        self._refuse(
            self.env._(
                "“%(field)s” cannot be used. Filter by stored fields of the product, its category,"
                " its tags or its attributes that every employee may read, for example by its"
                " internal reference or category.",
                field=path,
            )
        )

    def _refuse_operator(self, path, operator):
        self._refuse(
            self.env._(
                "the comparison “%(operator)s” cannot be used with “%(field)s”. Choose another in"
                " the filter editor.",
                operator=operator,
                field=path,
            )
        )

    def _refuse_value(self, path, value):
        self._refuse(
            self.env._(
                "“%(value)s” is no value that “%(field)s” can be compared with. Enter a text, a"
                " number or a date, or choose a record.",
                value=str(value)[:40],
                field=path,
            )
        )


def _is_encodable(text):
    """Tell whether a text can be stored: half a character cannot."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return "\0" not in text
