import { cookie } from "@web/core/browser/cookie";

/**
 * A step of a tour that has the page taken as a picture, where the test runs with SCREENSHOTS=folder;
 * see tests/common_pictures.py. It takes no time otherwise.
 *
 * @param {string} name of the file, without its ending
 * @param {string} [trigger] what must stand on the page
 */
export function picture(name, trigger = "body") {
    return {
        content: `Picture ${name}`,
        trigger,
        run: async () => {
            if (cookie.get("rebate_pictures")) {
                // What comes in with a transition has come.
                await new Promise((resolve) => setTimeout(resolve, 700));
                console.info(`picture:${name}`);
                await new Promise((resolve) => setTimeout(resolve, 1500));
            }
        },
    };
}
