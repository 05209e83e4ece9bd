import { registry } from "@web/core/registry";
import { ConfirmationDialog } from "@web/core/confirmation_dialog/confirmation_dialog";

// Asks before a method acts, once the server has found that it can: so nobody is asked first and
// refused then. What was open is read anew when it is done.
registry.category("actions").add(
    "rebate_ask",
    (env, { params }) =>
        new Promise((resolve, reject) => {
            env.services.dialog.add(
                ConfirmationDialog,
                {
                    title: params.title,
                    body: params.body,
                    confirmLabel: params.confirm,
                    confirm: async () => {
                        try {
                            await env.services.orm.call(params.model, params.method, [params.ids]);
                            resolve({ type: "ir.actions.act_window_close" });
                        } catch (error) {
                            reject(error);
                        }
                    },
                    cancel: () => resolve(),
                },
                { onClose: () => resolve() }
            );
        })
);
