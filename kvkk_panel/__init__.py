"""The customer panel: a thin third front on `core`, for the company's customers. Run by `kvkk panel serve`.

    serve.py      the process: socket, signals, uvicorn
    app.py        the wiring: routes to pages, one door for errors
    timely.py     headers that come too slowly
    desks.py      desks for worker threads, and the postman
    visit.py      one request of one visitor: language, session, form
    pages/        one module a part of the page: read the form, one call, one answer

Nothing here decides: who may do what is asked of `core` by every verb, in the transaction that does it.
"""
