"""Make the demo database ready for its first visitor. Run by tools/demo in an Odoo shell."""

import os

url = f"http://127.0.0.1:{os.environ['PORT']}"
parameters = env["ir.config_parameter"]
parameters.set_param("web.base.url", url)
parameters.set_param("web.base.url.freeze", "True")  # a login would set it to the name called
env["ir.qweb"]._pregenerate_assets_bundles()
env.cr.commit()
