"""What every action of ours begins with: each record once, and all of them or none."""

from functools import wraps

from odoo.exceptions import AccessError


def require_company(records):
    """Refuse records of companies in which the user does not work at the moment. Those of a parent
    company may be read, and no more.

    :param records: of a model with ``company_id``; those without a company are everybody's
    :raise AccessError: naming the first record and what to do
    """
    if records.env.su or "company_id" not in records._fields:
        return
    allowed = set(records.env.companies.ids)
    for record in records:
        # Which company a record is of is no secret to whoever may read it.
        company = record.sudo().company_id
        if company and company.id not in allowed:
            raise AccessError(
                records.env._(
                    "“%(record)s” is of company “%(company)s”, in which you do not work. Choose"
                    " that company if you may, or ask somebody who works in it.",
                    record=record.display_name,
                    company=company.display_name,
                )
            )


def acting(*operations):
    """Decorate an action on a set of records: it acts once on each, however often a client names
    it, and on none unless the user may act on all.

    The user must be able to read them and work in their company; whether more is needed, a group
    or to be named somewhere, the action itself checks.

    :param operations: what else the user must have access to, as ``"write"``
    """

    def decorate(method):
        @wraps(method)
        def act(self, *args, **kwargs):
            records = self.union()
            records.check_access("read")
            require_company(records)
            for operation in operations:
                records.check_access(operation)
            return method(records, *args, **kwargs)

        act.rebate_acting = operations
        return act

    return decorate
