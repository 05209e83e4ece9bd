from . import audit, download, workbook
