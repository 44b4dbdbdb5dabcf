"""XLSForm, the spreadsheet language that other survey tools speak: read into, and written from, the plain values of
surveys/library/plan.py. Thinks without a database; the sentences for authors stand in surveys/services/exchange.py.

`book` opens the file, `form` finds its sheets, languages and choices, `taking` reads its rows, `giving` writes a form;
`relevant` reads and writes conditions.
"""
