"""Documents as they are printed, or as pages, in the audit file."""

from lxml import html

STYLES = "web.report_assets_common"
STYLE = "style.css"
# Documents that are printed as PDF at once; each takes a second or two, so that of more there are
# pages. What was printed and kept before does not count.
PRINTED = 40


class Prints:
    """How many documents may still be printed as PDF; those after them are pages."""

    def __init__(self, env):
        state = env["ir.actions.report"].get_wkhtmltopdf_state()
        self._left = 0 if state == "install" else PRINTED

    def take(self):
        """Tell whether one more may be printed."""
        self._left -= 1
        return self._left >= 0


def write_report(archive, name, report, record, *, is_printed):
    """Write a report of one record as PDF or as a page.

    :param name: of the file, without its ending
    :return: its path
    """
    reports = record.env["ir.actions.report"]
    if is_printed:
        content, kind = reports._render_qweb_pdf(report, record.ids)
    else:
        content, kind = reports._render_qweb_html(report, record.ids)
    if kind == "html":
        if STYLE not in archive:
            archive.add(STYLE, _styles(record.env))
        content = _own_styles(content, depth=name.count("/"))
    return archive.add(f"{name}.{kind}", content)


def _styles(env):
    """The styles of printed pages, for all pages of the file."""
    bundle = env["ir.qweb"]._get_asset_bundle(STYLES, js=False)
    return b"\n".join(part.raw for part in bundle.css())


def _own_styles(content, depth):
    """Have a page take its styles from the file it is in, and nothing from elsewhere."""
    page = html.fromstring(content)
    for node in page.xpath("//script | //link"):
        node.drop_tree()
    link = html.Element("link", rel="stylesheet", href="../" * depth + STYLE)
    page.xpath("//head")[0].append(link)
    return html.tostring(page, doctype="<!DOCTYPE html>", encoding="utf-8")
