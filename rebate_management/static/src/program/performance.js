import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { formatFloat, formatInteger, formatMonetary } from "@web/views/fields/formatters";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";
import { CHART_GRID, CHART_TEXT, RebateChart, chartColor } from "../fields/chart";
import { Component, onWillStart, onWillUpdateProps, useState } from "@odoo/owl";

// How a program goes. A tab is made when it is looked at, and only then are its figures asked for.
export class RebatePerformance extends Component {
    static template = "rebate_management.Performance";
    static components = { RebateChart };
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.state = useState({ found: {} });
        onWillStart(() => this.load(this.props.record.resId));
        onWillUpdateProps(({ record }) => record.resId !== this.resId && this.load(record.resId));
    }

    async load(resId) {
        this.resId = resId;
        this.state.found = resId
            ? await this.orm.call("rebate.program", "get_performance", [[resId]])
            : {};
    }

    get found() {
        return this.state.found;
    }

    count(value) {
        return formatInteger(value);
    }

    money(value, digits) {
        return formatMonetary(value, { currencyId: this.found.currency_id, digits });
    }

    percent(value) {
        return `${formatFloat(value, { digits: [16, 2] })} %`;
    }

    get tiles() {
        const { participation, cost, forecast } = this.found;
        const { enrolled, buying, earning } = participation;
        return [
            {
                key: "enrolled",
                label: _t("Enrolled"),
                value: this.count(enrolled.count),
                note: _t("distributors"),
                open: () => this.open("rebate.agreement", _t("Enrolled"), enrolled.domain),
            },
            {
                key: "buying",
                label: _t("With purchases"),
                value: this.count(buying.count),
                note: this.share(buying.count, enrolled.count),
                open: () => this.openAccruals(_t("With purchases"), buying.domain),
            },
            {
                key: "earning",
                label: _t("Earning"),
                value: this.count(earning.count),
                note: this.share(earning.count, enrolled.count),
                open: () => this.openAccruals(_t("Earning"), earning.domain),
            },
            {
                key: "cost",
                label: _t("Cost of purchases"),
                value: this.percent(cost.percent),
                note: _t("%(earned)s of %(purchases)s", {
                    earned: this.money(cost.earned),
                    purchases: this.money(cost.purchases),
                }),
                open: () => this.openAccruals(_t("Cost of purchases"), cost.domain),
            },
            {
                key: "forecast",
                label: this.found.is_running ? _t("Forecast for the period") : _t("In the end"),
                value: this.money(forecast.earned),
                note: forecast.purchases
                    ? _t("%(percent)s of %(purchases)s", {
                          percent: this.percent(forecast.percent),
                          purchases: this.money(forecast.purchases),
                      })
                    : "",
                open: () => this.openAccruals(_t("Forecast"), cost.domain),
            },
        ];
    }

    share(part, whole) {
        return whole
            ? _t("%s of those enrolled", `${formatFloat((100 * part) / whole, { digits: [16, 0] })} %`)
            : "";
    }

    openAccruals(name, domain) {
        return this.open("rebate.accrual", name, domain);
    }

    open(resModel, name, domain) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            name,
            res_model: resModel,
            views: [
                [false, "list"],
                [false, "form"],
            ],
            domain,
            context: { create: false },
        });
    }

    axis(options) {
        return {
            beginAtZero: true,
            border: { color: CHART_GRID },
            grid: { color: CHART_GRID },
            ...options,
            ticks: { color: CHART_TEXT, ...options.ticks },
        };
    }

    scaleConfig(scale) {
        return {
            key: scale.name,
            type: "bar",
            data: {
                labels: scale.steps.map(({ short }) => short),
                datasets: [
                    {
                        label: _t("Distributors"),
                        data: scale.steps.map(({ distributors }) => distributors),
                        backgroundColor: chartColor("rate", 0.8),
                        maxBarThickness: 48,
                    },
                ],
            },
            options: {
                onClick: (_event, [bar]) =>
                    bar && this.openAccruals(scale.steps[bar.index].label, scale.steps[bar.index].domain),
                plugins: {
                    legend: { display: false },
                    tooltip: {
                        displayColors: false,
                        callbacks: {
                            title: ([{ dataIndex }]) => scale.steps[dataIndex].label,
                            afterLabel: ({ dataIndex }) =>
                                _t("Purchases: %s", this.money(scale.steps[dataIndex].purchases)),
                        },
                    },
                },
                scales: {
                    x: this.axis({ grid: { display: false } }),
                    y: this.axis({
                        ticks: { precision: 0 },
                        title: { display: true, text: _t("Distributors"), color: CHART_TEXT },
                    }),
                },
            },
        };
    }

    scaleLabel(scale) {
        return _t("Chart, distributors by tier: %s", this.sentence(scale));
    }

    sentence(scale) {
        return scale.steps.map((step) => `${step.label}: ${this.count(step.distributors)}`).join("; ");
    }

    get periodsConfig() {
        const { periods } = this.found;
        return {
            key: "periods",
            type: "bar",
            data: {
                labels: periods.map(({ label }) => label),
                datasets: [
                    {
                        label: _t("Earned"),
                        data: periods.map(({ earned }) => earned),
                        backgroundColor: chartColor("rebate", 0.7),
                        maxBarThickness: 48,
                        order: 1,
                    },
                    {
                        type: "line",
                        label: _t("In percent of purchases"),
                        data: periods.map(({ percent }) => percent),
                        borderColor: chartColor("rate"),
                        backgroundColor: chartColor("rate"),
                        yAxisID: "percent",
                        showLine: periods.length > 1,
                        order: 0,
                    },
                ],
            },
            options: {
                onClick: (_event, [bar]) =>
                    bar && this.openAccruals(periods[bar.index].label, periods[bar.index].domain),
                plugins: {
                    legend: { labels: { color: CHART_TEXT } },
                    tooltip: {
                        callbacks: {
                            label: ({ dataset, parsed }) =>
                                `${dataset.label}: ${
                                    dataset.yAxisID ? this.percent(parsed.y) : this.money(parsed.y)
                                }`,
                        },
                    },
                },
                scales: {
                    x: this.axis({ grid: { display: false } }),
                    y: this.axis({ ticks: { callback: (value) => this.money(value, [16, 0]) } }),
                    percent: this.axis({
                        position: "right",
                        grid: { display: false },
                        ticks: { callback: (value) => `${value} %` },
                    }),
                },
            },
        };
    }

    get periodsLabel() {
        return _t(
            "Chart, rebates by period: %s",
            this.found.periods
                .map(({ label, earned, percent }) => `${label}: ${this.money(earned)}, ${this.percent(percent)}`)
                .join("; ")
        );
    }
}

registry.category("view_widgets").add("rebate_performance", { component: RebatePerformance });
