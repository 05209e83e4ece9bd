import { cookie } from "@web/core/browser/cookie";
import { getColor, getCustomColor, hexToRGBA } from "@web/core/colors/colors";
import { loadBundle } from "@web/core/assets";
import { Component, onWillStart, onWillUnmount, useEffect, useRef } from "@odoo/owl";

const scheme = cookie.get("color_scheme");

export const CHART_TEXT = getCustomColor(scheme, "#374151", "#e4e4e4");
export const CHART_GRID = getCustomColor(scheme, "rgba(0,0,0,.1)", "rgba(255,255,255,.15)");

// Dark enough to be told from the paper: the rate, the rebate.
const SHADES = { rate: 2, rebate: 11 };

export function chartColor(name, opacity = 1) {
    const color = getColor(SHADES[name], scheme, "lg");
    return opacity === 1 ? color : hexToRGBA(color, opacity);
}

// A chart drawn by Odoo's Chart.js. Who cannot see it reads its label; the figures themselves stand
// beside it as text.
export class RebateChart extends Component {
    static template = "rebate_management.Chart";
    static props = {
        config: Object,
        label: String,
        height: { type: Number, optional: true },
    };
    static defaultProps = { height: 220 };

    setup() {
        this.canvas = useRef("canvas");
        this.chart = null;
        onWillStart(() => loadBundle("web.chartjs_lib"));
        useEffect(
            () => this.draw(),
            () => [JSON.stringify(this.props.config.data), this.props.config.key]
        );
        onWillUnmount(() => this.chart?.destroy());
    }

    draw() {
        this.chart?.destroy();
        const { type, data, options, plugins } = this.props.config;
        // Chart.js writes into what it is given.
        this.chart = new Chart(this.canvas.el, {
            type,
            data: JSON.parse(JSON.stringify(data)),
            options: { animation: false, maintainAspectRatio: false, ...options },
            plugins: plugins || [],
        });
    }
}
