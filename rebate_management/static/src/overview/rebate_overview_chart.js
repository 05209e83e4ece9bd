import { Component, onWillStart, onWillUnmount, useEffect, useRef } from "@odoo/owl";
import { loadBundle } from "@web/core/assets";
import { formatCurrency } from "@web/core/currency";

/** The colours of the page, as its stylesheet has them, for charts do not know them. */
function colorsOf(element) {
    const style = getComputedStyle(element);
    return (name) => style.getPropertyValue(`--o-rebate-chart-${name}`).trim();
}

/** Bars, or bars and a line, over months. The figures stand in a table beside it for who cannot see it. */
export class RebateOverviewChart extends Component {
    static template = "rebate_management.OverviewChart";
    static props = {
        // the last of the months that are over or run
        months: {
            type: Object,
            shape: {
                labels: { type: Array, element: String },
                current: Number,
                series: {
                    type: Array,
                    element: {
                        type: Object,
                        shape: {
                            key: String,
                            label: String,
                            // none where there is nothing to compare with
                            values: { type: Array, element: [Number, { value: null }] },
                            // that open what a bar stands for
                            actions: { type: Array, element: [Object, { value: false }] },
                        },
                    },
                },
                "*": true,
            },
        },
        currencyId: Number,
        title: String,
        open: Function,
        stacked: { type: Boolean, optional: true },
    };

    setup() {
        this.canvas = useRef("canvas");
        onWillStart(() => loadBundle("web.chartjs_lib"));
        useEffect(
            () => this.draw(),
            () => [this.props.months]
        );
        onWillUnmount(() => this.chart?.destroy());
    }

    money(amount, options) {
        return formatCurrency(amount, this.props.currencyId, options);
    }

    /** What opens what is under the pointer. */
    actionAt(event, chart) {
        const options = { intersect: true };
        const [bar] = chart.getElementsAtEventForMode(event, "nearest", options, true);
        return bar && this.props.months.series[bar.datasetIndex].actions[bar.index];
    }

    draw() {
        this.chart?.destroy();
        const color = colorsOf(this.canvas.el);
        const { current, labels, series } = this.props.months;
        this.chart = new Chart(this.canvas.el, {
            data: {
                labels,
                datasets: series.map(({ key, label, values }) => ({
                    type: key === "before" ? "line" : "bar",
                    order: key === "before" ? 0 : 1,
                    label,
                    data: values,
                    // the month that runs is not over
                    backgroundColor:
                        key === "now"
                            ? values.map((_value, month) => color(month === current ? "running" : key))
                            : color(key),
                    borderColor: color(key),
                    borderWidth: key === "before" ? 2 : 0,
                    borderRadius: 3,
                    maxBarThickness: 28,
                    pointRadius: 2,
                    tension: 0.3,
                })),
            },
            options: {
                maintainAspectRatio: false,
                animation: false,
                interaction: { mode: "index", intersect: false },
                onClick: (event, _items, chart) => {
                    const action = this.actionAt(event, chart);
                    if (action) {
                        this.props.open(action);
                    }
                },
                onHover: (event, _items, chart) => {
                    const action = this.actionAt(event, chart);
                    chart.canvas.style.cursor = action ? "pointer" : "default";
                },
                plugins: {
                    legend: {
                        position: "bottom",
                        labels: { boxWidth: 12, boxHeight: 12, color: color("text") },
                    },
                    tooltip: {
                        callbacks: {
                            label: ({ dataset, parsed }) =>
                                `${dataset.label}: ${this.money(parsed.y)}`,
                        },
                    },
                },
                scales: {
                    x: {
                        stacked: this.props.stacked,
                        grid: { display: false },
                        border: { display: false },
                        ticks: { color: color("text"), maxRotation: 0, autoSkipPadding: 12 },
                    },
                    y: {
                        stacked: this.props.stacked,
                        border: { display: false },
                        grid: { color: color("grid") },
                        ticks: {
                            color: color("text"),
                            maxTicksLimit: 5,
                            callback: (value) =>
                                this.money(value, { humanReadable: true, digits: [16, 0] }),
                        },
                    },
                },
            },
        });
    }
}
