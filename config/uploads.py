"""No file larger than the house can use reaches memory or disk, whatever the form behind it."""

from django.core.files.uploadhandler import FileUploadHandler, SkipFile

MAX_UPLOAD_BYTES = (
    100 * 1024 * 1024 + 1
)  # one byte more than allowed, so that the form sees that it is too large
TOO_LARGE = "nabij.upload_too_large"


class BoundedUpload(FileUploadHandler):
    """Stands before Django's own handlers. What is larger is dropped, and the request says so.

    The form behind it can't refuse by itself: the check against forged requests reads the body first.
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
