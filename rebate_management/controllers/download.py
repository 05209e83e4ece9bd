"""Finding what is to be downloaded, and sending a file that was written for one answer, and is gone
afterwards."""

from werkzeug.exceptions import NotFound
from werkzeug.wsgi import wrap_file

from odoo.http import Response, content_disposition, request

WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def find(model, ids):
    """Find records that the user may read in any of their companies, in the user's language.

    :raise NotFound: when there are none
    :raise AccessError: when the user may not read them
    """
    user = request.env.user
    records = (
        request.env[model]
        .with_context(allowed_company_ids=user.company_ids.ids, lang=user.lang)
        .browse(ids)
        .exists()
    )
    if not records:
        raise NotFound
    records.check_access("read")
    return records


def send(file, name, mimetype):
    """Answer with a file, read in pieces; it is closed when it is sent.

    :param file: a temporary file, written to its end
    :param name: under which it is saved
    """
    size = file.tell()
    file.seek(0)
    return Response(
        wrap_file(request.httprequest.environ, file),
        headers=[
            ("Content-Type", mimetype),
            ("Content-Length", str(size)),
            ("Content-Disposition", content_disposition(name)),
            ("X-Content-Type-Options", "nosniff"),
            ("Cache-Control", "no-store"),
        ],
        direct_passthrough=True,
    )
