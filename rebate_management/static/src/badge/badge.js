import { patch } from "@web/core/utils/patch";
import { BadgeField } from "@web/views/fields/badge/badge_field";

// The badges of our records can be told from those of Odoo, so that only ours are made readable.
patch(BadgeField.prototype, {
    get badgeClass() {
        const badgeClass = super.badgeClass;
        return this.props.record.resModel.startsWith("rebate.")
            ? `${badgeClass} o_rebate_badge`
            : badgeClass;
    },
});
