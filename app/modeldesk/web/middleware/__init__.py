"""The layers around every request: ids, headers, guards, compression, errors as answers."""
