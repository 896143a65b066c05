"""The shortlist as an Excel workbook, and the filled workbook that comes back."""
