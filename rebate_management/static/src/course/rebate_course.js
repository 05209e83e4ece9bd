import { Component, onWillStart, useEffect, useRef, useState } from "@odoo/owl";
import { loadBundle } from "@web/core/assets";
import { cookie } from "@web/core/browser/cookie";
import { getColor, getCustomColor } from "@web/core/colors/colors";
import { formatFloat, formatMonetary } from "@web/views/fields/formatters";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

// One agreement's purchases month by month, added up: beside last year, the tiers and the forecast.
// It asks for its figures when it is shown, and not before.
export class RebateCourse extends Component {
    static template = "rebate_management.RebateCourse";
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        this.canvas = useRef("canvas");
        this.state = useState({ course: false, isReady: false });
        onWillStart(() => loadBundle("web.chartjs_lib"));
        useEffect(
            (id) => {
                this.load(id);
            },
            () => [this.props.record.resId]
        );
        useEffect(
            () => {
                if (!this.canvas.el) {
                    return;
                }
                const chart = new Chart(this.canvas.el, this.config);
                return () => chart.destroy();
            },
            () => [this.state.course, this.canvas.el]
        );
    }

    async load(id) {
        this.state.isReady = false;
        const course = id ? await this.orm.call("rebate.agreement", "get_course", [[id]]) : false;
        if (id === this.props.record.resId) {
            Object.assign(this.state, { course, isReady: true });
        }
    }

    // What is drawn, and told in the table for whoever does not see it.
    get series() {
        const { now, before, forecast } = this.state.course;
        return [
            { key: "now", label: _t("This period"), values: now },
            { key: "before", label: _t("A year before"), values: before },
            { key: "forecast", label: _t("Forecast"), values: forecast },
        ].filter((series) => series.values.length);
    }

    format(value) {
        const { currency_id: currencyId, unit } = this.state.course;
        if (value === null || value === undefined) {
            return "";
        }
        return currencyId
            ? formatMonetary(value, { currencyId })
            : `${formatFloat(value, { digits: [16, 2] })} ${unit}`;
    }

    get config() {
        const { labels, tiers } = this.state.course;
        const scheme = cookie.get("color_scheme");
        const text = getCustomColor(scheme, "#374151", "#E4E4E4");
        const grid = getCustomColor(scheme, "#d8dadd", "#3C3E4B");
        const main = getColor(0, scheme, "odoo");
        const styles = {
            now: { borderColor: main, backgroundColor: main, borderWidth: 3, pointRadius: 3 },
            before: { borderColor: "#8f9aa6", backgroundColor: "#8f9aa6", pointRadius: 2 },
            forecast: {
                borderColor: main,
                backgroundColor: main,
                borderDash: [6, 4],
                pointRadius: 3,
                spanGaps: true,
            },
        };
        // Tiers up to the next one that is not reached: a far one would press all else down.
        const top = Math.max(0, ...this.series.flatMap((one) => one.values));
        const highest = tiers.find((tier) => tier.threshold > top)?.threshold ?? Infinity;
        const datasets = this.series.map(({ key, label, values }) => ({
            label,
            data: values,
            borderWidth: 2,
            tension: 0,
            ...styles[key],
        }));
        for (const tier of tiers) {
            if (tier.threshold > 0 && tier.threshold <= highest) {
                datasets.push({
                    label: `${tier.label}: ${tier.rate}`,
                    data: labels.map(() => tier.threshold),
                    borderColor: tier.reached ? "#1e7e34" : "#b45309",
                    borderWidth: 1,
                    borderDash: [2, 3],
                    pointRadius: 0,
                    pointHitRadius: 0,
                    isTier: true,
                });
            }
        }
        return {
            type: "line",
            data: { labels, datasets },
            plugins: [{ id: "rebateTiers", afterDatasetsDraw: (chart) => this.drawTiers(chart, text) }],
            options: {
                maintainAspectRatio: false,
                animation: false,
                interaction: { mode: "index", intersect: false },
                layout: { padding: { top: 12 } },
                plugins: {
                    legend: {
                        position: "bottom",
                        labels: {
                            color: text,
                            filter: (item, data) => !data.datasets[item.datasetIndex].isTier,
                        },
                    },
                    tooltip: {
                        filter: (item) => !item.dataset.isTier,
                        callbacks: {
                            label: (item) => `${item.dataset.label}: ${this.format(item.raw)}`,
                        },
                    },
                },
                scales: {
                    x: { ticks: { color: text }, grid: { display: false } },
                    y: {
                        beginAtZero: true,
                        // There is room for what is written on the highest line.
                        grace: "8%",
                        ticks: {
                            color: text,
                            callback: (value) => formatFloat(value, { humanReadable: true, decimals: 1 }),
                        },
                        grid: { color: grid },
                    },
                },
            },
        };
    }

    // Each tier is written on its line.
    drawTiers(chart, color) {
        const { ctx, chartArea } = chart;
        ctx.save();
        ctx.font = "12px sans-serif";
        ctx.fillStyle = color;
        ctx.textBaseline = "bottom";
        chart.data.datasets.forEach((dataset, place) => {
            if (dataset.isTier) {
                const [point] = chart.getDatasetMeta(place).data;
                ctx.fillText(dataset.label, chartArea.left + 6, point.y - 2);
            }
        });
        ctx.restore();
    }
}

registry.category("view_widgets").add("rebate_course", { component: RebateCourse });
