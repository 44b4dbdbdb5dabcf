"""XLSForm, the spreadsheet format of other survey tools: read into, and written from, the plain values of
surveys/library/plan.py. Uses no database; the sentences for authors are in surveys/exchange/services.py.

`book` opens the file, `form` finds its sheets, languages and choices, `taking` reads its rows, `giving`
writes a form; `relevant` reads and writes conditions.
"""
