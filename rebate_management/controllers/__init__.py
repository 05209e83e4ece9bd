from . import download, workbook
