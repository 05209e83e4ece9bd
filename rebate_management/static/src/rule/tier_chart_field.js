import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { formatFloat, formatMonetary } from "@web/views/fields/formatters";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { CHART_GRID, CHART_TEXT, RebateChart, chartColor } from "../fields/chart";
import { Component, onMounted, useState } from "@odoo/owl";

// What the tiers of a rule pay: the rate in steps, or the rebate over the purchases, drawn from the
// rule as it is written at the moment. The server works it out by the same rules as a payout.
export class RebateTierChartField extends Component {
    static template = "rebate_management.TierChartField";
    static components = { RebateChart };
    static props = { ...standardFieldProps };

    setup() {
        this.state = useState({ chosen: "" });
        this.modes = [
            { key: "rate", label: _t("Rate") },
            { key: "paid", label: _t("Rebate Paid") },
        ];
        onMounted(() => this.followProgram());
    }

    // A program that is being edited may have other terms by now than those it was saved with.
    followProgram() {
        const { record, readonly } = this.props;
        const program = record.evalContext.parent;
        if (
            !readonly &&
            program &&
            this.chart.rows &&
            ["method", "measure"].some(
                (name) =>
                    this.chart[name] !==
                    (name === "method" ? program.tier_method : program.measure)
            )
        ) {
            record.update({ qualifier: record.data.qualifier });
        }
    }

    get chart() {
        return this.props.record.data[this.props.name] || {};
    }

    get offered() {
        return this.modes.filter(({ key }) => this.chart[key]?.length);
    }

    get mode() {
        const keys = this.offered.map(({ key }) => key);
        return keys.includes(this.state.chosen) ? this.state.chosen : keys[0];
    }

    get isPaid() {
        return this.mode === "paid";
    }

    choose(mode) {
        this.state.chosen = mode;
    }

    money(value, digits) {
        return formatMonetary(value, { currencyId: this.chart.currency_id, digits });
    }

    formatX(value) {
        const { unit } = this.chart;
        if (unit === "money") {
            return this.money(value, [16, 0]);
        }
        return `${formatFloat(value, { digits: [16, 2], trailingZeros: false })} ${unit}`.trim();
    }

    formatY(value) {
        if (!this.isPaid && this.chart.kind === "percent") {
            return `${formatFloat(value, { digits: [16, 2], trailingZeros: false })} %`;
        }
        // A rate per unit may be finer than the smallest coin.
        return this.money(value, !this.isPaid && this.chart.kind === "per_unit" ? [16, 2] : [16, 0]);
    }

    get yTitle() {
        if (this.isPaid) {
            return _t("Rebate");
        }
        return { percent: _t("Rate"), per_unit: _t("Per unit"), fixed: _t("Lump sum") }[
            this.chart.kind
        ];
    }

    get label() {
        const steps = this.chart.rows.map(({ threshold, rate }) =>
            _t("%(rate)s from %(threshold)s", { rate, threshold })
        );
        return _t("Chart, %(title)s: %(steps)s", { title: this.yTitle, steps: steps.join("; ") });
    }

    get config() {
        const axis = (title, format) => ({
            beginAtZero: true,
            border: { color: CHART_GRID },
            grid: { color: CHART_GRID },
            ticks: { color: CHART_TEXT, maxTicksLimit: 6, callback: format },
            title: { display: true, text: title, color: CHART_TEXT },
        });
        const { x, unit, kind, currency_id: currency } = this.chart;
        const data = this.chart[this.mode];
        return {
            // How the axes are written may change where the points stay.
            key: [this.mode, x, unit, kind, currency].join("|"),
            type: "line",
            data: {
                datasets: [
                    {
                        label: this.yTitle,
                        data,
                        stepped: this.isPaid ? false : "before",
                        fill: "origin",
                        borderColor: chartColor(this.isPaid ? "rebate" : "rate"),
                        backgroundColor: chartColor(this.isPaid ? "rebate" : "rate", 0.15),
                        borderWidth: 2,
                        pointRadius: 0,
                        pointHitRadius: 12,
                    },
                ],
            },
            options: {
                interaction: { mode: "nearest", axis: "x", intersect: false },
                plugins: {
                    legend: { display: false },
                    tooltip: {
                        displayColors: false,
                        callbacks: {
                            title: ([point]) => this.formatX(point.parsed.x),
                            label: (point) => `${this.yTitle}: ${this.formatY(point.parsed.y)}`,
                        },
                    },
                },
                scales: {
                    x: {
                        ...axis(this.chart.x, (value) => this.formatX(value)),
                        type: "linear",
                        max: data[data.length - 1].x,
                    },
                    y: { ...axis(this.yTitle, (value) => this.formatY(value)), grace: "10%" },
                },
            },
        };
    }
}

registry.category("fields").add("rebate_tier_chart", {
    component: RebateTierChartField,
    displayName: _t("Chart of tiers"),
    supportedTypes: ["json"],
});
