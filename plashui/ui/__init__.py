"""The terminal app: the only part of plashui that knows Textual.

Each package knows only those before it:

    platform    the terminal, themes, signs, and what Textual keeps private
    model       what is shown, as plain values; the interface of the app
    widgets     the tree, the map, lists, fields, the key bar
    viewers     pages that only show: a file, a file diff, all changes
    dialogs     questions and forms; each answers once
    tabs        the tabs of the details
    store_view  the objects of the main screen: view, reader, watcher, footer, jobs
    screens     the main screen, trash, jobs, doctor, help; shells in images
    actions     the actions, one family per file, and the table of all
    application the app itself; `app` is its entry point
"""
