"""Page numbers for printed documents whose renderer draws none."""

from io import BytesIO

from reportlab.pdfgen.canvas import Canvas

from odoo.tools.pdf import PdfFileReader, PdfFileWriter

# Of the type and from the lower edge, in points.
SIZE, HEIGHT = 8, 28


def number_pages(content: bytes, name: str) -> bytes:
    """Write the name of a document and the number of each page at its foot.

    :param content: a PDF
    :param name: letters of Latin alphabets; what is of others is left out
    """
    name = name.encode("latin-1", "ignore").decode("latin-1")
    reader, writer = PdfFileReader(BytesIO(content)), PdfFileWriter()
    count = reader.numPages
    for place in range(count):
        page = reader.getPage(place)
        width, height = float(page.mediaBox.getWidth()), float(page.mediaBox.getHeight())
        layer = BytesIO()
        canvas = Canvas(layer, pagesize=(width, height))
        canvas.setFont("Helvetica", SIZE)
        canvas.setFillGray(0.4)
        canvas.drawCentredString(width / 2, HEIGHT, f"{name} · {place + 1} / {count}".strip(" ·"))
        canvas.save()
        layer.seek(0)
        page.mergePage(PdfFileReader(layer).getPage(0))
        writer.addPage(page)
    numbered = BytesIO()
    writer.write(numbered)
    return numbered.getvalue()
