"""Limits upload size for every form, so that no larger file reaches memory or disk."""

from django.core.files.uploadhandler import FileUploadHandler, SkipFile

MAX_UPLOAD_BYTES = (
    100 * 1024 * 1024 + 1
)  # one byte more than allowed, so that the form sees that it is too large
TOO_LARGE = "nabij.upload_too_large"


class BoundedUpload(FileUploadHandler):
    """Upload handler that runs before Django's own. It drops a file that is too large and flags the request.

    The form can't refuse in time, because the CSRF check reads the body first.
    """

    def handle_raw_input(self, input_data, META, content_length, boundary, encoding=None):
        self.meta = META

    def new_file(self, *args, **kwargs):
        super().new_file(*args, **kwargs)
        self.received = 0

    def receive_data_chunk(self, raw_data, start):
        self.received += len(raw_data)
        if self.received > MAX_UPLOAD_BYTES:
            self.meta[TOO_LARGE] = True
            raise SkipFile
        return raw_data

    def file_complete(self, file_size):
        return None
