"""Sending a file that was written for one answer, and is gone afterwards."""

from werkzeug.wsgi import wrap_file

from odoo.http import Response, content_disposition, request

WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


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
