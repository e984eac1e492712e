"""The terminal app: the only part of plashui that knows Textual.

Each package knows only those before it:

    platform    the terminal, themes, signs, and what Textual keeps private
    model       what is shown and asked for, as plain values; the interface to the app
    widgets     what is drawn: the tree, the map, lists, fields, the key bar
    viewers     pages that only show: a file, a file diff, all changes
    dialogs     questions and forms, each of which answers once
    tabs        the tabs of the details
    store_view  what the main screen holds: view, reader, watcher, footer, jobs
    screens     the main screen, trash, jobs, doctor, help; shells in images
    actions     what one can do, a family a file, and the table of all
    application the app that holds all of it; `app` is the way in
"""
