"""What is kept of a settlement's statement is never written again: it is part of the record."""

from base64 import b64decode
from hashlib import sha256

from odoo import api, models
from odoo.exceptions import UserError

from ...tools.trust import is_trusted
from .keeping import FIELD

# By these a file becomes another, or another's.
CONTENT = {"datas", "db_datas", "raw", "store_fname", "type", "url"}
PLACE = {"res_field", "res_id", "res_model"}


class IrAttachment(models.Model):
    _inherit = "ir.attachment"

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if vals.get("res_model") == "rebate.settlement" and vals.get("res_field") == FIELD:
                self._rebate_refuse_unless_trusted()
        return super().create(vals_list)

    def write(self, vals):
        if vals.keys() & (CONTENT | PLACE):
            statements = self._rebate_statements()
            if statements and not statements._rebate_is_same(vals):
                self._rebate_refuse_unless_trusted()
            becomes = vals.get("res_model"), vals.get("res_field")
            if becomes[1] == FIELD and becomes[0] in (None, "rebate.settlement"):
                self._rebate_refuse_unless_trusted()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_rebate_statement(self):
        # A settlement that may be deleted has no statement that was kept.
        if self._rebate_statements():
            self._rebate_refuse_unless_trusted()

    def _rebate_statements(self):
        """Those of them that are kept statements."""
        # What a file belongs to is no secret to whoever may write it.
        return self.sudo().filtered(
            lambda file: file.res_model == "rebate.settlement" and file.res_field == FIELD
        )

    def _rebate_is_same(self, vals):
        """Tell whether values leave the content as it is: so the file store may be moved."""
        if vals.keys() & (PLACE | {"db_datas", "store_fname", "type", "url"}):
            return False
        raw = vals["raw"] if "raw" in vals else b64decode(vals["datas"] or b"")
        given = sha256(raw or b"").digest()
        return all(given == sha256(file.raw or b"").digest() for file in self)

    def _rebate_refuse_unless_trusted(self):
        if not is_trusted(self.env):
            raise UserError(
                self.env._(
                    "The statement of a posted settlement is kept as it was made and can be"
                    " neither changed nor deleted. To pay something else, cancel the settlement"
                    " and run it anew."
                )
            )
