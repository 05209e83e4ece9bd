/* Badges of our records can be read by all: see badge.scss. */

import { patch } from "@web/core/utils/patch";
import { BadgeField } from "@web/views/fields/badge/badge_field";

patch(BadgeField.prototype, {
    get badgeClass() {
        const classes = super.badgeClass;
        const isOurs = this.props.record.resModel.startsWith("rebate.");
        return isOurs ? `${classes} o_rebate_badge` : classes;
    },
});
