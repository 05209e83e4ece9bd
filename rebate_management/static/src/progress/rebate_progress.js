import { Component } from "@odoo/owl";

// Pixels that a bar has at least, and those of a character of a tier's label.
const WIDTH = 260;
const CHARACTER = 7;

// How far a distributor is on the way from nothing to the highest tier.
//
// `steps`: {value, scale, tiers: [{threshold, label, rate, reached}], value_label, forecast}, all in
// what reaches the tiers; and, where known, forecast_label, pipeline and pipeline_label (ordered,
// not yet invoiced), rule (of which the tiers are), text (all of it in words).
export class RebateProgress extends Component {
    static template = "rebate_management.RebateProgress";
    static props = {
        steps: { type: [Object, Boolean], optional: true },
        // A bar alone: in a row of a table.
        isCompact: { type: Boolean, optional: true },
        // Without the value above it, where that is told beside it.
        isBare: { type: Boolean, optional: true },
    };

    get steps() {
        return this.props.steps;
    }

    get percent() {
        return this.place(this.steps.value);
    }

    get pipeline() {
        return this.steps.pipeline
            ? this.place(this.steps.value + this.steps.pipeline) - this.percent
            : 0;
    }

    get forecast() {
        return this.steps.forecast > this.steps.value ? this.place(this.steps.forecast) : false;
    }

    get text() {
        const { text, value_label, tiers } = this.steps;
        return text || [value_label, ...tiers.map((tier) => `${tier.label}: ${tier.rate}`)].join("; ");
    }

    // The marks of the tiers; labels that would cover another are left to the tooltip.
    get marks() {
        const marks = this.steps.tiers.map((tier, key) => ({
            ...tier,
            key,
            left: this.place(tier.threshold),
        }));
        const next = marks.find((mark) => !mark.reached);
        const reached = marks.findLast((mark) => mark.reached);
        const shown = [];
        for (const mark of [next, marks.at(-1), reached, ...marks]) {
            if (!mark || shown.includes(mark)) {
                continue;
            }
            const length = Math.max(mark.label.length, mark.rate.length);
            const part = Math.min(100, (100 * (length + 1) * CHARACTER) / WIDTH);
            mark.from = Math.min(Math.max(0, mark.left - part / 2), 100 - part);
            mark.to = mark.from + part;
            if (shown.every((other) => mark.from >= other.to || mark.to <= other.from)) {
                shown.push(mark);
            }
        }
        for (const mark of marks) {
            mark.isLabelled = shown.includes(mark);
            mark.align = mark.from <= 0 ? "start" : mark.to >= 100 ? "end" : "center";
        }
        return marks;
    }

    place(value) {
        const { scale } = this.steps;
        return scale > 0 ? Math.min(100, Math.max(0, (100 * value) / scale)) : 0;
    }
}
